package readapi_test

import (
	"lobby.example/readmodel/readmodeltest/engines"
	"net/url"
	"slices"
	"testing"
)

// Words are found in any script, by how they begin, whatever their case, accents
// and width; where words are not set apart, by any part.
func TestMessagesAndPostsAreFoundInEveryScript(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		texts := []string{
			"Die Straße vor dem Haus ist naß", "Le résumé de l'été", "Течёт кран на кухне", "Η βρύση στάζει", "الماء مقطوع اليوم", "הברז דולף",
			"台所の水漏れを直してください", "浴室漏水，请修理", "수도꼭지가 새요", "ก๊อกน้ำรั่ว", "Ｗａｔｅｒ　off", "Rent: 1.200,50 EUR -- 100% now", "It's O'Neill's x_y",
		}
		for _, text := range texts {
			s.write("Anna", channelOf("Anna", "Ben"), text)
			s.publish(text, "-")
		}
		for query, want := range map[string]int{
			"straße": 0, "STRASSE": 0, "strasse": 0, "nass haus": 0, "resume": 1, "ÉTÉ": 1, "ete": 1, "течет": 2, "КРАН": 2, "кух": 2, "βρυση": 3, "ΣΤΑΖΕΙ": 3,
			"الماء": 4, "اليوم الماء": 4, "ברז": -1, "הברז": 5, "水漏": 6, "台所": 6, "漏水": 7, "请修": 7, "수도": 8, "น้ำ": 9, "water": 10, "ｏｆｆ": 10,
			"100": 11, "1.200": 11, "o'neill": 12, "oneill": -1, "neill": 12, "x_y": 12, "erwartet": -1, "所台": -1,
		} {
			var wanted []string
			if want >= 0 {
				wanted = texts[want : want+1]
			}
			if got := s.search("Ben", query); !slices.Equal(got, wanted) {
				t.Errorf("messages by %q: %q, want %q", query, got, wanted)
			}
			if got := s.posts("Ben", "text="+url.QueryEscape(query)); !slices.Equal(got, wanted) {
				t.Errorf("posts by %q: %q, want %q", query, got, wanted)
			}
		}
		// What means something to a search engine means nothing to this one.
		for _, query := range []string{`"`, "*", "wat*", "water OR kran", "NOT water", "words:water", "water NEAR off", "^water", "(water", "-water", "'; drop table messages; --"} {
			if a := s.get("Ben", "/v1/messages?text="+url.QueryEscape(query)+"&"+s.after()); a.Status != 200 {
				t.Errorf("messages by %q: %s", query, a)
			}
			if a := s.get("Ben", "/v1/boards/"+annasBoard()+"/posts?text="+url.QueryEscape(query)+"&"+s.after()); a.Status != 200 {
				t.Errorf("posts by %q: %s", query, a)
			}
		}
		for _, query := range []string{"water OR kran", "NOT water", "water NEAR off", "*", "%", "_"} {
			if got := s.search("Ben", query); len(got) > 0 {
				t.Errorf("%q finds %q", query, got)
			}
		}
		if a := s.get("Ben", "/v1/messages?text=a+b+c+d+e+f+g+h+i+j+k"); a.problem() != "too_many_words text" {
			t.Errorf("eleven words: %s", a)
		}
	})
}
