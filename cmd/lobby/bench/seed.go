package bench

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"lobby.example/domain"
	"lobby.example/eventlog"
)

// A seeded log is one that the program itself could have written in the last
// hours: the domain's own events in streams without a gap, each with metadata as
// of a command with an idempotency key. Only the appends are larger.

// seededFor is how long ago the seeded events begin: keys are remembered for a
// day, so these commands still are.
const seededFor = 20 * time.Hour

// stream is one stream to be written.
type stream struct {
	name   string
	length int
	event  func(i int) (fact, error)
	after  func(i int) time.Duration // since the seeded events begin; nil spreads them over all of seededFor
	next   int
}

// fact is a stored event without what follows from its place.
type fact struct {
	kind  string
	data  []byte
	actor uuid.UUID
}

func factOf[S any](facts domain.Facts[S], actor uuid.UUID, e domain.Event[S]) (fact, error) {
	data, err := facts.Encode(e)
	return fact{kind: e.Kind(), data: data, actor: actor}, err
}

var seedIDs = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/bench"))

// commandOf is the command that wrote an event of a stream.
func commandOf(stream string, i int) uuid.UUID {
	return uuid.NewSHA1(seedIDs, fmt.Appendf(nil, "%s/%d", stream, i))
}

// appendBytes ends an append: an event store takes no more than 1 MiB in one.
const appendBytes = 512 << 10

// append writes the stream's next events and reports whether there are more.
func (s *stream) append(ctx context.Context, log eventlog.Log, began time.Time) (bool, error) {
	n := min(max(16, s.length/100), eventlog.MaxAppendEvents, s.length-s.next)
	events := make([]eventlog.Event, 0, n)
	for bytes := 0; len(events) < n && bytes < appendBytes; {
		at := s.next + len(events)
		f, err := s.event(at)
		if err != nil {
			return false, err
		}
		command := commandOf(s.name, at)
		after := seededFor * time.Duration(at) / time.Duration(s.length)
		if s.after != nil {
			after = s.after(at)
		}
		metadata := domain.Metadata{
			Command: command, Actor: f.actor, Correlation: command, Causation: command,
			OccurredAt: domain.MomentOf(began.Add(after)), Content: hex.EncodeToString(command[:]), Schema: domain.MetadataSchema,
		}
		e := eventlog.Event{ID: uuid.NewSHA1(command, []byte{0, 0}), Kind: f.kind, Data: f.data, Metadata: encoded(metadata)}
		events, bytes = append(events, e), bytes+len(e.Data)+len(e.Metadata)
	}
	if _, err := log.Append(ctx, s.name, eventlog.Revision(s.next-1), events); err != nil {
		return false, err
	}
	s.next += len(events)
	return s.next < s.length, nil
}

// seed writes streams into a log, group after group. The streams of a group grow
// side by side, as they do in life.
func seed(ctx context.Context, log eventlog.Log, groups ...[]*stream) error {
	began := time.Now().Add(-seededFor - time.Hour)
	for _, group := range groups {
		if err := seedGroup(ctx, log, began, group); err != nil {
			return err
		}
		began = began.Add(time.Minute)
	}
	return nil
}

func seedGroup(ctx context.Context, log eventlog.Log, began time.Time, group []*stream) error {
	const writers = 64 // whose appends share a commit
	queue := make(chan *stream, len(group))
	for _, s := range group {
		queue <- s
	}
	var left atomic.Int64
	left.Store(int64(len(group)))
	workers, ctx := errgroup.WithContext(ctx)
	for range writers {
		workers.Go(func() error {
			for {
				select {
				case s, ok := <-queue:
					if !ok {
						return nil
					}
					more, err := s.append(ctx, log, began)
					switch {
					case err != nil:
						return fmt.Errorf("seed %s: %w", s.name, err)
					case more:
						queue <- s
					case left.Add(-1) == 0:
						close(queue)
					}
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	}
	return workers.Wait()
}
