package esdblog

import (
	"context"
	"fmt"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// horizon is what is known of the newest event that is seen: among everything at or
// before scanned, it is at head. An append that was acknowledged, and each look at
// the end of the log, move both on, so that what others write into a shared cluster
// is looked at once, however often the head is asked for.
type horizon struct {
	mu      sync.Mutex
	head    eventlog.Position
	scanned eventlog.Position
}

func (h *horizon) known() (head, scanned eventlog.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head, h.scanned
}

func (h *horizon) move(head, scanned eventlog.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if scanned.Compare(h.scanned) > 0 {
		h.head, h.scanned = head, scanned
	}
}

// forget is for a log that ends before what is known of it: an older backup was
// restored in its place.
func (h *horizon) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head, h.scanned = eventlog.Position{}, eventlog.Position{}
}

// acknowledged takes the position of an event that is seen.
func (h *horizon) acknowledged(p eventlog.Position) { h.move(p, p) }

// Head implements eventlog.Log. It reads backward from the end of everything, to
// the newest event that is seen or to where it looked the last time.
func (l *Log) Head(ctx context.Context) (eventlog.Position, error) {
	head, scanned := l.horizon.known()
	s := l.backward(esdb.End{}, l.options.bounds.headPage)
	for end := (eventlog.Position{}); ; {
		events, err := s.next(ctx)
		if err != nil {
			return eventlog.Position{}, err
		}
		if end.IsZero() && len(events) > 0 {
			end = l.at(events[0].Position)
		}
		if end.Compare(scanned) < 0 {
			l.horizon.forget()
			head, scanned = l.horizon.known()
		}
		for _, e := range events {
			if l.at(e.Position).Compare(scanned) <= 0 {
				s.ended = true
				break
			}
			if stream, ok := l.filter.stream(e.StreamID); ok && l.filter.sees(stream) {
				head, s.ended = l.at(e.Position), true
				break
			}
		}
		if s.ended {
			l.horizon.move(head, end)
			return head, nil
		}
	}
}

// end is where the last event of all is, seen or not.
func (l *Log) end(ctx context.Context, c *esdb.Client) (eventlog.Position, error) {
	r, err := c.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1)
	if err != nil {
		return eventlog.Position{}, err
	}
	var end eventlog.Position
	_, err = page(r, func(e *esdb.RecordedEvent) (bool, error) {
		end = l.at(e.Position)
		return true, nil
	})
	return end, err
}

// locate refuses a position that is no place in this log, and a log that is another
// one by now, and answers with the end of all. The server itself takes any position:
// beyond its end it would silently deliver nothing until it gets there.
func (l *Log) locate(ctx context.Context, c *esdb.Client, p eventlog.Position) (end eventlog.Position, err error) {
	if !l.identity().Owns(p) {
		return end, eventlog.ErrForeign
	}
	if err := l.identify(ctx, c); err != nil {
		return end, err
	}
	known, _ := l.horizon.known()
	if end, err = l.end(ctx, c); err != nil {
		return end, err
	}
	if known.Compare(end) > 0 {
		l.horizon.forget()
	}
	if p.Compare(end) > 0 {
		return end, fmt.Errorf("%w: %v is after %v (was an older backup restored?)", eventlog.ErrBeyondHead, p, end)
	}
	return end, nil
}
