package catalogue_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain/catalogue"
	"lobby.example/domain/scenario"
)

const eventCatalogue = "../../docs/event-catalogue.md"

const eventCatalogueHead = `# Event catalogue

Everything that Lobby stores, by category of stream: each kind of event with an example as it is in the log, though there on
one line. Kinds and fields never change their meaning; a new field is absent from older events. Readers ignore fields that they
do not know.

This page is generated from the code: ` + "`go test ./domain/catalogue -update`" + `.
`

// TestEventCatalogueIsUpToDate keeps docs/event-catalogue.md equal to the code.
func TestEventCatalogueIsUpToDate(t *testing.T) {
	want := []byte(markdown(t))
	if scenario.Updating() {
		if err := os.MkdirAll(filepath.Dir(eventCatalogue), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(eventCatalogue, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(eventCatalogue)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update: %s is not what the code says (-want +got):\n%s", eventCatalogue, diff)
	}
}

func markdown(t *testing.T) string {
	var page strings.Builder
	page.WriteString(eventCatalogueHead)
	for _, category := range catalogue.Categories() {
		for i, kind := range catalogue.Kinds(category) {
			golden, err := os.ReadFile(goldenOf(category, kind))
			if err != nil {
				t.Fatal(err)
			}
			e := decode(t, category, kind, golden)
			docs := docsOf(t, e)
			if i == 0 {
				fmt.Fprintf(&page, "\n## %s\n\n%s\n", category, told(t, docs, docs.Doc, "Package "+docs.Name, "`"+category+"-<uuid>`"))
			}
			name, comment := reflect.TypeOf(e).Name(), ""
			for _, event := range docs.Types {
				if event.Name == name {
					comment = event.Doc
				}
			}
			sentence := told(t, docs, comment, name, "`"+kind+"`")
			if e.Kind() != kind {
				sentence = fmt.Sprintf("Not written any more; read as `%s`.", e.Kind())
			}
			var example bytes.Buffer
			if err := json.Indent(&example, bytes.TrimSpace(golden), "", "  "); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&page, "\n### %s\n\n%s\n\n```json\n%s\n```\n", kind, sentence, &example)
		}
	}
	return page.String()
}

// told is the first sentence of a doc comment, about subject instead of name.
func told(t *testing.T, docs *doc.Package, text, name, subject string) string {
	t.Helper()
	rest, ok := strings.CutPrefix(docs.Synopsis(text), name)
	if !ok {
		t.Fatalf("the doc comment of %s in package %s does not begin with it", name, docs.Name)
	}
	if sentence, ok := strings.CutPrefix(rest, ": "); ok { // "Ended: the two are no longer connected."
		first := []rune(sentence)
		first[0] = unicode.ToUpper(first[0])
		return string(first)
	}
	return subject + rest
}

// docsOf reads the doc comments of the package that an event is of.
func docsOf(t *testing.T, e stored) *doc.Package {
	t.Helper()
	path := reflect.TypeOf(e).PkgPath()
	sources, err := filepath.Glob(filepath.Join("../..", strings.TrimPrefix(path, "lobby.example/"), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, source, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	docs, err := doc.NewFromFiles(set, files, path)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}
