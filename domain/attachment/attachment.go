// Package attachment is one uploaded file: whose it is, and the one entry that
// it belongs to.
//
//  1. A file is uploaded once, whole. What it holds never changes.
//  2. Its name is one line of 1 to 200 characters that is no path and turns
//     nothing around it.
//  3. Only who uploaded a file attaches it. For anybody else there is no such file.
//  4. A file belongs to one entry. It is bound before the entry is written, so
//     that no entry ever names a file that another one has.
//  5. That makes a reservation. One whose entry was not written within Lapse
//     holds nothing any more: the file can be bound anew.
//  6. What was never bound, and what belonged to an entry that is gone, the
//     system removes: the way it was bound when the system looked, and no other.
//
// It never looks into the entry's stream, nor at the bytes: whoever sends a
// command has done that at the edge.
package attachment

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Lapse is how long a reservation holds for an entry that is not written yet.
const Lapse = 5 * time.Minute

// State is what decisions need to know of a file, and a download too.
type State struct {
	Owner    uuid.UUID
	Uploaded bool
	Removed  bool
	File     File
	Bound    Binding
}

// File is what was uploaded.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // in bytes
	Type   string `json:"type"` // as its bytes say
	SHA256 string `json:"sha256"`
}

// Binding is the entry that a file belongs to; zero while there is none.
type Binding struct {
	Stream string
	Entry  uuid.UUID
	At     domain.Moment
}

// Event is a fact about one file.
type Event = domain.Event[State]

// Facts is everything that can be in a file's stream.
var Facts = domain.All(
	domain.Of[Uploaded],
	domain.Of[Bound],
	domain.Of[Removed],
)

// Noun describes files to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "attachment", Version: 1, Facts: Facts}

// Stream names a file's stream.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

// NotFound answers whoever has no such file (rule 3).
var NotFound = &domain.Refusal{
	Reason: domain.NotFound, Code: "attachment_not_found", Message: "There is no such file among yours.", Field: "attachments",
}

var alreadyBound = &domain.Refusal{
	Reason: domain.Conflict, Code: "already_bound", Message: "The file is attached to something else already.", Field: "attachments",
}

// There reports whether there is a file.
func (s State) There() bool { return s.Uploaded && !s.Removed }

// In reports whether the binding is to that entry.
func (b Binding) In(stream string, entry uuid.UUID) bool {
	return b.Stream == stream && b.Entry == entry
}

// Is reports whether two bindings are the same one, and not only of one entry.
func (b Binding) Is(c Binding) bool {
	return b.In(c.Stream, c.Entry) && b.At.Equal(c.At.Time)
}

// Lapsed reports whether a reservation holds nothing any more, provided that its
// entry was not written (rule 5).
func (b Binding) Lapsed(now time.Time) bool { return now.Sub(b.At.Time) > Lapse }

// CheckName is rule 2, to be asked before the bytes are taken.
func CheckName(name string) error {
	if domain.CheckName("name", name) != nil || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return domain.Bad("name", "not_a_file_name",
			"The name of a file is 1 to 200 characters on one line, with no slash or backslash, and neither . nor .. alone.")
	}
	return nil
}

// check is rule 2, and that there is something in the file.
func (f File) check() error {
	if err := CheckName(f.Name); err != nil {
		return err
	}
	if f.Size <= 0 {
		return domain.Bad("file", "empty_file", "The file is empty.")
	}
	return nil
}
