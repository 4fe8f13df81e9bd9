package bench

import (
	"fmt"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/person"
)

// landlords are the people from here on, and person 0. All others are tenants.
const landlords = 1 << 20

// personID is the id of a seeded person.
func personID(n int) uuid.UUID { return uuid.NewSHA1(seedIDs, fmt.Appendf(nil, "person %d", n)) }

// registered is the stream of a person.
func registered(n int) *stream {
	p := person.Registered{Person: personID(n), Role: person.Role(role(n)), Profile: person.Profile{
		Name: fmt.Sprintf("Person %d of House %d", n, n%97), Email: fmt.Sprintf("person-%d@example.org", n),
	}}
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
	if n == 0 || n >= landlords {
		return string(person.Landlord)
	}
	return string(person.Tenant)
}
