package stories

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/readmodel/readmodeltest/engines"
)

var update = flag.Bool("update", false, "write what came into the stories and api/openapi.json, instead of comparing")

func TestStories(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		for _, file := range storyFiles(t) {
			t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				s := &teller{lobby: openLobby(t), people: map[string]string{}, names: map[uuid.UUID]string{}, things: map[string]thing{}}
				got := retell(string(text), func(line string) string {
					told := s.tell(line)
					s.checkNumbers(line)
					return told
				})
				switch {
				case got == string(text):
				case *update && strings.Contains(t.Name(), "/"+engines.Names[0]+"/"):
					err = os.WriteFile(file, []byte(got), 0o666)
				default:
					t.Errorf("%s is told otherwise now (-: the file, +: what came):\n%s", file,
						cmp.Diff(strings.Split(string(text), "\n"), strings.Split(got, "\n")))
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}

func storyFiles(t *testing.T) []string {
	files, err := filepath.Glob("*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	return files
}

// retell is the text with what comes of each line that begins with ">" below it.
func retell(text string, tell func(line string) string) string {
	var told []string
	acting := false
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		did, acts := strings.CutPrefix(line, "> ")
		switch {
		case acts:
			told = append(told, line)
			if came := tell(did); came != "" {
				told = append(told, came)
			}
		case !acting || line == "":
			told = append(told, line)
		}
		acting = (acting || acts) && line != ""
	}
	return strings.Join(told, "\n") + "\n"
}

func (s *teller) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
