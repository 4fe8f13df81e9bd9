package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"lobby.example/readmodel"
	"lobby.example/readmodel/postgres/pgtest"
)

// What the server says when its disk is full, here by a trigger, is told as what it is:
// nothing of the Apply is there, and the same one succeeds once there is room.
func TestAFullDiskOfTheServerIsNoRoom(t *testing.T) {
	place := pgtest.Place(t)
	b, s := built(t, process(t, place))
	apply(t, s, 1)
	url, schema := pgtest.At(place)
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(t.Context())
	build := fmt.Sprintf("%s_m_v1_b%d", schema, b.Number)
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`
		create function %[1]s.no_room() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
		create trigger no_room before insert on %[1]s.message execute function %[1]s.no_room()`, build), pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	if err := s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{write.Row("00000000-0000-0000-0000-000000000002", "text")}); !errors.Is(err, readmodel.ErrFull) {
		t.Errorf("error is %v, want ErrFull", err)
	}
	if c, err := s.Checkpoint(t.Context()); err != nil || c != at(1) {
		t.Errorf("the checkpoint is %v, %v", c, err)
	}
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`drop trigger no_room on %s.message`, build))
	must(t, err)
	apply(t, s, 2)
}
