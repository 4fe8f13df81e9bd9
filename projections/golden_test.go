package projections_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
)

// line is one event of a log in a file.
type line struct {
	Stream   string          `json:"stream"`
	Kind     string          `json:"kind"`
	ID       uuid.UUID       `json:"id"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata"`
}

// A read model of one version has one shape and one meaning. The log in testdata
// gives these rows for as long as the version stays: when they differ, raise
// Messenger.Version and run with -update, which writes what is missing and never
// what is there.
func TestAReplayOfTheGoldenLogGivesTheGoldenRows(t *testing.T) {
	name := filepath.Join("testdata", fmt.Sprintf("messenger-v%d", projections.Messenger.Version))
	recorded, err := scenario.Golden(name+".ndjson", func() []byte { return aLogOfEverything(t) })
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log := openLog(t, filepath.Join(dir, "log.sqlite"))
	missing := map[string]bool{}
	for _, category := range catalogue.Categories() {
		for _, kind := range catalogue.Kinds(category) {
			missing[category+"/"+kind] = true
		}
	}
	revisions := map[string]eventlog.Revision{}
	var head eventlog.Position
	for decoder := json.NewDecoder(bytes.NewReader(recorded)); decoder.More(); {
		var l line
		if err := decoder.Decode(&l); err != nil {
			t.Fatal(err)
		}
		expected, ok := revisions[l.Stream]
		if !ok {
			expected = eventlog.NoStream
		}
		appended, err := log.Append(t.Context(), l.Stream, expected, []eventlog.Event{{ID: l.ID, Kind: l.Kind, Data: l.Data, Metadata: l.Metadata}})
		if err != nil {
			t.Fatal(err)
		}
		revisions[l.Stream], head = appended.Revision, appended.Positions[0]
		delete(missing, eventlog.Category(l.Stream)+"/"+l.Kind)
	}
	if len(missing) > 0 {
		t.Errorf("the golden log has no event of kinds %v: add them to aLogOfEverything, raise the version, run with -update", missing)
	}

	engine := openEngine(t, filepath.Join(dir, "models"))
	r := served(t, log, engine, projections.Options{})
	wait(t, r, head)
	r.Close()
	got := shape() + "\n" + dump(t, engine)
	want, err := scenario.Golden(name+".golden", func() []byte { return []byte(got) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s.golden: what the model holds has changed, so raise Messenger.Version and run with -update (-want +got):\n%s", name, diff)
	}
}

// shape is what a query can rely on.
func shape() string {
	var b bytes.Buffer
	types := []string{"text", "integer", "boolean", "time", "identifier"}
	for _, t := range projections.Messenger.Tables {
		fmt.Fprintf(&b, "table %s\n", t.Name)
		for i, c := range t.Columns {
			fmt.Fprintf(&b, "\t%s %s", c.Name, types[c.Type])
			if i < t.Key {
				b.WriteString(" key")
			}
			if c.Null {
				b.WriteString(" null")
			}
			b.WriteString("\n")
		}
		for _, index := range t.Indexes {
			fmt.Fprintf(&b, "\tindex %v\n", index.Columns)
		}
	}
	return b.String()
}

// aLogOfEverything tells a story in which everything happens that can.
func aLogOfEverything(t *testing.T) []byte {
	log := openLog(t, filepath.Join(t.TempDir(), "log.sqlite"))
	w := newWorld(t, log)
	w.register("Anna", "Ben", "Cleo", "Dora")
	anna, ben := scenario.ID("Anna"), scenario.ID("Ben")
	w.connect("Anna", "Ben")
	w.connect("Dora", "Anna")
	do(w, connection.Noun, connection.Invite{From: party("Anna"), To: party("Cleo")})
	do(w, connection.Noun, connection.DeclineInvitation{Connection: between("Anna", "Cleo"), By: scenario.ID("Cleo")})
	do(w, connection.Noun, connection.Invite{From: party("Ben"), To: party("Cleo")})

	elm, oak := w.id(), w.id()
	for _, l := range []connection.Lease{
		{ID: elm, Property: w.id(), Name: "Elm Street 4", Start: "2026-03-01", End: "2027-02-28"},
		{ID: oak, Property: w.id(), Name: "Oak Lane 1", Start: "2026-04-01", End: "2026-12-31"},
	} {
		do(w, connection.Noun, connection.ShareLease{Connection: between("Anna", "Ben"), By: anna, Today: "2026-03-01", Lease: l})
	}
	do(w, connection.Noun, connection.EndLease{Connection: between("Anna", "Ben"), Lease: oak, By: anna, Today: "2026-03-01"})

	one := w.send("Anna", "Ben", "The plumber comes on Monday.\nCan you be there?")
	two := w.send("Ben", "Anna", "Yes, from ten o'clock on.")
	three := w.send("Anna", "Ben", "I meant Tuesday. <b>Übermorgen</b> 🛠")
	do(w, connection.Noun, connection.SendMessage{Connection: between("Dora", "Anna"), Message: w.id(), From: scenario.ID("Dora"), Text: "The invoice.", EmailCopy: true})
	w.see("Ben", "Anna", one)
	w.see("Anna", "Ben", two)
	do(w, connection.Noun, connection.DeleteMessage{Connection: between("Anna", "Ben"), Message: three, By: anna})
	w.send("Anna", "Ben", "Tuesday, please.")

	w.mute("Ben", "Anna", true)
	w.mute("Anna", "Dora", true)
	w.mute("Anna", "Dora", false)
	for _, on := range []bool{true, false, true} {
		do(w, reader.Noun, reader.MarkUnread{Person: ben, Channel: channelOf("Ben", "Anna"), Unread: on})
	}
	do(w, person.Noun, person.UpdateProfile{Person: ben, Profile: person.Profile{Name: "Ben Åström-Łoś"}})
	do(w, person.Noun, person.SetPreferences{Person: ben, Preferences: person.Preferences{NoEmailCopies: true}})
	do(w, connection.Noun, connection.Disconnect{Connection: between("Dora", "Anna"), By: anna})
	do(w, connection.Noun, connection.Disconnect{Connection: between("Anna", "Ben"), By: ben})
	w.connect("Ben", "Anna")
	do(w, person.Noun, person.Deactivate{Person: scenario.ID("Cleo")})

	var b bytes.Buffer
	for r, err := range log.ReadAll(context.Background(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(line{r.Stream, r.Kind, r.ID, slices.Clone(r.Data), slices.Clone(r.Metadata)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.Bytes()
}
