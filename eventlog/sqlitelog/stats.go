package sqlitelog

import "sync/atomic"

// Stats counts what a log did since it was opened.
type Stats struct {
	Appends uint64 // answered without an error, retries not included
	Events  uint64 // written
	Commits uint64 // transactions, each with one fsync of the write-ahead log, and two more now and then
}

type counts struct{ appends, events, commits atomic.Uint64 }

// Stats answers at once, from memory.
func (l *Log) Stats() Stats {
	return Stats{
		Appends: l.counts.appends.Load(),
		Events:  l.counts.events.Load(),
		Commits: l.counts.commits.Load(),
	}
}
