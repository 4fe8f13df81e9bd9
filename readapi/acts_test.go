package readapi_test

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/commands"
)

// act is one command, with what it should come to: a refusal of that code, or
// what is so afterwards; and where neither is given, nothing happens.
type act struct {
	who          *resident
	method, path string
	body         any
	refused      string
	then         func(done)
}

// done is what a command did.
type done struct {
	id       string
	revision int64
	at       time.Time
}

// number draws one below n, each as often as the others: rapid's own choose the
// first ones so often that hardly anything happens.
func (l *life) number(label string, n int) int {
	return rapid.Custom(func(rt *rapid.T) (drawn int) {
		for range bits.Len(uint(n)) + 3 {
			drawn <<= 1
			if rapid.Bool().Draw(rt, "") {
				drawn++
			}
		}
		return drawn % n
	}).Draw(l.rt, label)
}

func one[T any](l *life, label string, from []T) T { return from[l.number(label, len(from))] }

// once is true once in so many times.
func (l *life) once(label string, in int) bool { return l.number(label, in) == in-1 }

// among draws one of the newest few; nil is some that never was.
func among[T any](l *life, label string, from []*T) *T {
	if len(from) == 0 || l.once(label+" of nowhere", 20) {
		return nil
	}
	return from[max(0, len(from)-1-l.number(label, 6))]
}

func (l *life) anybody() *resident { return one(l, "who", l.people) }

// of draws one of a role; of the landlords mostly the first, so that there is more
// to see on one board.
func (l *life) of(role string) *resident {
	if role == "landlord" && !l.once("the other landlord", 4) {
		return l.people[0]
	}
	var some []*resident
	for _, r := range l.people {
		if r.role == role {
			some = append(some, r)
		}
	}
	return one(l, role, some)
}

func (l *life) note(format string, args ...any) { l.did = append(l.did, fmt.Sprintf(format, args...)) }

// do sends a command, and finds that it did what it should.
func (l *life) do(a act) {
	l.rt.Helper()
	body, _ := json.Marshal(a.body)
	if !a.who.active {
		a.refused, a.then = "unknown_caller", nil
	}
	got := l.command(a.who.key, a.method, a.path, a.body)
	l.note("%s %s %s %s: %.120s", a.who.name, a.method, a.path, body, got)
	l.wait(0)
	var answer commands.Answer
	json.Unmarshal(got.Body, &answer)
	code := ""
	if got.Status >= 300 {
		var p struct{ Code string }
		json.Unmarshal(got.Body, &p)
		code = p.Code
	}
	if code != a.refused || code == "" && (answer.Events > 0) != (a.then != nil) {
		for _, line := range l.did {
			l.rt.Log(line)
		}
		l.rt.Fatalf("want refused %q, something done %v: %s", a.refused, a.then != nil, got)
	}
	if a.then != nil && code == "" {
		d := done{revision: answer.Revision, at: l.now}
		if answer.ID != nil {
			d.id = answer.ID.String()
		}
		a.then(d)
	}
}

func nowhere() string { return uuid.NewString() }
