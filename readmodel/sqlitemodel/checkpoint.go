package sqlitemodel

import "context"

// rowsBetweenCheckpoints are written before the write-ahead log is copied into the
// file. A row changes a few pages of 8 KiB, so they are some tens of megabytes at most.
const rowsBetweenCheckpoints = 2000

// checkpointer copies the write-ahead log into the file beside the writer. Where
// the writer does it, SQLite's way, one commit of every few hundred waits for all
// of the pages and two syncs, 50 ms. What the writer adds meanwhile stays for the
// next time, so a writer that never rests would make the log longer and longer:
// past its own, far bound it copies what is left, and the log begins anew.
type checkpointer struct {
	due  chan struct{}
	rows int // since the last time; of who holds the writer
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

// run works until the store is closed.
func (p *checkpointer) run(c *connection, closed <-chan struct{}) {
	defer c.Close()
	for {
		select {
		case <-p.due:
			// Where it fails the log stays longer, and the writer finds out why.
			c.exec(context.Background(), "pragma wal_checkpoint(passive)")
		case <-closed:
			return
		}
	}
}
