package projections_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/eventlog"
	"lobby.example/projections"
)

// told is what happened, as the log tells it.
type told []happened

type happened struct {
	stream   string
	revision eventlog.Revision
	event    any
}

func recall(t testing.TB, log eventlog.Log) (all told) {
	t.Helper()
	for r, err := range log.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, happened{stream: r.Stream, revision: r.Revision, event: event})
	}
	return all
}

// waiting asks of every entry who was there when it was written, or of a request
// who is there now and sees what was written then, and whether anything that came
// after it in its stream took it from them. It does not look at whom the events
// themselves name as readers.
func (all told) waiting() (texts []string) {
	for i, h := range all {
		before, after := all[:i].in(h.stream), all[i+1:].in(h.stream)
		waits := func(channel string, entry, author uuid.UUID, there map[uuid.UUID]bool) {
			delete(there, author)
			for person := range there {
				if !slices.ContainsFunc(after, func(h happened) bool { return takes(h.event, entry, person) }) {
					texts = append(texts, fmt.Sprint(person, " ", channel, " ", entry, " "))
				}
			}
		}
		switch e := h.event.(type) {
		case connection.MessageSent:
			waits(h.stream, e.Message, e.From, before.there())
		case maintenance.MessageSent:
			whole := all.in(h.stream)
			there := whole.there()
			for person := range there {
				if whole.from(person) > h.revision || slices.ContainsFunc(before, func(h happened) bool { return sees(h.event, e.Message, person) }) {
					delete(there, person)
				}
			}
			waits(h.stream, e.Message, e.From, there)
		case post.CommentAdded:
			for landlord := range before.there() {
				waits(projections.BoardOf(landlord), e.Comment, e.By, before.there())
			}
		}
	}
	slices.Sort(texts)
	return texts
}

// in is what happened in one stream.
func (all told) in(stream string) (some told) {
	for _, h := range all {
		if h.stream == stream {
			some = append(some, h)
		}
	}
	return some
}

// there is who hears of what is written in a stream: the two of a connection, the
// landlord and those who share a request, the landlord of a post.
func (all told) there() map[uuid.UUID]bool {
	people := map[uuid.UUID]bool{}
	for _, h := range all {
		switch e := h.event.(type) {
		case connection.InvitationSent:
			people[e.From.Person], people[e.To.Person] = true, true
		case maintenance.RequestSubmitted:
			people[e.Landlord], people[e.By] = true, true
		case maintenance.RequestOpened:
			people[e.Landlord] = true
		case maintenance.RequestShared:
			people[e.Person] = true
		case maintenance.RequestUnshared:
			delete(people, e.Person)
		case post.Published:
			people[e.Landlord] = true
		}
	}
	return people
}

// from is the first revision of a request that somebody who shares it sees.
func (all told) from(person uuid.UUID) (first eventlog.Revision) {
	for _, h := range all {
		if e, ok := h.event.(maintenance.RequestShared); ok && e.Person == person {
			first = 0
			if e.History == maintenance.FromNow {
				first = h.revision
			}
		}
	}
	return first
}

func sees(event any, entry, person uuid.UUID) bool {
	e, ok := event.(maintenance.MessagesSeen)
	return ok && e.By == person && slices.Contains(e.Messages, entry)
}

// takes reports whether an entry does not wait for the person any more.
func takes(event any, entry, person uuid.UUID) bool {
	switch e := event.(type) {
	case connection.MessagesSeen:
		return e.By == person && slices.Contains(e.Messages, entry)
	case maintenance.MessagesSeen:
		return e.By == person && slices.Contains(e.Messages, entry)
	case post.CommentsSeen:
		return e.By == person && slices.Contains(e.Comments, entry)
	case connection.MessageDeleted:
		return e.Message == entry
	case maintenance.MessageDeleted:
		return e.Message == entry
	case post.CommentDeleted:
		return e.Comment == entry
	case post.CommentRemoved:
		return e.Comment == entry
	case post.Removed:
		return true
	}
	return false
}

// receipts is who has seen what, by the event that says so first.
func (all told) receipts() []string {
	first := map[string]bool{}
	known := map[[2]uuid.UUID]bool{}
	for _, h := range all {
		saw := func(person uuid.UUID, entries ...uuid.UUID) {
			for _, entry := range entries {
				if !known[[2]uuid.UUID{person, entry}] {
					known[[2]uuid.UUID{person, entry}] = true
					first[fmt.Sprint(person, " ", entry, " ", h.revision, " ")] = true
				}
			}
		}
		switch e := h.event.(type) {
		case connection.MessagesSeen:
			saw(e.By, e.Messages...)
		case maintenance.MessagesSeen:
			saw(e.By, e.Messages...)
		case post.CommentsSeen:
			saw(e.By, e.Comments...)
		case reader.PostSeen:
			saw(e.Person, e.Post)
		}
	}
	return slices.Sorted(maps.Keys(first))
}
