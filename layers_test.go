package lobby_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// policy says which of our rooms each room may import: the sentence that the
// folder listing speaks. A room may always import what lies below it, and a test
// may import anything. "..." stands for everything below.
const policy = `
domain             :
domain/thread      : domain
domain/scenario    : domain
domain/catalogue   : domain/...
domain/...         : domain domain/thread
eventlog           :
eventlog/esdbserver/esdbtest : eventlog eventlog/esdbserver eventlog/sqlitelog
eventlog/esdbserver/esdbtest/esdbnode : eventlog/esdbserver/esdbtest
eventlog/...       : eventlog
readmodel          :
readmodel/readmodeltest/engines : readmodel readmodel/...
readmodel/...      : readmodel
blobs              :
httpapi            : domain
commands           : domain/... eventlog httpapi blobs
projections        : domain/... eventlog readmodel
readapi            : domain/... eventlog readmodel httpapi blobs
delivery           : domain/... eventlog
delivery/logsubscriber : eventlog
delivery/queue     :
delivery/mail      :
delivery/mail/sink :
delivery/hook      : domain
cmd/lobby          : ...
cmd/lobby/bench    : ...
stories            : ...
`

const module = "lobby.example"

func TestEveryRoomImportsOnlyWhatItMay(t *testing.T) {
	rooms := strings.Split(strings.TrimSpace(policy), "\n")
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		i := slices.IndexFunc(rooms, func(line string) bool {
			name, _, _ := strings.Cut(line, ":")
			return covers(strings.TrimSpace(name), room)
		})
		if room == "" {
			continue
		}
		if i < 0 {
			t.Errorf("%s is a room that the policy does not name", room)
			continue
		}
		_, list, _ := strings.Cut(rooms[i], ":")
		may := strings.Fields(list)
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module+"/")
			if !ours || strings.HasPrefix(other, room+"/") {
				continue
			}
			checked++
			if strings.HasPrefix(other, "cmd/") && !strings.HasPrefix(room, "cmd/") {
				t.Errorf("%s imports %s: nobody imports cmd", room, other)
			}
			if !slices.ContainsFunc(may, func(pattern string) bool { return covers(pattern, other) }) {
				t.Errorf("%s imports %s, which it may not", room, other)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d imports were checked: is the module still called %s?", checked, module)
	}
}

// The code that appends for a client of EventStoreDB would go around every rule.
func TestTheProgramHasNoPartThatIsForTests(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, module+"/eventlog/sqlitelog") {
		t.Fatal("the packages of the program are not what they were")
	}
	for _, p := range packages {
		if strings.HasPrefix(p, module+"/") && strings.HasSuffix(p, "test") {
			t.Errorf("the program contains %s", p)
		}
	}
}

// covers reports whether a pattern of the policy names a room.
func covers(pattern, room string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return room == below || strings.HasPrefix(room, below+"/") && path.Base(room) != "scenario"
	}
	return pattern == room
}
