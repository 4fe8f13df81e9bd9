// Package readmodeltest is the one suite that every engine of read models passes.
//
// It knows an engine by its interface only, and SQL as queries write it.
package readmodeltest

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"lobby.example/readmodel"
)

// Engine is how the suite gets at an engine.
type Engine struct {
	// Place makes a new place for builds, a directory or whatever else has a name.
	Place func(t testing.TB) string
	// Open opens the engine at a place. What is there stays when it is closed.
	Open func(t testing.TB, place string) readmodel.Engine
	// Only names the cases that the engine has to pass; none stands for all. It is
	// for engines of tests, which do not know SQL.
	Only []string
}

type testCase struct {
	name string
	run  func(*testing.T, Engine)
}

// Exercise runs the suite. It starts processes of the running test again, to kill
// them, so the test that calls Exercise may do nothing else before.
func Exercise(t *testing.T, engine Engine) {
	if place := os.Getenv(crashPlace); place != "" {
		applyUntilKilled(t, engine.Open(t, place))
		return
	}
	cases := []testCase{
		{"builds are numbered and listed", buildsAreListed},
		{"the serving pointer survives reopening", servingSurvives},
		{"a build that serves can be dropped", droppingWhatServes},
		{"an unfinished build is not opened", unfinishedBuild},
		{"a crash while filling leaves nothing to open", crashWhileFilling},
		{"a build is used while it is filled and after", fillingAndLive},
		{"Apply is atomic", applyIsAtomic},
		{"of two writers one wins", twoWriters},
		{"deleting what is not there", deletingNothing},
		{"a delete forgets what was", deleteForgets},
		{"a statement is a barrier", statementIsBarrier},
		{"a table of another model is refused", foreignTable},
		{"P07 any batch cuts give equal tables", anyCutsAreEqual},
		{"P06 a view is one snapshot", viewIsSnapshot},
		{"a write does not hold up a view", writeDoesNotBlockView},
		{"views give their place back", viewsGiveBack},
		{"a context that ends ends a query", contextEndsQuery},
		{"parameters are numbered", numberedParameters},
		{"lists of parameters", parameterLists},
		{"queries are asked together", asksTogether},
		{"queries say what is wrong with them", badQueries},
		{"values of all types return", valuesReturn},
		{"text is ordered by bytes", textOrder},
		{"identifiers return, and are ordered as their texts", identifiers},
		{"what is no identifier is refused", noIdentifiers},
		{"times are ordered", timeOrder},
		{"a search finds words, in scripts without spaces too", searchFinds},
		{"rows that are written once are found by key and by words", writtenOnce},
		{"closing waits for readers", closingWaits},
		{"closed is closed", closedIsClosed},
		{"a crash leaves rows and checkpoint together", crashes},
	}
	for _, name := range engine.Only {
		if !slices.ContainsFunc(cases, func(c testCase) bool { return c.name == name }) {
			t.Errorf("there is no case %q", name)
		}
	}
	for _, c := range cases {
		if len(engine.Only) > 0 && !slices.Contains(engine.Only, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) { c.run(t, engine) })
	}
}

var (
	notes = &readmodel.Table{
		Name: "note", Key: 1,
		Doc: "What the suite writes most.\nIts second line.",
		Columns: []readmodel.Column{
			{Name: "id"}, {Name: "body", Doc: "any text"}, {Name: "size", Type: readmodel.Integer}, {Name: "comment", Null: true},
		},
		Indexes: []readmodel.Index{{Columns: []string{"size", "id"}, Doc: "by size"}},
	}
	marks = &readmodel.Table{
		Name: "mark", Key: 2,
		Columns: []readmodel.Column{
			{Name: "number", Type: readmodel.Integer}, {Name: "owner"}, {Name: "set", Type: readmodel.Boolean}, {Name: "at", Type: readmodel.Time},
		},
	}
	links = &readmodel.Table{
		Name: "link", Key: 2,
		Columns: []readmodel.Column{
			{Name: "channel", Type: readmodel.Identifier}, {Name: "entry", Type: readmodel.Identifier},
			{Name: "author", Type: readmodel.Identifier}, {Name: "reader", Type: readmodel.Identifier, Null: true},
		},
	}
	model = readmodel.Model{Name: "suite", Version: 3, Tables: []*readmodel.Table{notes, marks, links, pages, lines}}

	setNote  = notes.Upsert("id", "size", "body")
	setBody  = notes.Upsert("id", "body")
	setSize  = notes.Upsert("id", "size")
	comment  = notes.Upsert("id", "comment")
	makeNote = notes.Upsert("id")
	setLink  = links.Upsert("channel", "entry", "author", "reader")
	makeLink = links.Upsert("channel", "entry")
	setMark  = marks.Upsert("number", "owner", "set", "at")
)

// start opens an engine at a new place.
func start(t testing.TB, engine Engine) readmodel.Engine {
	t.Helper()
	return reopen(t, engine, engine.Place(t))
}

func reopen(t testing.TB, engine Engine, place string) readmodel.Engine {
	t.Helper()
	e := engine.Open(t, place)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

// filled gives a finished build with the operations applied, at position 1.
func filled(t testing.TB, e readmodel.Engine, operations ...readmodel.Operation) (readmodel.Build, readmodel.Store) {
	t.Helper()
	b, s, err := e.Create(t.Context(), model)
	must(t, err)
	must(t, s.Apply(t.Context(), readmodel.Checkpoint{}, at(1), operations))
	must(t, s.Finish(t.Context()))
	return b, s
}

// at is the checkpoint of one of the suite's positions.
func at(n int) readmodel.Checkpoint {
	if n == 0 {
		return readmodel.Checkpoint{}
	}
	return readmodel.Checkpoint{Position: strconv.Itoa(n), Event: "event " + strconv.Itoa(n)}
}

func number(t testing.TB, c readmodel.Checkpoint) int {
	t.Helper()
	n, err := strconv.Atoi("0" + c.Position)
	must(t, err)
	equal(t, c, at(n))
	return n
}

func dump(t testing.TB, s readmodel.Store) string {
	t.Helper()
	text, _ := dumpAt(t, s)
	return text
}

func dumpAt(t testing.TB, s readmodel.Store) (string, readmodel.Checkpoint) {
	t.Helper()
	var text strings.Builder
	at, err := readmodel.Dump(t.Context(), s, model, &text)
	must(t, err)
	return text.String(), at
}

// texts reads one column of text.
func texts(ctx context.Context, q readmodel.Query, sql string, args ...any) (list []string, err error) {
	err = q.Rows(ctx, sql, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		list = append(list, text)
		return err
	}, args...)
	return list, err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t testing.TB, err, with error) {
	t.Helper()
	if !errors.Is(err, with) {
		t.Fatalf("error is %v, want %v", err, with)
	}
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got\n%v\nwant\n%v", got, want)
	}
}
