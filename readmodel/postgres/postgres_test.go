package postgres_test

import (
	"testing"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres"
	"lobby.example/readmodel/postgres/pgtest"
	"lobby.example/readmodel/readmodeltest"
)

func open(t testing.TB, place string) *postgres.Engine {
	t.Helper()
	url, schema := pgtest.At(place)
	e, err := postgres.Open(t.Context(), url, postgres.Options{Schema: schema, Readers: 4})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEngine(t *testing.T) {
	readmodeltest.Exercise(t, readmodeltest.Engine{
		Place: func(t testing.TB) string { return pgtest.Place(t) },
		Open:  func(t testing.TB, place string) readmodel.Engine { return open(t, place) },
	})
}
