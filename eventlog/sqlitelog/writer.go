package sqlitelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"lobby.example/eventlog"
)

const (
	queueLength = 1024     // appends that may wait; more wait in front of the queue
	groupEvents = 4096     // events of one transaction, unless one append has more
	groupBytes  = 16 << 20 // of data and metadata in one transaction, likewise
)

// writer is the one goroutine that writes. Nothing else changes the file.
type writer struct {
	log        *Log
	conn       *sql.Conn
	begin      *sql.Stmt
	commit     *sql.Stmt
	rollback   *sql.Stmt
	headOf     *sql.Stmt
	events     inserter
	streams    inserter
	index      *sql.Stmt
	indexedTo  *sql.Stmt
	last       uint64 // position of the last committed event
	lastStream int64
	indexed    uint64 // position up to which the index goes
	unindexed  int    // bytes after it
	doubtful   bool   // after a failure: memory must be compared with the file
	group      []*request
}

func newWriter(ctx context.Context, l *Log) (w *writer, err error) {
	w = &writer{log: l}
	if w.conn, err = l.write.Conn(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.conn.Close()
		}
	}()
	for text, into := range map[string]**sql.Stmt{
		"begin immediate": &w.begin, "commit": &w.commit, "rollback": &w.rollback,
		selectHead: &w.headOf, indexEvents: &w.index, "update log set indexed = $1": &w.indexedTo,
	} {
		if *into, err = w.conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	if w.events, err = prepareInserts(ctx, w.conn, "event (position, stream, revision, id, kind, time, data, metadata)", 8); err != nil {
		return nil, err
	}
	if w.streams, err = prepareInserts(ctx, w.conn, "stream (id, name)", 2); err != nil {
		return nil, err
	}
	if err = w.conn.QueryRowContext(ctx, "select indexed from log").Scan(&w.last); err != nil {
		return nil, err
	}
	l.recent = newRecent(l.bounds.recentBytes, w.last)
	return w, w.recall()
}

// recall takes from the file what the writer otherwise keeps in memory, and
// publishes what was not known: after a failure what SQLite says was committed
// counts, and at the start it is what the index does not have.
func (w *writer) recall() error {
	var last uint64
	if err := w.conn.QueryRowContext(context.Background(), selectLog).Scan(&w.indexed, &last, &w.lastStream); err != nil {
		return err
	}
	w.log.heads.forget()
	for w.last < last {
		events, err := w.log.scan(&w.log.inAll, eventlog.Forward, int64(w.last+1), int64(last), w.log.bounds.readPage)
		if err != nil {
			return err
		}
		w.publish(events)
	}
	w.doubtful = false
	return nil
}

func (w *writer) publish(events []eventlog.Recorded) {
	w.last = events[len(events)-1].Position.Commit()
	for i := range events {
		w.unindexed += size(&events[i])
	}
	w.log.publish(events, w.indexed)
}

func (w *writer) run() {
	defer close(w.log.stopped)
	defer w.conn.Close()
	for {
		select {
		case <-w.log.closing:
			return
		case f := <-w.log.control:
			f(w)
		case r := <-w.log.queue:
			w.gather(r)
			w.write()
		}
	}
}

// gather takes what waits, within the bounds of one transaction. Before it stops
// it lets others run once: those who were just answered then get into this group,
// not the next, which makes groups of many writers about a third larger.
func (w *writer) gather(r *request) {
	w.group = append(w.group[:0], r)
	events, bytes := len(r.events), r.bytes
	for waited := false; events < groupEvents && bytes < groupBytes; {
		select {
		case r := <-w.log.queue:
			w.group = append(w.group, r)
			events, bytes = events+len(r.events), bytes+r.bytes
			continue
		default:
		}
		if waited {
			return
		}
		waited = true
		runtime.Gosched()
	}
}

// write commits the group, makes it known, and answers, in this order: who gets
// an answer finds the events wherever they look.
func (w *writer) write() {
	l := w.log
	p, err := w.plan()
	if err == nil && len(p.events) > 0 {
		err = w.transact(p)
	}
	if err != nil {
		if isFull(err) {
			err = fmt.Errorf("%w: %w", eventlog.ErrFull, err)
		}
		err = fmt.Errorf("sqlitelog: append: %w", err)
	} else if len(p.events) > 0 {
		w.lastStream = p.lastStream
		if p.index {
			w.indexed, w.unindexed = w.last, 0
		}
		l.heads.committed(p.moved, func() { w.publish(p.events) })
		l.counts.commits.Add(1)
		l.counts.events.Add(uint64(len(p.events)))
	}
	for i, r := range w.group {
		o := outcome{err: err}
		if err == nil {
			o.first, o.elsewhere = p.first[i], p.first[i] == 0
		}
		if err == nil && !o.elsewhere {
			l.counts.appends.Add(1)
		}
		r.done <- o
	}
	clear(w.group)
}

func (w *writer) transact(p *plan) (err error) {
	if _, err := w.begin.Exec(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.doubtful = true
			w.rollback.Exec() // fails where SQLite has rolled back already
		}
	}()
	first := p.lastStream - int64(len(p.names))
	err = w.streams.insert(len(p.names), func(args []any, i int) {
		args[0], args[1] = first+int64(i)+1, p.names[i]
	})
	if err != nil {
		return err
	}
	err = w.events.insert(len(p.events), func(args []any, i int) {
		e := &p.events[i]
		args[0], args[1], args[2], args[3] = int64(e.Position.Commit()), p.streamOf[i], int64(e.Revision), e.ID[:]
		args[4], args[5], args[6], args[7] = e.Kind, e.Time.UnixMicro(), orNull(e.Data), orNull(e.Metadata)
	})
	if err != nil {
		return err
	}
	if p.index {
		if _, err := w.index.Exec(int64(w.indexed), int64(w.last)); err != nil {
			return err
		}
		if _, err := w.indexedTo.Exec(int64(w.last)); err != nil {
			return err
		}
	}
	_, err = w.commit.Exec()
	return err
}

// isFull reports whether it is room that was missing.
func isFull(err error) bool {
	code := (*sqlite.Error)(nil)
	return errors.As(err, &code) && code.Code()&0xff == sqlite3.SQLITE_FULL
}

func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}
