package scenario_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestAGoldenFoldIsWrittenOncePerVersion(t *testing.T) {
	t.Chdir(t.TempDir())
	updating := scenario.Updating()
	update := func(on string) {
		if err := flag.Set("update", on); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { flag.Set("update", map[bool]string{true: "true", false: "false"}[updating]) })
	fold := func(version int, events ...jarEvent) string {
		noun := jars
		noun.Version, noun.Facts = version, domain.All(domain.Of[filled])
		return failure(func(t testing.TB) { scenario.GoldenFold(t, noun, events...) })
	}
	expect := func(got, want string) {
		t.Helper()
		if got == "" != (want == "") || !strings.Contains(got, want) {
			t.Errorf("failed with %q, want %q", got, want)
		}
	}
	toffee, fudge := filled{Sweet: "toffee"}, filled{Sweet: "fudge"}

	update("false")
	expect(fold(1, toffee), "run with -update")
	update("true")
	expect(fold(1, toffee), "")
	update("false")
	expect(fold(1, toffee), "")
	update("true")
	expect(fold(1, toffee, fudge), "raise Noun.Version")
	expect(fold(2, toffee, fudge), "")
	update("false")
	expect(fold(1, toffee), "")
	expect(fold(2, toffee, fudge), "")
	expect(fold(2), `no event of kinds ["filled"]`)

	const want = "-- filled --\n{\n  \"Sweets\": [\n    \"toffee\"\n  ]\n}\n"
	if got, err := os.ReadFile(filepath.Join("testdata", "fold-v1.golden")); string(got) != want || err != nil {
		t.Errorf("the file is\n%s, %v", got, err)
	}

	t.Run("a file that cannot be written is a failure", func(t *testing.T) {
		update("true")
		if err := os.WriteFile("file", nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := scenario.Golden(filepath.Join("file", "golden"), func() []byte { return nil }); err == nil {
			t.Error("written into a file")
		}
	})
}

// spilled is a kind that is only read any more.
type spilled struct{}

func (spilled) Kind() string { return "spilled" }

func TestAGoldenFoldNeedsNoKindThatIsOnlyRead(t *testing.T) {
	noun := jars
	noun.Facts = domain.All(domain.Of[filled], domain.Upcast(func(spilled) filled { return filled{} }))
	got := failure(func(t testing.TB) { scenario.GoldenFold(t, noun) })
	if !strings.Contains(got, `no event of kinds ["filled"]`) {
		t.Errorf("failed with %q", got)
	}
}
