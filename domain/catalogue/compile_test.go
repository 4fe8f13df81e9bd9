package catalogue_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// claims is a package of which the lines that say "not" do not compile, and all
// others do.
const claims = `package claims

import (
	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
)

type inert struct{}

func (inert) Kind() string { return "inert" }

var _ = []connection.Event{connection.Ended{}}
var _ = []connection.Event{person.Deactivated{}} // not: an event of another noun in a decision
var _ = []connection.Event{inert{}} // not: an event that evolves nothing

var _ = domain.All(domain.Of[connection.Ended], domain.Of[connection.MessageSent])
var _ = domain.All(domain.Of[connection.Ended], domain.Of[person.Deactivated]) // not: two nouns in one catalogue
var _ = domain.All(domain.Of[inert]) // not: a fact that evolves nothing

var _ domain.Command[connection.State] = connection.Disconnect{}
var _ domain.Command[connection.State] = person.Deactivate{} // not: a command to another noun
`

func TestMistakesDoNotCompile(t *testing.T) {
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	source, overlay := filepath.Join(t.TempDir(), "claims.go"), filepath.Join(t.TempDir(), "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(dir, "claims", "claims.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{source: []byte(claims), overlay: replace} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("go", "build", "-overlay", overlay, "./claims").CombinedOutput()
	if err == nil {
		t.Fatal("it compiles")
	}
	for i, line := range strings.Split(claims, "\n") {
		at := regexp.MustCompile(`claims\.go:` + strconv.Itoa(i+1) + `:`)
		if refused, want := at.Match(out), strings.Contains(line, "// not: "); refused != want {
			t.Errorf("refused %t, want %t: %s", refused, want, line)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
