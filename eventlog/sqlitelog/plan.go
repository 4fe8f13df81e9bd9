package sqlitelog

import (
	"time"

	"lobby.example/eventlog"
)

// plan is what one transaction will write.
type plan struct {
	events     []eventlog.Recorded
	streamOf   []int64
	names      []string // of new streams, with numbers up to lastStream
	moved      map[string]head
	first      []uint64 // of each request: the position of its first event, or 0 if it is not written
	last       uint64
	lastStream int64
	index      bool // the events before this plan's are to be indexed
}

// plan gives every request that is right its place, each seeing those before it.
func (w *writer) plan() (*plan, error) {
	if w.doubtful {
		if err := w.recall(); err != nil {
			return nil, err
		}
	}
	p := &plan{moved: map[string]head{}, first: make([]uint64, len(w.group)), last: w.last, lastStream: w.lastStream}
	p.index = w.last-w.indexed >= w.log.bounds.indexEvery || w.unindexed >= w.log.bounds.indexBytes
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i, r := range w.group {
		at, err := w.headIn(p, r.stream)
		if err != nil {
			return nil, err
		}
		if at.revision != r.expected {
			continue
		}
		if at.stream == 0 {
			p.lastStream++
			at.stream = p.lastStream
			p.names = append(p.names, r.stream)
		}
		p.first[i] = p.last + 1
		for _, e := range r.events {
			p.last++
			at.revision++
			p.events = append(p.events, eventlog.Recorded{Event: e, Stream: r.stream, Revision: at.revision, Position: w.log.identity.At(p.last, p.last), Time: now})
			p.streamOf = append(p.streamOf, at.stream)
		}
		p.moved[r.stream] = at
	}
	return p, nil
}

func (w *writer) headIn(p *plan, stream string) (head, error) {
	if at, ok := p.moved[stream]; ok {
		return at, nil
	}
	if at, _, ok := w.log.heads.get(stream); ok {
		return at, nil
	}
	return w.log.findHead(w.headOf, stream)
}
