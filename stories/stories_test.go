package stories

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

var update = flag.Bool("update", false, "write what came into the stories and api/openapi.json, instead of comparing")

func TestStories(t *testing.T) {
	for _, engine := range engines {
		for _, file := range storyFiles(t) {
			t.Run(engine.name+"/"+strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				s := &teller{lobby: openLobby(t, engine.open), people: map[string]string{}, names: map[uuid.UUID]string{}, things: map[string]thing{}}
				got := retell(string(text), func(line string) string {
					told := s.tell(line)
					s.checkNumbers(line)
					return told
				})
				switch {
				case got == string(text):
				case *update && engine.name == engines[0].name:
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
	}
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

// checkNumbers compares every number of unread messages that anybody is shown with
// the messages themselves (P01, P03, P06, P22).
func (s *teller) checkNumbers(line string) {
	for _, first := range slices.Sorted(maps.Keys(s.people)) {
		token := s.token(s.id(first), false)
		var me struct{ Unread int }
		var bubble struct {
			Total    int
			Channels []struct {
				Channel string
				Unread  int
				Muted   bool
			}
		}
		var inbox struct {
			Channels []struct {
				Channel     string
				Unread      int
				Muted, Open bool
			}
		}
		a := s.read(token, "/me")
		if a.status == 401 { // not registered, or not active any more
			continue
		}
		s.must(a.decode(&me))
		s.must(s.read(token, "/unread").decode(&bubble))
		s.must(s.read(token, "/inbox?limit=100").decode(&inbox))
		counted := map[string]int{}
		for _, c := range bubble.Channels {
			counted[c.Channel] = c.Unread
		}
		total := 0
		for _, c := range inbox.Channels {
			var page struct {
				Messages []struct {
					Author string
					Unread bool
				}
			}
			s.must(s.read(token, "/channels/"+c.Channel+"/messages?limit=100").decode(&page))
			unread := 0
			for _, m := range page.Messages {
				if m.Unread && c.Open {
					unread++
				}
				if m.Unread && m.Author == s.id(first).String() {
					s.t.Errorf("after %q: %s has not read an own message", line, first)
				}
			}
			if c.Unread != unread || counted[c.Channel] != unread {
				s.t.Errorf("after %q: %s has %d unread messages in a channel, the inbox says %d, the bubble %d", line, first, unread, c.Unread, counted[c.Channel])
			}
			delete(counted, c.Channel)
			if !c.Muted {
				total += unread
			}
		}
		if me.Unread != total || bubble.Total != total || len(counted) > 0 {
			s.t.Errorf("after %q: %s has %d unread messages, the own page says %d, the bubble %d, of channels that the inbox lacks %v", line, first, total, me.Unread, bubble.Total, counted)
		}
	}
}

func (s *teller) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
