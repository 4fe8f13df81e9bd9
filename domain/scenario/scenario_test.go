package scenario_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// A jar holds sweets. What a test wants a jar's events and commands to do wrong
// is in their fields.
type (
	jar      struct{ Sweets []string }
	jarEvent = domain.Event[jar]

	filled struct {
		Sweet string `json:"sweet"`
		Count int    `json:"-"` // lost when it is stored
	}
	smashed struct{} // in no catalogue
	garbled struct{} // stored as what cannot be read

	fill struct {
		name   string // of the stream
		decide func(jar) ([]jarEvent, error)
	}
	recalling struct {
		fill
		recall func(iter.Seq[domain.Past[jar]]) ([]jarEvent, error)
	}
)

func (filled) Kind() string  { return "filled" }
func (smashed) Kind() string { return "smashed" }
func (garbled) Kind() string { return "garbled" }

func (garbled) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func (e filled) Evolve(s jar) jar {
	s.Sweets = append(s.Sweets, e.Sweet)
	return s
}
func (smashed) Evolve(jar) jar { return jar{} }
func (garbled) Evolve(jar) jar { return jar{} }

func (c fill) Stream() string                   { return c.name }
func (c fill) Decide(s jar) ([]jarEvent, error) { return c.decide(s) }
func (c recalling) Forgotten(s jar) bool        { return len(s.Sweets) > 1 }
func (c recalling) Recall(_ jar, history iter.Seq[domain.Past[jar]]) ([]jarEvent, error) {
	return c.recall(history)
}

var (
	jars   = domain.Noun[jar]{Category: "jar", Version: 1, Facts: domain.All(domain.Of[filled], domain.Of[garbled])}
	ajar   = domain.StreamOf("jar", scenario.ID("a jar"))
	empty  = domain.Refuse(domain.Conflict, "jar_empty", "The jar is empty.")
	always = func(events []jarEvent, err error) fill {
		return fill{name: ajar, decide: func(jar) ([]jarEvent, error) { return events, err }}
	}
)

func TestAScenarioThatHolds(t *testing.T) {
	once := fill{name: ajar, decide: func(s jar) ([]jarEvent, error) {
		if len(s.Sweets) > 0 {
			return nil, nil
		}
		return []jarEvent{filled{Sweet: "toffee"}}, nil
	}}
	scenario.Given(t, jars).When(once).Then(filled{Sweet: "toffee"}).Again().Nothing().Again().Nothing()

	if r := scenario.Given(t, jars).When(always(nil, fmt.Errorf("taste: %w", empty))).Refused(domain.Conflict, "jar_empty"); r != empty {
		t.Errorf("refused with %v", r)
	}
}

func TestACommandRecallsWhatTheStateForgot(t *testing.T) {
	command := recalling{fill: always(nil, empty), recall: func(history iter.Seq[domain.Past[jar]]) ([]jarEvent, error) {
		for past := range history { // the newest is first
			return nil, &domain.Refusal{Reason: domain.Conflict, Code: "recalled", Message: "It was there.", Decided: &domain.Deciding{
				Stream: ajar, Revision: past.Revision, Time: past.Time, By: scenario.ID(past.Event.(filled).Sweet),
			}}
		}
		return nil, nil
	}}
	scenario.Given(t, jars, filled{Sweet: "toffee"}).When(command).Refused(domain.Conflict, "jar_empty")

	got := scenario.Given(t, jars, filled{Sweet: "toffee"}, filled{Sweet: "fudge"}).When(command).Refused(domain.Conflict, "recalled").Decided
	if want := (domain.Deciding{Stream: ajar, Revision: 1, Time: scenario.Time(1), By: scenario.ID("fudge")}); *got != want {
		t.Errorf("decided by %+v, want %+v", *got, want)
	}
	if d := scenario.Time(1).Sub(scenario.Time(0)); d.Minutes() != 1 {
		t.Errorf("events are %v apart", d)
	}
}

// failing records how a test fails instead of failing.
type failing struct {
	testing.TB
	message string
}

func (f *failing) Helper() {}

func (f *failing) Fatal(args ...any) { f.Fatalf("%v", args...) }

func (f *failing) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	panic(f)
}

// failure is what the test failed with.
func failure(test func(testing.TB)) string {
	f := &failing{}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(f) {
				panic(r)
			}
		}()
		test(f)
	}()
	return f.message
}

func TestAScenarioThatDoesNotHoldFails(t *testing.T) {
	toffee := filled{Sweet: "toffee"}
	when := func(c domain.Command[jar], given ...jarEvent) func(testing.TB) *scenario.Answer[jar] {
		return func(t testing.TB) *scenario.Answer[jar] { return scenario.Given(t, jars, given...).When(c) }
	}
	counter := 0
	uncertain := fill{name: ajar, decide: func(jar) ([]jarEvent, error) {
		counter++
		return []jarEvent{filled{Sweet: fmt.Sprint(counter)}}, nil
	}}
	greedy := fill{name: ajar, decide: func(s jar) ([]jarEvent, error) {
		s.Sweets[0] = "none"
		return nil, nil
	}}
	elsewhere := &domain.Refusal{Code: "no", Message: "No.", Decided: &domain.Deciding{Stream: "other-1"}}

	for _, c := range []struct {
		want string
		test func(testing.TB)
	}{
		{"is not what was stored", func(t testing.TB) { scenario.Given(t, jars, filled{Count: 2}) }},
		{"encode {}", func(t testing.TB) { scenario.Given(t, jars, smashed{}) }},
		{"encode {}", func(t testing.TB) { when(always([]jarEvent{smashed{}}, nil))(t) }},
		{"decode 1", func(t testing.TB) { scenario.Given(t, jars, garbled{}) }},
		{"none of category jar", func(t testing.TB) { when(fill{name: "person-" + uuid.NewString()})(t) }},
		{"none of category jar", func(t testing.TB) { when(fill{name: "jar-1"})(t) }},
		{"changed the state", func(t testing.TB) { when(greedy, toffee)(t) }},
		{"decides otherwise on a snapshot", func(t testing.TB) { when(uncertain)(t) }},
		{"what is no refusal", func(t testing.TB) { when(always(nil, errors.New("no disk")))(t) }},
		{"yet answers with events", func(t testing.TB) { when(always([]jarEvent{toffee}, empty))(t) }},
		{"without a code or a message", func(t testing.TB) { when(always(nil, domain.Refuse(domain.Conflict, "", "No.")))(t) }},
		{"without a code or a message", func(t testing.TB) { when(always(nil, domain.Refuse(domain.Conflict, "no", "")))(t) }},
		{"decided in stream other-1", func(t testing.TB) { when(always(nil, elsewhere))(t) }},
		{"is refused: jar_empty", func(t testing.TB) { when(always(nil, empty))(t).Then(toffee) }},
		{"is refused: jar_empty", func(t testing.TB) { when(always(nil, empty))(t).Nothing() }},
		{"decides otherwise (-want +got)", func(t testing.TB) { when(always([]jarEvent{toffee}, nil))(t).Then(filled{Sweet: "fudge"}) }},
		{"decides otherwise (-want +got)", func(t testing.TB) { when(always([]jarEvent{toffee}, nil))(t).Nothing() }},
		{"decides otherwise (-want +got)", func(t testing.TB) { when(always([]jarEvent{toffee}, nil))(t).Then(toffee).Again().Nothing() }},
		{"is not refused with jar_empty", func(t testing.TB) { when(always(nil, nil))(t).Refused(domain.Conflict, "jar_empty") }},
		{"want reason 2, jar_empty", func(t testing.TB) { when(always(nil, empty))(t).Refused(domain.Forbidden, "jar_empty") }},
		{"want reason 4, jar_full", func(t testing.TB) { when(always(nil, empty))(t).Refused(domain.Conflict, "jar_full") }},
	} {
		if got := failure(c.test); !strings.Contains(got, c.want) {
			t.Errorf("failed with %q, want %q", got, c.want)
		}
	}
}
