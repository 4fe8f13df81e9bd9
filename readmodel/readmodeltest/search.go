package readmodeltest

import (
	"fmt"
	"strings"
	"testing"

	"lobby.example/readmodel"
)

// searchFinds compares what a search finds with what the words say, while rows
// come, change and go, and with what was there before the build was finished.
func searchFinds(t *testing.T, engine Engine) {
	write := func(id, text string) readmodel.Operation {
		return findable.Row(id, text, readmodel.SearchWords(text))
	}
	_, s := filled(t, start(t, engine),
		write("wash", "The washing machine drips."),
		write("tokyo", "東京の部屋は静かです"),
		write("kyiv", "Прибирання під'їзду щовівторка"),
		write("thai", "ห้องน้ำรั่ว"),
		write("cafe", "CAFÉ Zürich, ﬁnally"),
		write("blank", "  "),
		write("long", strings.Repeat("aé", 3000)), // longer than an engine takes a word to be
		write("much", strings.Repeat("x", 3000)+" "+manyWords()),
	)
	find := func(looked, want string) {
		t.Helper()
		var got []string
		_, err := s.View(t.Context(), func(q readmodel.Query) (err error) {
			match, argument := q.Match("page", "p", 2, readmodel.SearchTerms(looked))
			got, err = texts(t.Context(), q, `select p.id from page p where p.id <> $1 and `+match+` order by p.id`, "kept out", argument)
			return err
		})
		must(t, err)
		if all := strings.Join(got, " "); all != want {
			t.Errorf("%q finds %q, want %q", looked, all, want)
		}
	}
	for looked, want := range map[string]string{
		"washing": "wash", "wash": "wash", "WASH mach": "wash", "machine washing": "wash", "ash": "", "washing tokyo": "",
		"東京": "tokyo", "京東": "", "部屋": "tokyo", "静": "tokyo", "прибирання": "kyiv", "ПРИБ": "kyiv", "น้ำ": "thai",
		"cafe": "cafe", "zurich café": "cafe", "finally": "cafe", `"*^:(`: "", "or": "", "wash or": "", "near": "",
	} {
		if len(readmodel.SearchTerms(looked)) > 0 {
			find(looked, want)
		}
	}
	must(t, s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{
		write("wash", "The dryer hums."), pages.DeleteRow("tokyo"), write("new", "A washing line"), write("gone", "washing up"), pages.DeleteRow("gone"),
	}))
	find("wash", "new")
	find("dry", "wash")
	find("東京", "")
	must(t, s.Apply(t.Context(), at(2), at(3), []readmodel.Operation{pages.DeleteRow("blank"), write("tokyo", "東京"), pageText.Row("cafe", "another text, the same words")}))
	find("東京", "tokyo")
	find("cafe", "cafe")
	find(strings.Repeat("ae", 3000), "long")
	find(strings.Repeat("x", 3000), "much")
	find("w19999", "much")
}

// manyWords is a text of more different words than have a position in an index of
// PostgreSQL.
func manyWords() string {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "w%d ", i)
	}
	return text.String()
}

var (
	pages = &readmodel.Table{
		Name: "page", Key: 1, Search: "words",
		Columns: []readmodel.Column{{Name: "id"}, {Name: "text"}, {Name: "words"}},
	}
	findable = pages.Upsert("id", "text", "words")
	pageText = pages.Upsert("id", "text")
)
