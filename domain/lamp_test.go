package domain_test

import (
	"fmt"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// A whole noun on one page: a lamp is lit or not.
type (
	lamp      struct{ Lit bool }
	lampEvent = domain.Event[lamp]
)

// light is a verb: a command, its decision, its event, and what that changes.
type light struct{ Lamp uuid.UUID }

func (c light) Stream() string { return domain.StreamOf(lamps.Category, c.Lamp) }

func (c light) Decide(s lamp) ([]lampEvent, error) {
	if s.Lit {
		return nil, nil
	}
	return []lampEvent{lit{Lamp: c.Lamp}}, nil
}

type lit struct {
	Lamp uuid.UUID `json:"lamp"`
	Watt int       `json:"watt,omitempty"`
}

func (lit) Kind() string { return "lamp_lit" }

func (lit) Evolve(s lamp) lamp {
	s.Lit = true
	return s
}

// wentOut has no verb of its own here.
type wentOut struct {
	Lamp uuid.UUID `json:"lamp"`
}

func (wentOut) Kind() string { return "lamp_went_out" }

func (wentOut) Evolve(s lamp) lamp {
	s.Lit = false
	return s
}

// kindled is what lit was called once.
type kindled struct {
	Lamp       uuid.UUID `json:"lamp"`
	Candlewick bool      `json:"candlewick"`
}

func (kindled) Kind() string { return "lamp_kindled" }

var lamps = domain.Noun[lamp]{Category: "lamp", Version: 1, Facts: domain.All(
	domain.Of[lit],
	domain.Of[wentOut],
	domain.Upcast(func(old kindled) lit { return lit{Lamp: old.Lamp, Watt: 1} }),
)}

var hall = uuid.MustParse("00000000-0000-4000-8000-000000000001")

func Example() {
	dark := domain.Fold(lamp{}, lampEvent(lit{Lamp: hall}), wentOut{Lamp: hall})
	events, err := light{Lamp: hall}.Decide(dark)
	fmt.Println(events, err)

	data, err := lamps.Facts.Encode(events[0])
	fmt.Println(events[0].Kind(), string(data), err)

	bright := domain.Fold(dark, events...)
	events, err = light{Lamp: hall}.Decide(bright)
	fmt.Println(events, err)
	// Output:
	// [{00000000-0000-4000-8000-000000000001 0}] <nil>
	// lamp_lit {"lamp":"00000000-0000-4000-8000-000000000001"} <nil>
	// [] <nil>
}
