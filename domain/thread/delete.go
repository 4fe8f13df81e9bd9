package thread

import (
	"iter"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Sent, Seen and Deleted are how a noun's events tell a thread what happened to
// an entry. An event says so by implementing them.
type (
	Sent interface {
		Entry() (entry, author uuid.UUID)
	}
	Seen interface {
		SeenBy() (reader uuid.UUID, entries []uuid.UUID)
	}
	Deleted interface{ Deleted() (entry uuid.UUID) }
)

// NotAuthor refuses someone who would delete another person's entry.
var NotAuthor = domain.Refuse(domain.Forbidden, "not_author", "Only its author can delete this.")

// NoSuchEntry refuses an entry that is not there, or not there any more for the caller.
var NoSuchEntry = domain.Refuse(domain.NotFound, "entry_not_found", "There is no such entry in this channel.")

// Deletable says that the state alone decides about deleting the entry: nobody
// has seen it yet. Otherwise the stream's history has to.
func (t Thread) Deletable(entry uuid.UUID) bool {
	e, ok := t.Find(entry)
	return ok && !e.Seen
}

// CheckDelete decides about an entry that is Deletable.
func (t Thread) CheckDelete(entry, by uuid.UUID) error {
	if e, ok := t.Find(entry); !ok || e.Author != by {
		return NotAuthor
	}
	return nil
}

// RecallDelete decides about an entry that is not Deletable, from the stream's
// history, newest event first. It never allows the deletion: the entry was never
// there, was deleted already (no error, nothing to do), or has been seen, and
// then the refusal names the event by which it was seen first.
func RecallDelete[S any](stream string, entry, by uuid.UUID, history iter.Seq[domain.Past[S]]) error {
	var seen *domain.Deciding
	deleted := false
	for past := range history {
		switch e := past.Event.(type) {
		case Seen:
			reader, entries := e.SeenBy()
			if slices.Contains(entries, entry) {
				seen = &domain.Deciding{Stream: stream, Revision: past.Revision, Time: past.Time, By: reader}
			}
		case Deleted:
			deleted = deleted || e.Deleted() == entry
		case Sent:
			id, author := e.Entry()
			switch {
			case id != entry:
				continue
			case author != by && deleted:
				return NoSuchEntry
			case author != by:
				return NotAuthor
			case deleted:
				return nil
			}
			return &domain.Refusal{
				Reason:  domain.Conflict,
				Code:    "already_seen",
				Message: "It has been seen, so it can no longer be deleted.",
				Decided: seen,
			}
		}
	}
	return NoSuchEntry
}

// RecallRemove decides about an entry that is to be taken off the record's pages
// by whoever the board belongs to, seen or not, and that does not wait: it goes,
// unless it is gone already (false and no error) or never was.
func RecallRemove[S any](entry uuid.UUID, history iter.Seq[domain.Past[S]]) (bool, error) {
	for past := range history {
		switch e := past.Event.(type) {
		case Deleted:
			if e.Deleted() == entry {
				return false, nil
			}
		case Sent:
			if id, _ := e.Entry(); id == entry {
				return true, nil
			}
		}
	}
	return false, NoSuchEntry
}

// RecallUnseen picks those of the entries that the reader may see, did not write
// and has not seen, oldest first, each once: what Thread.Unseen does for a reader
// who came when the thread had let some of them go.
func RecallUnseen[S any](reader uuid.UUID, entries []uuid.UUID, history iter.Seq[domain.Past[S]]) []uuid.UUID {
	asked := setOf(entries)
	var unseen []uuid.UUID
	for past := range history {
		if len(asked) == 0 {
			break
		}
		switch e := past.Event.(type) {
		case Seen:
			if by, seen := e.SeenBy(); by == reader {
				for _, entry := range seen {
					delete(asked, entry)
				}
			}
		case Deleted:
			delete(asked, e.Deleted())
		case Sent:
			entry, author := e.Entry()
			if asked[entry] && author != reader {
				unseen = append(unseen, entry)
			}
			delete(asked, entry)
		}
	}
	slices.Reverse(unseen)
	return unseen
}
