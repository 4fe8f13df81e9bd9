package readapi_test

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/commands"
	"lobby.example/domain"
	"lobby.example/readapi"
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

// life draws what people do, foreign and repeated things included, sends it, and
// tells the town.
type life struct {
	*site
	*town
	rt  *rapid.T
	did []string
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

// settle makes a town of its own on the site, where it is the next morning.
func settle(s *site, rt *rapid.T, run int) *life {
	l := &life{site: s, rt: rt, town: &town{muted: map[setting]bool{}, marked: map[setting]bool{}}}
	midnight := s.clock().Truncate(24 * time.Hour)
	l.wait(midnight.Add(33 * time.Hour).Sub(s.clock()))
	for _, name := range []string{"Anna", "Emil", "Ben", "Cleo", "Tom", "Dora"} {
		role := roles[name]
		if role == "" {
			role = "tenant"
		}
		r := &resident{key: fmt.Sprint(run, " ", name), name: name, role: role, active: true, copies: true, notification: true}
		r.id = idOf(r.key).String()
		l.people = append(l.people, r)
		s.made(s.commanded(s.token(idOf("platform"), true), "POST", "/v1/persons",
			map[string]any{"person": r.id, "role": r.role, "name": r.name, "email": r.id + "@example.org"}))
	}
	for i := range 3 {
		l.properties = append(l.properties, idOf(fmt.Sprint(run, " property ", i)).String())
	}
	for _, p := range [][2]int{{0, 2}, {0, 3}, {0, 5}, {1, 2}} {
		l.do(l.invite(l.people[p[0]], l.people[p[1]]))
		l.do(l.accept(l.people[p[1]], l.people[p[0]]))
	}
	for i, p := range [][2]int{{0, 2}, {0, 3}, {0, 2}, {1, 2}} {
		l.do(l.lets(l.people[p[0]], l.people[p[1]], l.properties[i%3], -3, 5*i+5))
	}
	return l
}

// clock is the time of the newest command.
func (s *site) clock() time.Time {
	return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(s.seconds.Load()) * time.Second)
}

// wait lets time pass, and nothing else.
func (l *life) wait(d time.Duration) {
	l.seconds.Add(int64(d / time.Second))
	l.now = l.clock()
	now := l.now
	l.site.today.Store(&now)
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

// step does something.
func (l *life) step() {
	switch n := l.number("what", 100); {
	case n < 14:
		l.do(l.pairAct())
	case n < 38:
		l.do(l.messageAct())
	case n < 64:
		l.do(l.boardAct())
	case n < 90:
		l.do(l.requestAct())
	case n < 93:
		l.do(l.personAct())
	case n < 97:
		days := 1 + l.number("days", 12)
		l.note("%d days pass", days)
		l.wait(time.Duration(days) * 24 * time.Hour)
	default:
		l.note("the ticker ends leases")
		l.tick()
	}
}

// tick puts on the record what the date has ended already.
func (l *life) tick() {
	for {
		over, err := readapi.LeasesOver(l.rt.Context(), l.runner, domain.DateOf(l.now))
		for _, o := range over {
			if err == nil {
				err = l.expire(o, l.now)
			}
		}
		head, headErr := l.log.Head(l.rt.Context())
		if err != nil || headErr != nil {
			l.rt.Fatal(err, headErr)
		}
		l.site.note(head.String())
		if err := l.runner.Wait(l.rt.Context(), head); err != nil {
			l.rt.Fatal(err)
		}
		if len(over) == 0 {
			break
		}
	}
	for _, p := range l.pairs {
		for _, lease := range p.leases {
			lease.ended = lease.ended || lease.end < l.day()
		}
	}
}

func nowhere() string { return uuid.NewString() }
