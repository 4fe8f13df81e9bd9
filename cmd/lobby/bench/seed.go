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
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
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

// append writes the stream's next events and reports whether there are more.
func (s *stream) append(ctx context.Context, log eventlog.Log, began time.Time) (bool, error) {
	n := min(max(16, s.length/100), eventlog.MaxAppendEvents, s.length-s.next)
	events := make([]eventlog.Event, n)
	for i := range events {
		at := s.next + i
		f, err := s.event(at)
		if err != nil {
			return false, err
		}
		command := commandOf(s.name, at)
		occurred := began.Add(seededFor * time.Duration(at) / time.Duration(s.length))
		metadata := domain.Metadata{
			Command: command, Actor: f.actor, Correlation: command, Causation: command,
			OccurredAt: domain.MomentOf(occurred), Content: hex.EncodeToString(command[:]), Schema: domain.MetadataSchema,
		}
		events[i] = eventlog.Event{ID: uuid.NewSHA1(command, []byte{0, 0}), Kind: f.kind, Data: f.data, Metadata: encoded(metadata)}
	}
	if _, err := log.Append(ctx, s.name, eventlog.Revision(s.next-1), events); err != nil {
		return false, err
	}
	s.next += n
	return s.next < s.length, nil
}

// seed writes streams into a log that is not open elsewhere, group after group.
// The streams of a group grow side by side, as they do in life.
func seed(ctx context.Context, path string, groups ...[]*stream) (err error) {
	log, err := sqlitelog.Open(path, sqlitelog.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if closed := log.Close(); err == nil {
			err = closed
		}
	}()
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

// personID is the id of a seeded person.
func personID(n int) uuid.UUID { return uuid.NewSHA1(seedIDs, fmt.Appendf(nil, "person %d", n)) }

// registered is the stream of a person. The first is a landlord, all others are tenants.
func registered(n int) *stream {
	p := person.Registered{Person: personID(n), Role: person.Tenant, Profile: person.Profile{
		Name: fmt.Sprintf("Person %d of House %d", n, n%97), Email: fmt.Sprintf("person-%d@example.org", n),
	}}
	if n == 0 {
		p.Role = person.Landlord
	}
	return &stream{name: person.Stream(p.Person), length: 1, event: func(int) (fact, error) {
		return factOf(person.Facts, personID(-1), person.Event(p))
	}}
}

func people(n int) (streams []*stream) {
	for i := range n {
		streams = append(streams, registered(i))
	}
	return streams
}

// channel is a conversation of two people: an invitation, its acceptance, blocks
// of messages that are then seen, and messages that are not. The two write in turn.
type channel struct {
	a, b   int
	block  int // messages until both have seen what the other wrote; even
	seen   int // messages in blocks, a multiple of block
	unseen int // messages after them
	text   int // bytes of a message, on average
}

// conversation is a channel with so many messages of which at least so many are unseen.
func conversation(a, b, messages, unseen, block, text int) *channel {
	seen := max(0, messages-unseen) / block * block
	return &channel{a: a, b: b, block: block, seen: seen, unseen: messages - seen, text: text}
}

func (c *channel) name() string {
	return connection.Stream(connection.Between(personID(c.a), personID(c.b)))
}

func (c *channel) length() int { return 2 + c.seen/c.block*(c.block+2) + c.unseen }

// waiting is how many messages wait for the one or the other of the two.
func (c *channel) waiting(who int) int {
	if who == c.b {
		return (c.unseen + 1) / 2
	}
	return c.unseen / 2
}

func (c *channel) stream() *stream {
	name, a, b := c.name(), personID(c.a), personID(c.b)
	of := func(actor uuid.UUID, e connection.Event) (fact, error) { return factOf(connection.Facts, actor, e) }
	messageID := func(i int) uuid.UUID { return uuid.NewSHA1(commandOf(name, i), []byte("new")) }
	blocks := c.seen / c.block * (c.block + 2)
	return &stream{name: name, length: c.length(), event: func(i int) (fact, error) {
		switch i {
		case 0:
			return of(a, connection.InvitationSent{From: connection.Party{Person: a, Role: role(c.a)}, To: connection.Party{Person: b, Role: role(c.b)}})
		case 1:
			return of(b, connection.InvitationAccepted{By: b, Other: a})
		}
		within := (i - 2) % (c.block + 2) // in its block
		if i-2 >= blocks || within < c.block {
			from, to := a, b
			if i%2 == 1 {
				from, to = b, a
			}
			return of(from, connection.MessageSent{Message: messageID(i), From: from, To: to, Text: someText(i, c.text)})
		}
		by, first := b, i-within // what a wrote
		if within > c.block {
			by, first = a, first+1
		}
		entries := make([]uuid.UUID, 0, c.block/2)
		for j := first; len(entries) < c.block/2; j += 2 {
			entries = append(entries, messageID(j))
		}
		return of(by, connection.MessagesSeen{By: by, Messages: entries})
	}}
}

func role(n int) string {
	if n == 0 {
		return string(person.Landlord)
	}
	return string(person.Tenant)
}
