package scenario_test

import (
	"errors"
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// forgetful is a state that its snapshot does not hold.
type forgetful struct {
	Level int `json:"-"`
	Shown int
}

type raised struct{}

func (raised) Kind() string { return "raised" }
func (raised) Evolve(s forgetful) forgetful {
	s.Level++
	s.Shown = s.Level
	return s
}

// unloadable is a state whose snapshot cannot be read, or not even be made.
type unloadable struct{ Level level }

type level int

func (l level) MarshalJSON() ([]byte, error) {
	if l > 1 {
		return nil, errors.New("too high")
	}
	return []byte(`"high"`), nil
}

type raisedTo struct{ Level int }

func (raisedTo) Kind() string                   { return "raised" }
func (e raisedTo) Evolve(unloadable) unloadable { return unloadable{level(e.Level)} }

func TestAStateIsKeptByItsSnapshot(t *testing.T) {
	lossy := domain.Noun[forgetful]{Category: "level", Facts: domain.All(domain.Of[raised])}
	if got := failure(func(t testing.TB) { scenario.Given(t, lossy, raised{}, raised{}) }); !strings.Contains(got, `by way of snapshots {"Shown":1}`) {
		t.Errorf("failed with %q", got)
	}
	broken := domain.Noun[unloadable]{Category: "level", Facts: domain.All(domain.Of[raisedTo])}
	if got := failure(func(t testing.TB) { scenario.Given(t, broken, raisedTo{1}) }); !strings.Contains(got, "cannot be loaded") {
		t.Errorf("failed with %q", got)
	}
	if got := failure(func(t testing.TB) { scenario.Given(t, broken, raisedTo{2}) }); !strings.Contains(got, "too high") {
		t.Errorf("failed with %q", got)
	}
}
