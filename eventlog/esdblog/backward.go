package esdblog

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// backward reads everything on the server from a place towards the start, in pages
// that grow, as far as there can be something of ours.
type backward struct {
	l     *Log
	from  esdb.AllPosition
	page  int
	ended bool // nothing more of ours can follow
}

func (l *Log) backward(from esdb.AllPosition, page int) *backward {
	return &backward{l: l, from: from, page: page}
}

type backwardPage struct {
	events []*esdb.RecordedEvent
	ended  bool
}

func (b *backward) next(ctx context.Context) ([]*esdb.RecordedEvent, error) {
	l, from, n := b.l, b.from, b.page
	birth, bounded := l.birth.first.(esdb.Position)
	got, err := read(ctx, l, "read backward", func(ctx context.Context, c *esdb.Client) (p backwardPage, err error) {
		r, err := c.ReadAll(ctx, esdb.ReadAllOptions{From: from, Direction: esdb.Backwards}, uint64(n))
		if err != nil {
			return p, err
		}
		born := false
		ended, err := page(r, func(e *esdb.RecordedEvent) (bool, error) {
			if bounded && l.at(e.Position).Compare(l.at(birth)) <= 0 {
				born = true
				return false, nil
			}
			p.events = append(p.events, e)
			return true, nil
		})
		p.ended = born || ended && len(p.events) < n
		return p, err
	})
	if err != nil {
		return nil, err
	}
	if len(got.events) > 0 {
		b.from = got.events[len(got.events)-1].Position
	}
	b.ended = got.ended
	b.page = min(4*b.page, max(b.page, l.options.bounds.page))
	return got.events, nil
}
