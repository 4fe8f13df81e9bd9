package commands

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
)

// frequent takes a snapshot at every chance, by pretending that the last one was
// long ago.
func frequent(st *loaded[connection.State]) { st.saved = st.revision - eventlog.Revision(1<<30) }

// TestSnapshotsChangeNoDecision runs any commands on a service that is often
// restarted from snapshots and on one that folds everything, and compares.
func TestSnapshotsChangeNoDecision(t *testing.T) {
	h := newHouse(t)
	snapshots := h.openSnapshots()
	run, used := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		a, b := scenario.ID(fmt.Sprint("a", run)), scenario.ID(fmt.Sprint("b", run))
		id := connection.Between(a, b)
		name := connection.Stream(id)
		kept, folded := h.service(h.log, snapshots), (*Service)(nil)
		people := rapid.SampledFrom([]uuid.UUID{a, b})
		var messages, leases []uuid.UUID
		thing := func(from []uuid.UUID) uuid.UUID {
			if len(from) == 0 || rapid.IntRange(0, 9).Draw(t, "strange") == 0 {
				return uuid.New()
			}
			return rapid.SampledFrom(from).Draw(t, "thing")
		}
		for range rapid.IntRange(1, 25).Draw(t, "commands") {
			by := people.Draw(t, "by")
			r := h.request(by)
			var command domain.Command[connection.State]
			switch rapid.IntRange(0, 9).Draw(t, "command") {
			case 0, 1:
				from, to := connection.Party{Person: a, Role: "landlord"}, connection.Party{Person: b, Role: "tenant"}
				if by == b {
					from, to = to, from
				}
				command = connection.Invite{From: from, To: to}
			case 2:
				command = connection.AcceptInvitation{Connection: id, By: by}
			case 3, 4, 5:
				command = message(id, r)
				messages = append(messages, entityID(r.Command))
			case 6:
				command = connection.MarkSeen{Connection: id, By: by, Entries: []uuid.UUID{thing(messages), thing(messages)}}
			case 7:
				command = connection.DeleteMessage{Connection: id, Message: thing(messages), By: by}
			case 8:
				l := connection.Lease{ID: entityID(r.Command), Property: scenario.ID("house"), Name: "House", Start: "2026-01-01", End: "2099-01-01"}
				leases = append(leases, l.ID)
				command = connection.ShareLease{Connection: id, By: by, Lease: l, Today: domain.DateOf(time.Now())}
			default:
				command = connection.EndLease{Connection: id, Lease: thing(leases), By: by, Today: domain.DateOf(time.Now())}
			}
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				kept = h.service(h.log, snapshots)
			}
			folded = h.service(h.log, nil)
			result, err := kept.connections.Execute(h.Context(), command, r)
			st, _ := kept.connections.cache.GetIfPresent(name)
			if st.recent.partial {
				used++
			}
			if err == nil && st.revision >= 0 {
				frequent(&st.loaded)
				before := st.saved
				kept.connections.keep(st)
				if st.saved == before {
					t.Fatal("no snapshot was taken")
				}
			}
			// A second service decides it again, on the state before.
			want, wantErr := decideBefore(h, folded, command, name, result.Events)
			if diff := cmp.Diff(want, result.Events) + cmp.Diff(fmt.Sprint(wantErr), fmt.Sprint(err)); diff != "" {
				t.Fatalf("%T (-folded +from snapshots): %s", command, diff)
			}
			sameState(t, h, kept, name)
		}
	})
	if snapshots.broken.Load() || used < 100 {
		t.Fatalf("a snapshot was used %d times", used)
	}
	t.Logf("a snapshot was used %d times", used)
}

// decideBefore folds the stream but for the events that a command wrote last,
// and lets the command decide on that.
func decideBefore(h *house, s *Service, command domain.Command[connection.State], name string, wrote int) (int, error) {
	events := h.stream(name)
	events = events[:len(events)-wrote]
	var state connection.State
	var past []domain.Past[connection.State]
	for _, r := range events {
		e, m, err := s.connections.read(r)
		if err != nil {
			h.Fatal(err)
		}
		state = e.Evolve(state)
		past = append([]domain.Past[connection.State]{{Event: e, Revision: int64(r.Revision), Time: m.OccurredAt.Time}}, past...)
	}
	if r, ok := command.(domain.Recalling[connection.State]); ok && r.Forgotten(state) {
		decided, err := r.Recall(state, slices.Values(past))
		return len(decided), err
	}
	decided, err := command.Decide(state)
	return len(decided), err
}

// sameState compares what a service has with a fold of the whole stream.
func sameState(t rapid.TB, h *house, s *Service, name string) {
	var states [2]connection.State
	for i, s := range []*Service{s, h.service(h.log, nil)} {
		if err := s.connections.Look(h.Context(), name, func(c connection.State) error { states[i] = c; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(states[1].Status, states[0].Status) + cmp.Diff(fmt.Sprint(states[1].Leases), fmt.Sprint(states[0].Leases)) +
		cmp.Diff(fmt.Sprint(states[1].Thread), fmt.Sprint(states[0].Thread)); diff != "" {
		t.Fatalf("states (-folded +from snapshots): %s", diff)
	}
}
