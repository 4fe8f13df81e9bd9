package sqlitemodel

import (
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/readmodeltest"
)

func TestEngine(t *testing.T) {
	readmodeltest.Exercise(t, readmodeltest.Engine{
		Place: func(t testing.TB) string { return t.TempDir() },
		Open: func(t testing.TB, place string) readmodel.Engine {
			e, err := Open(place, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return e
		},
	})
}
