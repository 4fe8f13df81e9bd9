package scenario

import (
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lobby.example/domain"
)

// Answer is what a command has decided.
type Answer[S any] struct {
	given   *Past[S]
	command domain.Command[S]
	events  []domain.Event[S]
	refusal *domain.Refusal
}

// Then expects exactly these events.
func (a *Answer[S]) Then(events ...domain.Event[S]) *Answer[S] {
	a.given.t.Helper()
	if a.refusal != nil {
		a.given.t.Fatalf("%T is refused: %v", a.command, a.refusal)
	}
	if diff := cmp.Diff(events, a.events, cmpopts.EquateEmpty()); diff != "" {
		a.given.t.Fatalf("%T decides otherwise (-want +got):\n%s", a.command, diff)
	}
	return a
}

// Nothing expects no events and no refusal: there was nothing to do.
func (a *Answer[S]) Nothing() *Answer[S] {
	a.given.t.Helper()
	return a.Then()
}

// Refused expects a refusal and answers with it, for a look at its other fields.
func (a *Answer[S]) Refused(reason domain.Reason, code string) *domain.Refusal {
	a.given.t.Helper()
	if a.refusal == nil {
		a.given.t.Fatalf("%T is not refused with %s, but decides %+v", a.command, code, a.events)
	}
	if a.refusal.Reason != reason || a.refusal.Code != code {
		a.given.t.Fatalf("%T is refused with reason %d, %v; want reason %d, %s", a.command, a.refusal.Reason, a.refusal, reason, code)
	}
	return a.refusal
}

// Again gives the same command once more, after what it has decided.
func (a *Answer[S]) Again() *Answer[S] {
	a.given.t.Helper()
	events := slices.Concat(a.given.events, a.events)
	return Given(a.given.t, a.given.noun, events...).When(a.command)
}
