// Package thread is what direct messages, comments and maintenance messages have
// in common: entries that people write, who has seen them, and the one rule that
// Lobby is built around.
//
//  1. An entry waits for each of its readers until that reader has seen it.
//  2. Seen means displayed to that person. It names entries, and never reaches
//     one that it does not name.
//  3. Nobody marks their own entry as seen; it never waits for its author.
//  4. Only its author deletes an entry, and only while none of its readers has
//     seen it. Both facts live in one stream, so exactly one of them comes first.
//  5. Deleting what is deleted does nothing.
//  6. Who joins later may see what still waits, so a deletion asks them too;
//     who leaves is asked no more, but what they have seen stays seen.
//
// It promises that this rule is written once. It never knows what the entries
// are about or who may write them: that is the noun's to say.
package thread

import (
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
)

const (
	// MaxTextLength bounds a message or comment, in characters.
	MaxTextLength = 10_000
	// MaxSeen bounds the entries that one command can mark as seen.
	MaxSeen = 500
	// MaxAttachments bounds the files of one entry.
	MaxAttachments = 10
)

// Thread holds the entries that some reader has not seen, or that nobody has,
// oldest first. It stays small however long the conversation gets.
type Thread struct {
	Waiting []Entry
}

// Entry is what decisions need to know of one entry.
type Entry struct {
	ID     uuid.UUID
	Author uuid.UUID
	For    []uuid.UUID // readers who have not seen it; shared, so never changed in place
	Seen   bool        // some reader has seen it already
}

// Add takes up a new entry.
func (t Thread) Add(e Entry) Thread {
	t.Waiting = append(t.Waiting, e)
	return t
}

// See takes the reader off the entries named.
func (t Thread) See(reader uuid.UUID, entries []uuid.UUID) Thread {
	seen := setOf(entries)
	kept := t.Waiting[:0]
	for _, e := range t.Waiting {
		if seen[e.ID] && slices.Contains(e.For, reader) {
			e.For = without(e.For, reader)
			e.Seen = true
		}
		if len(e.For) > 0 || !e.Seen {
			kept = append(kept, e)
		}
	}
	clear(t.Waiting[len(kept):])
	t.Waiting = kept
	return t
}

// Join lets entries that wait also wait for a reader who has come to see them.
func (t Thread) Join(reader uuid.UUID) Thread {
	for i, e := range t.Waiting {
		if e.Author != reader && !slices.Contains(e.For, reader) {
			t.Waiting[i].For = append(slices.Clip(e.For), reader)
		}
	}
	return t
}

// Leave lets nothing wait for the reader any more. What they have seen stays seen.
func (t Thread) Leave(reader uuid.UUID) Thread {
	kept := t.Waiting[:0]
	for _, e := range t.Waiting {
		if slices.Contains(e.For, reader) {
			e.For = without(e.For, reader)
		}
		if len(e.For) > 0 || !e.Seen {
			kept = append(kept, e)
		}
	}
	clear(t.Waiting[len(kept):])
	t.Waiting = kept
	return t
}

// Remove forgets an entry.
func (t Thread) Remove(entry uuid.UUID) Thread {
	t.Waiting = slices.DeleteFunc(t.Waiting, func(e Entry) bool { return e.ID == entry })
	return t
}

// Unseen picks those of the entries that wait for the reader, in the order of
// the thread, each once. Entries that it does not know are none: seen, deleted
// or never there, there is nothing to record about them.
func (t Thread) Unseen(reader uuid.UUID, entries []uuid.UUID) []uuid.UUID {
	asked := setOf(entries)
	var unseen []uuid.UUID
	for _, e := range t.Waiting {
		if asked[e.ID] && slices.Contains(e.For, reader) {
			unseen = append(unseen, e.ID)
		}
	}
	return unseen
}

// Find looks an entry up among those that wait.
func (t Thread) Find(entry uuid.UUID) (Entry, bool) {
	for _, e := range slices.Backward(t.Waiting) {
		if e.ID == entry {
			return e, true
		}
	}
	return Entry{}, false
}

// CheckSeen refuses a list of entries that no display could have shown at once.
func CheckSeen(entries []uuid.UUID) error {
	if len(entries) == 0 || len(entries) > MaxSeen {
		return domain.Bad("entries", "entries_count", "Name 1 to 500 entries that were displayed.")
	}
	return nil
}

// CheckAttachments refuses too many files, and one that is attached twice.
func CheckAttachments(attachments []uuid.UUID) error {
	if len(attachments) > MaxAttachments {
		return domain.Bad("attachments", "too_many_attachments", "An entry has at most 10 attachments.")
	}
	if len(setOf(attachments)) < len(attachments) {
		return domain.Bad("attachments", "attached_twice", "A file is attached twice.")
	}
	return nil
}

// CheckContent refuses what cannot be an entry: text that is too long, has control
// characters, or is blank while nothing is attached, and files as CheckAttachments does.
func CheckContent(text string, attachments []uuid.UUID) error {
	if err := CheckAttachments(attachments); err != nil {
		return err
	}
	if len(attachments) == 0 && domain.Blank(text) {
		return domain.Bad("text", "blank", "The text is blank and nothing is attached.")
	}
	return domain.CheckText("text", text, MaxTextLength)
}

func setOf(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func without(ids []uuid.UUID, id uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(ids), func(x uuid.UUID) bool { return x == id })
}
