package main

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/commands"
	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

// Leases whose last day passed while no server ran get their event soon after the
// next start, each once.
func TestLeasesThatAreOverEndAfterTheStart(t *testing.T) {
	const over = 150 // more than one reading of the tables finds
	data := t.TempDir()
	if err := makeDirectory(data); err != nil {
		t.Fatal(err)
	}
	greta, jonas := uuid.New(), uuid.New()
	pair := connection.Stream(connection.Between(greta, jonas))
	then := time.Now().AddDate(-2, 0, 0)
	events := []connection.Event{
		connection.InvitationSent{From: connection.Party{Person: greta, Role: "landlord"}, To: connection.Party{Person: jonas, Role: "tenant"}},
		connection.InvitationAccepted{By: jonas, Other: greta},
		connection.LeaseShared{By: greta, Tenant: jonas, Lease: lease(then, then.AddDate(5, 0, 0))},
	}
	for range over {
		events = append(events, connection.LeaseShared{By: greta, Tenant: jonas, Lease: lease(then, then.AddDate(1, 0, 0))})
	}
	log := openLog(t, data)
	write(t, log, person.Stream(greta), then, person.Facts, person.Event(person.Registered{Person: greta, Role: person.Landlord, Profile: person.Profile{Name: "Greta Lindqvist"}}))
	write(t, log, person.Stream(jonas), then, person.Facts, person.Event(person.Registered{Person: jonas, Role: person.Tenant, Profile: person.Profile{Name: "Jonas Weber"}}))
	write(t, log, pair, then, connection.Facts, events...)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}

	for range 2 { // the second start finds nothing to do
		p := serve(t, data)
		until(t, "all events of the leases are visible", func() bool {
			var ready struct{ Position eventlog.Position }
			p.get("", "/readyz", &ready)
			return ready.Position.Commit() >= uint64(2+len(events)+over)
		})
		if code := p.signal(syscall.SIGTERM); code != 0 {
			t.Fatalf("ended with %d\n%s", code, p.stderr)
		}
	}

	log = openLog(t, data)
	defer log.Close()
	ended := map[uuid.UUID]int{}
	for r, err := range log.ReadStream(t.Context(), pair, eventlog.Revision(len(events)), eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		var metadata domain.Metadata
		var e connection.LeaseEnded
		if err := json.Unmarshal(r.Metadata, &metadata); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(r.Data, &e); err != nil {
			t.Fatal(err)
		}
		if r.Kind != "lease_ended" || e.Reason != connection.Expired || e.By != uuid.Nil || metadata.Actor != commands.System {
			t.Errorf("%s %s by %s", r.Kind, r.Data, metadata.Actor)
		}
		ended[e.Lease]++
	}
	for _, e := range events[2:] {
		shared := e.(connection.LeaseShared)
		want := 0
		if shared.Over(domain.DateOf(time.Now())) {
			want = 1
		}
		if ended[shared.ID] != want {
			t.Errorf("the lease to %s ended %d times, want %d", shared.End, ended[shared.ID], want)
		}
	}
}

func lease(start, end time.Time) connection.Lease {
	return connection.Lease{ID: uuid.New(), Property: uuid.New(), Name: "Elm Street 5", Start: domain.DateOf(start), End: domain.DateOf(end)}
}

func openLog(t *testing.T, data string) *sqlitelog.Log {
	t.Helper()
	log, err := sqlitelog.Open(filepath.Join(data, logFile), sqlitelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// write appends events as a command of that time would have.
func write[S any](t *testing.T, log eventlog.Log, stream string, at time.Time, facts domain.Facts[S], events ...domain.Event[S]) {
	t.Helper()
	metadata, err := json.Marshal(domain.Metadata{Command: uuid.New(), Actor: uuid.New(), OccurredAt: domain.MomentOf(at), Schema: domain.MetadataSchema})
	if err != nil {
		t.Fatal(err)
	}
	var encoded []eventlog.Event
	for _, e := range events {
		data, err := facts.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, eventlog.Event{ID: uuid.New(), Kind: e.Kind(), Data: data, Metadata: metadata})
	}
	if _, err := log.Append(t.Context(), stream, eventlog.NoStream, encoded); err != nil {
		t.Fatal(err)
	}
}
