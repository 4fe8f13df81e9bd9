package readapi_test

import (
	"testing"

	"lobby.example/readmodel/readmodeltest/engines"
	"pgregory.net/rapid"
)

// P01, P03, P06, P13, P16, P17, P18, P19, P22, P24: after anything that several
// people do, and on any day, each of them gets on every read route what the rules
// say they may see, and nothing else: entries, numbers, flags, previews, pages and
// what is not there. From the position of a fact on, whatever was kept of before.
func TestP13EverybodySeesWhatTheRulesSayOnEveryRoute(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		engines.Fewer(t, 3)
		s := site0(t)
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++ // people of their own, on a site that goes on
			l := settle(s, rt, run)
			// Asked the same each time, so that what was kept before is found if it is kept too long.
			f := filters{
				text: one(l, "words", words), category: one(l, "category", categories), property: one(l, "property", l.properties),
				status: one(l, "status", statuses), person: l.anybody(), from: l.number("from", 4), limit: 1 + l.number("limit", 6),
			}
			look := func(everything bool) {
				for _, who := range l.people {
					at := &look{site: s, rt: rt, t: l.town, who: who, filter: f, did: l.did}
					at.glance()
					if everything {
						at.everything()
					}
				}
			}
			for range 1 + l.number("looks", 8) {
				for range l.number("steps", 20) {
					l.step()
					look(false)
				}
				look(true)
			}
		})
	})
}

// routes are all that is about one channel.
func routes(channel string, message string) []string {
	of := "/v1/channels/" + channel
	return []string{of + "?", of + "/messages?", of + "/entries/" + message + "/seen?"}
}
