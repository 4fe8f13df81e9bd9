package projections_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain/catalogue"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
	"lobby.example/readmodel/readmodeltest/engines"
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
	engines.Each(t, func(t *testing.T) {
		name := filepath.Join("testdata", fmt.Sprintf("messenger-v%d", projections.Messenger.Version))
		recorded, err := scenario.Golden(name+".ndjson", func() []byte { return aLogOfEverything(t) })
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		missing := everyKind()
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
	})
}

// everyKind is the catalogue.
func everyKind() map[string]bool {
	kinds := map[string]bool{}
	for _, category := range catalogue.Categories() {
		for _, kind := range catalogue.Kinds(category) {
			kinds[category+"/"+kind] = true
		}
	}
	return kinds
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
		if t.Search != "" {
			fmt.Fprintf(&b, "\tsearch %s\n", t.Search)
		}
	}
	return b.String()
}
