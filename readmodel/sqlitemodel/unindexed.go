package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"sync"

	"modernc.org/sqlite"

	"lobby.example/readmodel"
)

// Every search looks through what is not indexed yet, so there must not be much of
// it: at these bounds that takes about as long as a search otherwise does.
const (
	unindexedRows  = 512
	unindexedBytes = 256 << 10 // of words, and whatever text stands beside them
)

// unindexed counts what has been written to tables that are searched since their
// words were last indexed. It belongs to whoever holds the writer.
type unindexed struct{ rows, bytes int }

func (u *unindexed) wrote(w *readmodel.Write) {
	if w.Table.Search == "" {
		return
	}
	u.rows += w.Rows
	for _, value := range w.Values {
		if text, ok := value.(string); ok {
			u.bytes += len(text)
		}
	}
}

// unknown is how much it is when a store was just opened, and after a transaction
// that failed: enough to be indexed with the next one.
func (u *unindexed) unknown() { u.rows = unindexedRows }

func (u *unindexed) many() bool { return u.rows >= unindexedRows || u.bytes >= unindexedBytes }

// index indexes all of it.
func (u *unindexed) index(c *connection, tables []*readmodel.Table) error {
	for _, t := range tables {
		if t.Search == "" {
			continue
		}
		names := searchNames(t)
		for _, statement := range indexWords {
			if _, err := c.exec(context.Background(), names.Replace(statement)); err != nil {
				return err
			}
		}
	}
	*u = unindexed{}
	return nil
}

// searching is the driver with what a search calls. It is one of this package's
// own, so other users of SQLite in the program do not see the function.
var searching = sync.OnceValue(func() *sqlite.Driver {
	d := new(sqlite.Driver)
	d.MustRegisterFunction("has_terms", &sqlite.FunctionImpl{
		NArgs: 2, Deterministic: true, VolatileArgs: true,
		Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			words, _ := args[0].(string)
			query, _ := args[1].(string)
			return hasTerms(words, query), nil
		},
	})
	return d
})
