package projections_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
)

// aLogOfEverything tells a story in which everything happens that can.
func aLogOfEverything(t *testing.T) []byte {
	log := openLog(t, filepath.Join(t.TempDir(), "log.sqlite"))
	w := newWorld(t, log)
	w.register("Anna", "Ben", "Cleo", "Dora", "Emil")
	anna, ben := scenario.ID("Anna"), scenario.ID("Ben")
	w.connect("Anna", "Ben")
	w.connect("Dora", "Anna")
	must(w, connection.Noun, connection.Invite{From: party("Anna"), To: party("Cleo")})
	must(w, connection.Noun, connection.DeclineInvitation{Connection: between("Anna", "Cleo"), By: scenario.ID("Cleo")})
	must(w, connection.Noun, connection.Invite{From: party("Ben"), To: party("Cleo")})

	elm, oak := w.id(), w.id()
	inElm, inOak := w.id(), w.id()
	for _, l := range []connection.Lease{
		{ID: elm, Property: inElm, Name: "Elm Street 4", Start: "2026-03-01", End: "2027-02-28"},
		{ID: oak, Property: inOak, Name: "Oak Lane 1", Start: "2026-04-01", End: "2026-12-31"},
	} {
		must(w, connection.Noun, connection.ShareLease{Connection: between("Anna", "Ben"), By: anna, Today: "2026-03-01", Lease: l})
	}
	must(w, connection.Noun, connection.EndLease{Connection: between("Anna", "Ben"), Lease: oak, By: anna, Today: "2026-03-01"})

	one := w.send("Anna", "Ben", "The plumber comes on Monday.\nCan you be there?")
	two := w.send("Ben", "Anna", "Yes, from ten o'clock on.")
	three := w.send("Anna", "Ben", "I meant Tuesday. <b>Übermorgen</b> 🛠")
	must(w, connection.Noun, connection.SendMessage{Connection: between("Dora", "Anna"), Message: w.id(), From: scenario.ID("Dora"), Text: "The invoice.", EmailCopy: true})
	w.see("Ben", "Anna", one)
	w.see("Anna", "Ben", two)
	must(w, connection.Noun, connection.DeleteMessage{Connection: between("Anna", "Ben"), Message: three, By: anna})
	w.send("Anna", "Ben", "Tuesday, please.")

	w.mute("Ben", "Anna", true)
	w.mute("Anna", "Dora", true)
	w.mute("Anna", "Dora", false)
	w.aBoard(inElm, inOak)
	w.requests(inElm)
	for _, on := range []bool{true, false, true} {
		must(w, reader.Noun, reader.MarkUnread{Person: ben, Channel: channelOf("Ben", "Anna"), Unread: on})
	}
	must(w, person.Noun, person.UpdateProfile{Person: ben, Profile: person.Profile{Name: "Ben Åström-Łoś"}})
	must(w, person.Noun, person.SetPreferences{Person: ben, Preferences: person.Preferences{NoEmailCopies: true}})
	must(w, connection.Noun, connection.Disconnect{Connection: between("Dora", "Anna"), By: anna})
	must(w, connection.Noun, connection.Disconnect{Connection: between("Anna", "Ben"), By: ben})
	w.connect("Ben", "Anna")
	must(w, person.Noun, person.Deactivate{Person: scenario.ID("Cleo")})
	w.otherPrograms()

	var b bytes.Buffer
	for r, err := range log.ReadAll(context.Background(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(line{r.Stream, r.Kind, r.ID, slices.Clone(r.Data), slices.Clone(r.Metadata)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.Bytes()
}

// otherPrograms is the part of the story in which the host product is told.
func (w *world) otherPrograms() {
	books, archive, gone := w.subscribe("message_sent", "request_submitted"), w.subscribe("post_published"), w.subscribe("lease_shared")
	must(w, webhook.Noun, webhook.RotateSecret{Webhook: books, Secret: w.id(), At: w.then})
	must(w, webhook.Noun, webhook.RotateSecret{Webhook: books, Secret: w.id(), At: w.then})
	must(w, webhook.Noun, webhook.End{Webhook: archive, Reason: webhook.Deleted})
	must(w, webhook.Noun, webhook.End{Webhook: gone, Reason: webhook.Gone})
}

// aBoard is the part of the story that happens on Anna's board, on which Ben
// lives and Cleo comes to live.
func (w *world) aBoard(elm, oak uuid.UUID) {
	anna, everybody := scenario.ID("Anna"), post.Audience{All: true}
	w.connect("Anna", "Cleo")
	w.lease("Anna", "Cleo", oak)

	water := w.publish("Anna", everybody, "No water on Monday", w.upload("Anna"), w.upload("Anna"))
	bike := w.publish("Anna", post.Audience{Properties: []uuid.UUID{elm, oak}}, "Велосипед 自転車")
	gone := w.publish("Anna", post.Audience{Properties: []uuid.UUID{elm}}, "Bulky waste")
	w.publish("Emil", everybody, "Nobody lives here yet")
	must(w, post.Noun, post.Edit{Post: water, By: anna, Category: post.Announcement, Title: "No water on Tuesday", Body: "From 8 to 10."})
	must(w, post.Noun, post.Pin{Post: water, By: anna})
	must(w, post.Noun, post.Pin{Post: bike, By: anna})
	must(w, post.Noun, post.Unpin{Post: bike, By: anna})
	w.seePost("Ben", water)
	w.seePost("Cleo", bike)
	w.seePost("Ben", gone)

	seen := w.comment("Ben", water, "Will the heating work?", w.upload("Ben"))
	rude := w.comment("Cleo", water, "Again?!")
	slip := w.comment("Cleo", water, "Agian?!", w.upload("Cleo"))
	w.comment("Anna", water, "Yes, it will.")
	w.comment("Cleo", water, "Thank you.")
	w.comment("Ben", bike, "Is it still there?")
	w.comment("Ben", gone, "Mine is the sofa.")
	late := w.comment("Cleo", bike, "I take it.")
	w.seeComments("Anna", water, seen, rude)
	must(w, post.Noun, post.RemoveComment{Post: water, Comment: rude, By: anna})
	must(w, post.Noun, post.RemoveComment{Post: bike, Comment: late, By: anna})
	must(w, post.Noun, post.DeleteComment{Post: water, Comment: slip, By: w.visitor("Cleo", water)})
	for _, on := range []uuid.UUID{water, bike} {
		must(w, post.Noun, post.CloseComments{Post: on, By: anna})
	}
	must(w, post.Noun, post.OpenComments{Post: bike, By: anna})
	must(w, post.Noun, post.Remove{Post: gone, By: anna})
	must(w, reader.Noun, reader.MuteChannel{Person: scenario.ID("Cleo"), Channel: "board-" + anna.String(), Muted: true})
}

// requests is the part of the story in which Anna has things mended.
func (w *world) requests(elm uuid.UUID) {
	anna := scenario.ID("Anna")
	tap := w.submit("Ben", "Anna", elm, "The tap in the kitchen drips.", w.upload("Ben"))
	w.share("Anna", tap, "Dora", maintenance.All)
	w.share("Anna", tap, "Cleo", maintenance.FromNow)
	when := w.write("Dora", tap, "I come at nine.")
	plan := w.upload("Anna")
	wrong := w.write("Anna", tap, "At ten.", plan)
	w.read("Ben", tap, when)
	w.read("Anna", tap, when)
	w.takeBack("Anna", tap, wrong)
	w.unshare("Anna", tap, "Cleo")
	w.write("Ben", tap, "Nine is fine.")
	w.status("Anna", tap, maintenance.InProgress)
	w.status("Anna", tap, maintenance.Resolved)

	roof := w.open("Anna", elm, "Tiles came down in the storm.")
	w.share("Anna", roof, "Cleo", "")
	w.unshare("Anna", roof, "Cleo")
	w.share("Anna", roof, "Cleo", maintenance.FromNow)
	w.share("Anna", roof, "Dora", maintenance.FromNow)
	w.write("Anna", roof, "Please look at it on Friday.")
	w.status("Anna", roof, maintenance.Canceled)
	w.status("Anna", roof, maintenance.Archived)
	must(w, reader.Noun, reader.MuteChannel{Person: anna, Channel: maintenance.Stream(roof), Muted: true})

	// One file was reserved for an entry that was not written, and is bound anew. Two
	// go: nothing wanted the one, and the entry of the other is gone.
	again, unwanted, late := w.upload("Ben"), w.upload("Ben"), w.upload("Dora")
	w.bind("Ben", maintenance.Stream(tap), w.id(), again)
	w.discard(unwanted, attachment.NeverBound)
	w.discard(plan, attachment.EntryGone)
	w.write("Dora", tap, "The invoice is attached.", late)
	w.then = w.then.Add(attachment.Lapse)
	w.write("Ben", tap, "And the receipt.", again)
}
