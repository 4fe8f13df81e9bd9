package esdblog

import (
	"context"
	"iter"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// ReadStream implements eventlog.Log. It takes a page at a time, and nothing is
// open on the server while the receiver looks at it.
func (l *Log) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	return func(yield func(eventlog.Recorded, error) bool) {
		if direction == eventlog.Forward {
			from = max(from, 0)
		}
		for left := unlimited(limit); left > 0; {
			if err := l.ended(ctx); err != nil {
				yield(eventlog.Recorded{}, err)
				return
			}
			if from < 0 || from == eventlog.End && direction == eventlog.Forward {
				return
			}
			n := min(left, l.options.bounds.page)
			got, err := read(ctx, l, "read "+stream, func(ctx context.Context, c *esdb.Client) (streamPage, error) {
				return l.streamPage(ctx, c, stream, from, direction, n)
			})
			if err != nil {
				yield(eventlog.Recorded{}, err)
				return
			}
			for _, e := range got.events {
				if !l.give(ctx, e, yield) {
					return
				}
				if from = e.Revision + 1; direction == eventlog.Backward {
					from = e.Revision - 1
				}
			}
			if left -= len(got.events); got.ended {
				return
			}
		}
	}
}

type streamPage struct {
	events []eventlog.Recorded
	ended  bool // there is nothing after it
}

func (l *Log) streamPage(ctx context.Context, c *esdb.Client, stream string, from eventlog.Revision, direction eventlog.Direction, n int) (p streamPage, err error) {
	options := esdb.ReadStreamOptions{From: esdb.Revision(uint64(from))}
	if direction == eventlog.Backward {
		options.Direction = esdb.Backwards
		if from == eventlog.End {
			options.From = esdb.End{}
		}
	}
	r, err := c.ReadStream(ctx, l.options.Prefix+stream, options, uint64(n))
	if err != nil {
		return p, err
	}
	p.ended, err = page(r, func(e *esdb.RecordedEvent) (bool, error) {
		recorded, err := l.record(stream, e)
		p.events = append(p.events, recorded)
		return true, err
	})
	p.ended = p.ended && len(p.events) < n
	if hasCode(err, esdb.ErrorCodeResourceNotFound) {
		return streamPage{ended: true}, nil
	}
	return p, err
}

// give yields an event, or the error with which reading must end now.
func (l *Log) give(ctx context.Context, e eventlog.Recorded, yield func(eventlog.Recorded, error) bool) bool {
	if err := l.ended(ctx); err != nil {
		yield(eventlog.Recorded{}, err)
		return false
	}
	return yield(e, nil)
}
