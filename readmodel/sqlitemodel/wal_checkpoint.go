package sqlitemodel

import (
	"context"
	"sync/atomic"
)

// rowsBetweenCheckpoints are written before the write-ahead log is copied into the
// file. A row changes one to three pages of 4 KiB, so they are some tens of megabytes.
// A page that many transactions changed is copied once, so rarer costs less.
const rowsBetweenCheckpoints = 16000

// checkpointer copies the write-ahead log into the file beside the writer. Where
// the writer does it, SQLite's way, one commit of every few hundred waits for all
// of the pages and two syncs, 50 ms. But what the writer adds meanwhile is not
// copied, and the log begins anew only once nothing in it is left to copy. So the
// writer copies that little itself, right afterwards; a writer that never rests
// would make the log longer and longer otherwise.
type checkpointer struct {
	due  chan struct{}
	rows int         // since the last time; of who holds the writer
	rest atomic.Bool // is left for the writer to copy
}

func (p *checkpointer) wrote(rows int) {
	if p.rows += rows; p.rows < rowsBetweenCheckpoints {
		return
	}
	select {
	case p.due <- struct{}{}:
		p.rows = 0
	default: // still at it
	}
}

// committed is called by the writer.
func (p *checkpointer) committed(c *connection) {
	if p.rest.CompareAndSwap(true, false) {
		c.exec(context.Background(), copyLog)
	}
}

// Where it fails the log stays longer, and the writer finds out why.
const copyLog = "pragma wal_checkpoint(passive)"

// run works until the store is closed.
func (p *checkpointer) run(c *connection, closed <-chan struct{}) {
	defer c.Close()
	for {
		select {
		case <-p.due:
			for range 2 { // the second time there is little left to copy
				c.exec(context.Background(), copyLog)
			}
			p.rest.Store(true)
		case <-closed:
			return
		}
	}
}
