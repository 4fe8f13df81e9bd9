package bench

import (
	"encoding/json"
	"strings"

	"lobby.example/httpapi"
)

// population is a property with its people and what they wrote: person 0 is the
// busiest, the others write in small circles.
type population struct {
	people   int
	channels []*channel
}

// populate makes as many channels as people, with as many messages each; the
// busiest person is in the first so many of them. The last twenty messages of
// each channel are unseen.
func populate(people, busiest, messages, text int) *population {
	p := &population{people: people}
	busiest = min(busiest, people-2)
	for i := range people {
		a, b := 0, i+1
		if i >= busiest {
			a = 1 + i%(people-1)
			b = 1 + (i+1)%(people-1)
		}
		p.channels = append(p.channels, conversation(a, b, messages/people, 20, 10, text))
	}
	return p
}

// events is how many events the population is.
func (p *population) events() int {
	n := p.people
	for _, c := range p.channels {
		n += c.length()
	}
	return n
}

// waiting is how many messages wait for a person.
func (p *population) waiting(who int) (n int) {
	for _, c := range p.channels {
		if c.a == who || c.b == who {
			n += c.waiting(who)
		}
	}
	return n
}

// streams are the people, then what they wrote.
func (p *population) streams() [][]*stream {
	channels := make([]*stream, len(p.channels))
	for i, c := range p.channels {
		channels[i] = c.stream()
	}
	return [][]*stream{people(p.people), channels}
}

// bearers mints the tokens of the first so many people.
func (r *run) bearers(at place, n int) ([]string, error) {
	mint, err := r.tokens(at)
	if err != nil {
		return nil, err
	}
	bearers := make([]string, n)
	for i := range bearers {
		bearers[i] = mint(httpapi.Caller{Person: personID(i)})
	}
	return bearers, nil
}

const words = "the water in our kitchen is cold again since this morning could you have a look before Friday we are at home from five and the key is with the neighbours "

// someText is a text of half to one and a half times so many bytes.
func someText(i, average int) string {
	n := max(1, average/2+i*37%(average+1))
	from := i * 13 % len(words)
	return strings.TrimSpace("." + strings.Repeat(words, (from+n)/len(words)+1)[from:from+n])
}

func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of types that are made here
	}
	return text
}
