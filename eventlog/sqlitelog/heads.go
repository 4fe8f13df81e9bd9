package sqlitelog

import (
	"sync"

	"lobby.example/eventlog"
)

// head is where a stream is: its number in the file, 0 for one without events,
// and the revision of its last event.
type head struct {
	stream   int64
	revision eventlog.Revision
}

// heads remembers where streams are, so that a look at a stream's tail and the
// check before an append need no SQL. What it knows is exact: the writer puts
// every commit in before it answers.
//
// Two generations bound it. What is used moves to the young one; when that is
// full it becomes the old one, and the former old one is dropped.
type heads struct {
	mu         sync.RWMutex
	bound      int
	generation uint64
	young, old map[string]head
}

func newHeads(bound int) *heads { return &heads{bound: bound, young: map[string]head{}} }

// get answers from memory. The generation is for offer, after a miss.
func (h *heads) get(stream string) (found head, generation uint64, ok bool) {
	h.mu.RLock()
	found, ok = h.young[stream]
	if ok || h.old == nil {
		generation = h.generation
		h.mu.RUnlock()
		return found, generation, ok
	}
	h.mu.RUnlock()

	h.mu.Lock()
	defer h.mu.Unlock()
	if found, ok = h.young[stream]; ok {
		return found, h.generation, true
	}
	if found, ok = h.old[stream]; ok {
		h.put(stream, found)
	}
	return found, h.generation, ok
}

// offer takes what a reader found in the file after a miss. Meanwhile the writer
// may have put in something newer, which stays; and that cannot have been put in
// and dropped again unless the generation changed, in which case the offer is
// declined.
func (h *heads) offer(stream string, found head, generation uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if generation != h.generation {
		return
	}
	if known, ok := h.young[stream]; !ok || known.revision < found.revision {
		h.put(stream, found)
	}
}

// committed takes where the writer left streams, and publishes what moved them
// meanwhile: nobody finds an event in its stream but not in the order of all
// events, or the other way round.
func (h *heads) committed(moved map[string]head, publish func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for stream, at := range moved {
		h.put(stream, at)
	}
	publish()
}

func (h *heads) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.generation++
	h.young, h.old = map[string]head{}, nil
}

func (h *heads) put(stream string, at head) {
	h.young[stream] = at
	if len(h.young) >= h.bound {
		h.generation++
		h.young, h.old = make(map[string]head, h.bound), h.young
	}
}
