// Package pgtest gives tests a PostgreSQL of their own: a private server, started
// from the binaries that are installed, on a socket in a temporary directory, with
// durability on as in production. Where LOBBY_TEST_POSTGRES has the URL of a
// database, tests use that one instead.
//
// It promises that the server ends and its directory goes when the test's process
// does, however that ends. A test that gets no server fails and says what to
// install; it never skips.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Variable is the environment variable with the URL of a database to use.
const Variable = "LOBBY_TEST_POSTGRES"

var shared = sync.OnceValues(func() (*Server, error) { return launch() })

// URL is that of a database for the tests of this process: of the one server that
// they share, or of LOBBY_TEST_POSTGRES.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(Variable); url != "" {
		return url
	}
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.URL()
}

// Schema is the name of a schema that no other test has. When the test ends, it
// and those whose names begin with it are dropped, where they would stay.
func Schema(t testing.TB) string {
	t.Helper()
	var random [6]byte
	rand.Read(random[:])
	name := "test_" + hex.EncodeToString(random[:])
	if os.Getenv(Variable) != "" {
		t.Cleanup(func() { drop(t, name) })
	}
	return name
}

func drop(t testing.TB, prefix string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv(Variable))
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `select nspname from pg_namespace where starts_with(nspname, $1)`, prefix)
	if err != nil {
		t.Error(err)
		return
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range names {
		if err == nil {
			_, err = conn.Exec(ctx, `drop schema "`+name+`" cascade`)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// Place names a schema in a database by one text, for tests that keep a place by
// its name: At takes it apart.
func Place(t testing.TB) string {
	t.Helper()
	return URL(t) + "#" + Schema(t)
}

// At gives the URL and the schema of a place.
func At(place string) (url, schema string) {
	i := strings.LastIndexByte(place, '#')
	return place[:i], place[i+1:]
}

// address is the URL of a server with its socket in a directory.
func address(directory string) string {
	u := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{"host": {directory}, "user": {user}}.Encode()}
	return u.String()
}
