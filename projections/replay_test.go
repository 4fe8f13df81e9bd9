package projections_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/eventlog"
	"lobby.example/projections"
)

// anything draws commands of several people, most of which do something.
func anything(rt *rapid.T, w *world, commands int) {
	names := []string{"Anna", "Ben", "Cleo", "Dora"}
	var messages, leases []uuid.UUID
	w.register(names...)
	w.connect("Anna", "Ben")
	some := func(ids []uuid.UUID) uuid.UUID {
		if len(ids) == 0 {
			return w.id()
		}
		return ids[max(0, len(ids)-1-rapid.IntRange(0, 8).Draw(rt, "back"))]
	}
	for range commands {
		a := rapid.IntRange(0, 3).Draw(rt, "who")
		b := (a + rapid.IntRange(1, 3).Draw(rt, "whom")) % 4
		who, other := names[a], names[b]
		pair, me := between(who, other), scenario.ID(who)
		switch rapid.IntRange(0, 15).Draw(rt, "what") {
		case 0:
			do(w, connection.Noun, connection.Invite{From: party(who), To: party(other)})
		case 1, 2:
			do(w, connection.Noun, connection.AcceptInvitation{Connection: pair, By: me})
		case 3:
			do(w, connection.Noun, connection.DeclineInvitation{Connection: pair, By: me})
		case 4:
			if rapid.Bool().Draw(rt, "really") {
				do(w, connection.Noun, connection.Disconnect{Connection: pair, By: me})
			}
		case 5, 6, 7, 8:
			messages = append(messages, w.send(who, other, rapid.StringN(1, 20, 80).Draw(rt, "text")))
		case 9, 10:
			w.see(who, other, some(messages), some(messages))
		case 11:
			do(w, connection.Noun, connection.DeleteMessage{Connection: pair, Message: some(messages), By: me})
		case 12:
			w.mute(who, other, rapid.Bool().Draw(rt, "on"))
		case 13:
			do(w, reader.Noun, reader.MarkUnread{Person: me, Channel: channelOf(who, other), Unread: rapid.Bool().Draw(rt, "on")})
		case 14:
			if rapid.Bool().Draw(rt, "share") {
				leases = append(leases, w.id())
				do(w, connection.Noun, connection.ShareLease{Connection: pair, By: me, Today: "2026-03-01", Lease: connection.Lease{
					ID: leases[len(leases)-1], Property: w.id(), Name: "Elm Street 4", Start: "2026-03-01", End: "2027-02-28"}})
			} else {
				do(w, connection.Noun, connection.EndLease{Connection: pair, Lease: some(leases), By: me, Today: "2026-03-01"})
			}
		case 15:
			do(w, person.Noun, person.UpdateProfile{Person: me, Profile: person.Profile{Name: rapid.SampledFrom([]string{"Ann B.", "Ann Čapek", "B C D"}).Draw(rt, "name")}})
			do(w, person.Noun, person.SetPreferences{Person: me, Preferences: person.Preferences{NoEmailCopies: rapid.Bool().Draw(rt, "copies")}})
		}
	}
}

// P07: however the log is cut into batches, whether it comes live or all at once,
// and wherever the program was stopped and started again, the rows are the same.
func TestP07AReplayGivesEqualRowsHoweverBatchesAreCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		log := openLog(t, filepath.Join(dir, "log.sqlite"))
		defer log.Close()
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		cuts := map[string]func() int{
			"one at a time":  func() int { return 1 },
			"at random":      func() int { return 1 + random.IntN(20) },
			"all that there": func() int { return 1 << 20 },
		}

		// Live, while the log is written.
		live := openEngine(t, filepath.Join(dir, "live"))
		defer live.Close()
		r := served(t, log, live, projections.Options{})
		w := newWorld(t, log)
		anything(rt, w, rapid.IntRange(5, 60).Draw(rt, "commands"))
		wait(t, r, w.last)
		if err := r.Close(); err != nil {
			rt.Fatal(err)
		}
		want := dump(t, live)

		for name, size := range cuts {
			e := openEngine(t, filepath.Join(dir, name))
			r := served(t, cutLog{log, size}, e, projections.Options{})
			wait(t, r, w.last)
			if err := r.Close(); err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(want, dump(t, e)); diff != "" {
				rt.Fatalf("cut %s (-live +replayed):\n%s", name, diff)
			}
			e.Close()
		}

		// Stopped and started again: what a runner finds is a checkpoint in the middle,
		// since it is only shown the log up to there.
		e := openEngine(t, filepath.Join(dir, "restarted"))
		defer e.Close()
		at := eventlog.Position{}
		for at != w.last {
			until := at
			for recorded, err := range log.ReadAll(t.Context(), at, eventlog.Forward, 1+random.IntN(15)) {
				if err != nil {
					rt.Fatal(err)
				}
				until = recorded.Position
			}
			r := served(t, untilLog{cutLog{log, cuts["at random"]}, until}, e, projections.Options{})
			wait(t, r, until)
			if got := r.Status().Position; got != until {
				rt.Fatalf("stopped at %s, not %s", got, until)
			}
			if err := r.Close(); err != nil {
				rt.Fatal(err)
			}
			at = until
		}
		if diff := cmp.Diff(want, dump(t, e)); diff != "" {
			rt.Fatalf("stopped and started (-live +restarted):\n%s", diff)
		}
	})
}
