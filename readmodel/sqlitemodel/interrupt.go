package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"errors"
	"reflect"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// handle finds SQLite's own handle behind the driver's connection. The driver
// interrupts a statement only for a context given with it, and pays a goroutine
// for each: more than the query of one row costs. One watch over all statements
// of a View costs nothing to speak of, but has to call SQLite itself.
func handle(conn driver.Conn) (uintptr, error) {
	db := reflect.Indirect(reflect.ValueOf(conn)).FieldByName("db")
	if !db.IsValid() || db.Kind() != reflect.Uintptr || db.Uint() == 0 {
		return 0, errors.New("the driver's connection is not what it was: there is no handle in it")
	}
	return uintptr(db.Uint()), nil
}

// interruptAfter ends what runs on the connection, and what is started on it
// before its snapshot is closed, once the context ends. After stop has returned
// nothing is interrupted any more.
func (c *connection) interruptAfter(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	interrupted := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		tls := libc.NewTLS()
		defer tls.Close()
		sqlite3.Xsqlite3_interrupt(tls, c.handle)
	})
	return func() {
		if !forget() {
			<-interrupted
		}
	}
}
