package readapi_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"lobby.example/domain"
	"lobby.example/readapi"
)

// life draws what people do, foreign and repeated things included, sends it, and
// tells the town.
type life struct {
	*site
	*town
	rt  *rapid.T
	did []string
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
	l.do(l.publish()) // which leases that follow show, and do not count
	for i, p := range [][2]int{{0, 2}, {0, 3}, {0, 2}, {1, 2}} {
		l.do(l.lets(l.people[p[0]], l.people[p[1]], l.properties[i%3], 2*i-4, 5*i+5)) // one begins in two days
	}
	l.do(l.publish())
	l.do(l.open())
	l.do(l.submit())
	for _, j := range l.jobs {
		l.do(l.share(j.landlord, j))
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
