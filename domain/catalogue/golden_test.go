package catalogue_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/scenario"
)

// A golden event is one as it is stored today. Logs are full of them, so the
// files are written once and never again: whatever the code becomes, it reads
// them as it does today.
const goldens = "testdata/events"

func goldenOf(category, kind string) string { return filepath.Join(goldens, category, kind+".json") }

// stored is any event, for whoever knows no noun.
type stored interface{ Kind() string }

// aStream is the name of some stream of the category.
func aStream(category string) string { return domain.StreamOf(category, scenario.ID(category)) }

func decode(t testing.TB, category, kind string, data []byte) stored {
	t.Helper()
	e, err := catalogue.Decode(aStream(category), kind, data)
	if err != nil {
		t.Fatalf("decode %s of %s: %v", kind, category, err)
	}
	return e.(stored)
}

func encode(t testing.TB, e any) []byte {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatalf("encode %+v: %v", e, err)
	}
	return data
}

func TestEveryKindIsReadAsItIsStored(t *testing.T) {
	var files []string
	for _, category := range catalogue.Categories() {
		for _, kind := range catalogue.Kinds(category) {
			path := goldenOf(category, kind)
			files = append(files, path)
			t.Run(category+"/"+kind, func(t *testing.T) {
				golden, err := scenario.Golden(path, func() []byte { return sample(t, category, kind) })
				if err != nil {
					t.Fatal(err)
				}
				e := decode(t, category, kind, golden)
				if e.Kind() != kind {
					return // only read any more, and never written again
				}
				if diff := cmp.Diff(value(t, golden), value(t, encode(t, e))); diff != "" {
					t.Errorf("%s is not written as it was stored (-stored +written):\n%s", path, diff)
				}
			})
		}
	}
	err := filepath.WalkDir(goldens, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !slices.Contains(files, path) {
			t.Errorf("%s has no kind in the catalogue: who reads such events now?", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func value(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return v
}

// sample makes up an event for a golden that is missing; look it over, and give
// it values that an event has, before you keep it.
func sample(t *testing.T, category, kind string) []byte {
	t.Helper()
	e := decode(t, category, kind, []byte("{}"))
	if e.Kind() != kind {
		t.Fatalf("write the golden of %s by hand: the code cannot write it any more", kind)
	}
	v := reflect.New(reflect.TypeOf(e)).Elem()
	fill(t, v, kind)
	return append(encode(t, v.Interface()), '\n')
}

func fill(t *testing.T, v reflect.Value, name string) {
	t.Helper()
	switch v.Interface().(type) {
	case uuid.UUID:
		v.Set(reflect.ValueOf(scenario.ID(name)))
		return
	case domain.Date:
		v.SetString("2026-11-22")
		return
	case domain.Moment:
		v.Set(reflect.ValueOf(domain.MomentOf(scenario.Time(0))))
		return
	case time.Time:
		v.Set(reflect.ValueOf(scenario.Time(0)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.ReplaceAll(name, "_", " "))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), name)
	case reflect.Struct:
		for i := range v.NumField() {
			field, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			fill(t, v.Field(i), field)
		}
	default:
		t.Fatalf("write the golden of %s by hand: no sample of a %s", name, v.Type())
	}
}

func FuzzDecode(f *testing.F) {
	for _, category := range catalogue.Categories() {
		for _, kind := range catalogue.Kinds(category) {
			golden, err := os.ReadFile(goldenOf(category, kind))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(aStream(category), kind, golden)
		}
	}
	f.Add("connection-", "message_sent", []byte(`{"attachments":null,"text":"\ud800","message":"{00000000-0000-4000-8000-000000000001}"}`))
	f.Add("person", "person_registered", []byte("null"))
	f.Add("lamp-1", "lamp_lit", []byte("[]"))
	f.Fuzz(func(t *testing.T, stream, kind string, data []byte) {
		e, err := catalogue.Decode(stream, kind, data)
		if err != nil {
			return
		}
		written := encode(t, e)
		read, err := catalogue.Decode(stream, e.(stored).Kind(), written)
		if err != nil {
			t.Fatalf("%s is written as %s and cannot be read: %v", data, written, err)
		}
		if again := encode(t, read); string(again) != string(written) {
			t.Errorf("%s is written as %s, then as %s", data, written, again)
		}
	})
}
