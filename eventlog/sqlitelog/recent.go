package sqlitelog

import (
	"slices"
	"sync"

	"lobby.example/eventlog"
)

// recordBytes is what an event in memory takes beside its data.
const recordBytes = 256

// recent holds the newest events, without a gap up to the last: for followers
// close to the head, and for whoever reads the end of a stream. Every event that
// the index of streams does not have yet is among them.
type recent struct {
	bound   int // of bytes
	mu      sync.Mutex
	last    uint64 // the last committed position
	indexed uint64 // the last position that the index has
	entries []entry
	bytes   int
	streams map[string]uint64 // the last position of each stream, after indexed
	more    chan struct{}     // closed at the next commit
}

// entry is never changed once it is published, so it is read without the lock.
type entry struct {
	eventlog.Recorded
	previous uint64 // in the same stream and after indexed, or 0
}

func newRecent(bound int, indexed uint64) *recent {
	return &recent{bound: bound, last: indexed, indexed: indexed, streams: map[string]uint64{}, more: make(chan struct{})}
}

func size(e *eventlog.Recorded) int { return len(e.Data) + len(e.Metadata) + recordBytes }

// publish makes committed events known, in the order of their positions, and how
// far the index goes now.
func (r *recent) publish(events []eventlog.Recorded, indexed uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if indexed != r.indexed {
		r.indexed, r.streams = indexed, map[string]uint64{}
	}
	for i := range events {
		e := entry{Recorded: events[i], previous: r.streams[events[i].Stream]}
		r.last = e.Position.Commit()
		r.streams[e.Stream] = r.last
		r.bytes += size(&e.Recorded)
		r.entries = append(r.entries, e)
	}
	drop, first := 0, r.first()
	for ; r.bytes > r.bound && first+uint64(drop) <= r.indexed; drop++ {
		r.bytes -= size(&r.entries[drop].Recorded)
	}
	r.entries = r.entries[drop:] // readers may still look at what was dropped
	close(r.more)
	r.more = make(chan struct{})
}

func (r *recent) first() uint64 { return r.last - uint64(len(r.entries)) + 1 }

func (r *recent) head() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// after gives copies of the events that follow a position, at most limit of them
// and about readBytes. Where inMemory is false, they must be read from the file;
// where last equals the position there are none, and more says when.
func (r *recent) after(position uint64, limit int) (events []eventlog.Recorded, last uint64, more <-chan struct{}, inMemory bool) {
	r.mu.Lock()
	entries, first := r.entries, r.first()
	last, more = r.last, r.more
	r.mu.Unlock()
	switch {
	case position == last:
		return nil, last, more, true
	case position+1 < first:
		return nil, last, more, false
	}
	entries = entries[position+1-first:]
	entries = entries[:min(limit, len(entries))]
	return copyEvents(len(entries), func(i int) *eventlog.Recorded { return &entries[i].Recorded }), last, more, true
}

// ofStream finds the events of a stream from low to high that the index may not
// have, which are the newest, oldest first. All before them it has.
func (r *recent) ofStream(stream string, low, high eventlog.Revision) (found []*entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.first()
	for position := r.streams[stream]; position != 0; {
		e := &r.entries[position-first]
		if e.Revision < low {
			break
		}
		if e.Revision <= high {
			found = append(found, e)
		}
		position = e.previous
	}
	slices.Reverse(found)
	return found
}

// newest is the revision of a stream's last event that the index may not have, or NoStream.
func (r *recent) newest(stream string) eventlog.Revision {
	r.mu.Lock()
	defer r.mu.Unlock()
	if position := r.streams[stream]; position != 0 {
		return r.entries[position-r.first()].Revision
	}
	return eventlog.NoStream
}

func copyEvents(n int, at func(i int) *eventlog.Recorded) []eventlog.Recorded {
	bytes := 0
	for i := range n {
		if bytes >= readBytes {
			n = i
			break
		}
		bytes += len(at(i).Data) + len(at(i).Metadata)
	}
	var memory arena
	memory.reserve(bytes)
	copies := make([]eventlog.Recorded, n)
	for i := range copies {
		copies[i] = *at(i)
		copies[i].Data, copies[i].Metadata = memory.copy(copies[i].Data), memory.copy(copies[i].Metadata)
	}
	return copies
}
