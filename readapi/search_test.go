package readapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

func (s *site) find(name, query string) (found []string) {
	s.t.Helper()
	for _, page := range pages(s.t, func(path string) answer { return s.get(name, path+"&"+s.after()) },
		"/v1/contacts?limit=2"+query, func(p readapi.Contacts) string { return p.NextCursor }) {
		for _, c := range page.Contacts {
			found = append(found, c.Name)
		}
	}
	return found
}

func TestContactsAreFoundByHowTheirWordsBegin(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		names := []string{"Jürgen Großmann", "Élodie d'Aubigné", "Łukasz ŻÓŁĆ", "Αλέξης Ζορμπάς", "Ольга Ёлкина", "王小明", "محمد علي", "Ｗｉｄｅ Name", "Jean-Luc O'Neill", "İpek Çelik", "100% Bob_ \\"}
		for _, name := range names {
			s.register(name, name)
			s.connect("Anna", name)
		}
		for query, want := range map[string][]string{
			"jur":           {"Jürgen Großmann"},
			"JÜR":           {"Jürgen Großmann"},
			"JU\u0308R":     {"Jürgen Großmann"},
			"gross":         {"Jürgen Großmann"},
			"groß":          {"Jürgen Großmann"},
			"GROSSM jurg":   {"Jürgen Großmann"},
			"mann":          nil, // not how a word begins
			"elodie":        {"Élodie d'Aubigné"},
			"aubigne":       {"Élodie d'Aubigné"},
			"d'aub":         {"Élodie d'Aubigné"},
			"ΑΛΕΞΗΣ":        {"Αλέξης Ζορμπάς"},
			"ζορμπας":       {"Αλέξης Ζορμπάς"},
			"елкина":        {"Ольга Ёлкина"},
			"ОЛЬГА ё":       {"Ольга Ёлкина"},
			"王":             {"王小明"},
			"王小":            {"王小明"},
			"محم":           {"محمد علي"},
			"مُحَمَّد":      {"محمد علي"},
			"علي":           {"محمد علي"},
			"wide":          {"Ｗｉｄｅ Name"},
			"ｎａｍｅ":          {"Ｗｉｄｅ Name"},
			"luc":           {"Jean-Luc O'Neill"},
			"neill jean":    {"Jean-Luc O'Neill"},
			"jean-luc o'n":  {"Jean-Luc O'Neill"},
			"ipek celik":    {"İpek Çelik"},
			"j":             {"Jean-Luc O'Neill", "Jürgen Großmann"},
			"100":           {"100% Bob_ \\"},
			"bob_":          {"100% Bob_ \\"},
			"%":             nil,
			"_":             nil,
			"*":             nil,
			"'":             nil,
			"' or 1=1 --":   nil,
			"jurgen elodie": nil,
			"\U0010FFFF":    nil,
		} {
			if got := s.find("Anna", "&name="+url.QueryEscape(query)); !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		if got := s.find("Anna", "&name="); len(got) != len(names) {
			t.Errorf("no words find %q, want all", got)
		}
		if got := s.find("Anna", "&name=+++"); len(got) != len(names) {
			t.Errorf("blanks find %q, want all", got)
		}
		// Whatever a name is, the beginnings of its words find it, in any case.
		for _, name := range names {
			for _, word := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" -'_%\\", r) }) {
				for cut := range word {
					_, size := utf8.DecodeRuneInString(word[cut:])
					for _, query := range []string{word[:cut+size], strings.ToUpper(word[:cut+size])} {
						if got := s.find("Anna", "&name="+url.QueryEscape(query)); !slices.Contains(got, name) {
							t.Errorf("%q finds %q, and not %q", query, got, name)
						}
					}
				}
			}
		}
		// P18: nobody finds people they have nothing to do with.
		for _, status := range []string{"connected", "invited", "inviting", "declined", "disconnected"} {
			for _, query := range []string{"", "&name=j", "&name=anna"} {
				if got := s.find("王小明", "&status="+status+query); len(got) > 0 && !slices.Equal(got, []string{"Anna"}) {
					t.Errorf("an unconnected person is found: %q", got)
				}
			}
		}
		// A new name is found, and the old one is not.
		s.done("王小明", "PUT", "/v1/persons/"+idOf("王小明").String()+"/profile", map[string]any{"name": "Wang Xiaoming"})
		if got := s.find("Anna", "&name=xiao"); !slices.Equal(got, []string{"Wang Xiaoming"}) {
			t.Errorf("by the new name: %q", got)
		}
		if got := s.find("Anna", "&name="+url.QueryEscape("王")); len(got) > 0 {
			t.Errorf("by the old name: %q", got)
		}
	})
}

// Contacts come by name as people order it, in pages that have each once, also
// where names are equal.
func TestPagesOfContactsHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		for i, name := range []string{"zoe", "Álvaro", "ben", "Ben", "BEN", "alva", "Øystein"} {
			s.register(fmt.Sprint("contact ", i), name)
			s.connect("Anna", fmt.Sprint("contact ", i))
		}
		for _, limit := range []int{1, 2, 3, 7, 100} {
			var names, ids []string
			for _, page := range pages(t, func(path string) answer { return s.get("Anna", path+"&"+s.after()) },
				fmt.Sprintf("/v1/contacts?limit=%d", limit), func(p readapi.Contacts) string { return p.NextCursor }) {
				for _, c := range page.Contacts {
					names, ids = append(names, strings.ToLower(c.Name)), append(ids, c.Person)
				}
			}
			if want := []string{"alva", "álvaro", "ben", "ben", "ben", "zoe", "øystein"}; !slices.Equal(names, want) {
				t.Errorf("pages of %d: %q, want %q", limit, names, want)
			}
			slices.Sort(ids)
			if len(slices.Compact(ids)) != 7 {
				t.Errorf("pages of %d have somebody twice: %q", limit, ids)
			}
		}
	})
}

// A lease is active on its days, whether or not an event says that it is over.
func TestLeasesAreActiveOnTheirDays(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		s.register("Ben", "Ben")
		channel := s.connect("Anna", "Ben")
		share := func(property, start, end string) uuid.UUID {
			return s.done("Anna", "POST", "/v1/connections/"+channel+"/leases", map[string]any{"property": uuid.New(), "property_name": property, "start": start, "end": end})
		}
		share("now", "2026-02-01", "2026-03-31")
		share("later", "2026-04-01", "2026-12-31")
		gone := share("ended", "2026-02-01", "2026-12-31")
		s.done("Anna", "DELETE", "/v1/connections/"+channel+"/leases/"+gone.String(), nil)
		for day, want := range map[string][]string{
			"2026-01-31": {"now false", "later false"},
			"2026-02-01": {"now true", "later false"},
			"2026-03-31": {"now true", "later false"},
			"2026-04-01": {"later true"},
			"2026-12-31": {"later true"},
			"2027-01-01": nil,
		} {
			for _, person := range []string{"Anna", "Ben"} {
				s.at(day)
				page := read[readapi.Contacts](t, s.get(person, "/v1/contacts?"+s.after()))
				var got []string
				for _, l := range page.Contacts[0].Leases {
					got = append(got, fmt.Sprint(l.PropertyName, " ", l.Active))
				}
				if !slices.Equal(got, want) {
					t.Errorf("on %s %s sees %q, want %q", day, person, got, want)
				}
			}
		}
		over, err := readapi.LeasesOver(t.Context(), s.runner, "2026-04-01")
		if err != nil || len(over) != 1 || over[0].Channel != channel {
			t.Errorf("over and not on the record: %v, %v", over, err)
		}
		s.at("2026-03-01")
		s.done("Ben", "DELETE", "/v1/connections/"+channel, nil)
		page := read[readapi.Contacts](t, s.get("Anna", "/v1/contacts?status=disconnected&"+s.after()))
		if len(page.Contacts) != 1 || len(page.Contacts[0].Leases) != 0 {
			t.Errorf("after the two disconnected: %+v", page)
		}
	})
}
