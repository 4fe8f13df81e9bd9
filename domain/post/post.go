// Package post is one post on a landlord's board, and the comments on it.
//
//  1. Only a landlord publishes, and a post is published once.
//  2. A post has a category, a title of 1 to 200 characters, and a body of up to
//     20,000, which is blank only where something is attached.
//  3. Its audience is all tenants of the landlord, or 1 to 100 of the landlord's
//     properties, and stays as published.
//  4. A post is seen by its landlord, and by whoever has an active lease with the
//     landlord of a property that the audience covers. For anybody else there is
//     no such post.
//  5. Only its landlord edits, pins and removes a post, closes and opens its
//     comments, marks them as seen and removes them. Doing what is done already
//     does nothing.
//  6. An edit reopens nothing: what was pinned, closed or seen stays so.
//  7. Who sees a post comments on it, while its comments are open. Closing them
//     stops new ones only, the landlord's own too.
//  8. A comment waits for the landlord, and the landlord's own for nobody. The
//     thread's rules say what its author can delete, who has to see the post.
//  9. The landlord removes any comment, seen or not, and the log says so.
//  10. A removed post refuses everything, and is there for nobody but its landlord.
//
// It never looks at another stream: the leases of a visitor are read at the edge,
// and what they open is decided here. Who has seen a post itself is not known
// here; each reader keeps that, so a thousand of them never wait for each other.
package post

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// State is what decisions need to know of a post.
type State struct {
	Landlord     uuid.UUID
	Published    bool
	Removed      bool // and then only the landlord is known besides
	Pinned       bool
	CommentsOpen bool
	Audience     Audience
	Attached     bool   // files belong to the post itself
	Content      string // hash of category, title and body
	Thread       thread.Thread
}

// Event is a fact about one post.
type Event = domain.Event[State]

// Facts is everything that can be in a post's stream.
var Facts = domain.All(
	domain.Of[Published],
	domain.Of[Edited],
	domain.Of[Removed],
	domain.Of[Pinned],
	domain.Of[Unpinned],
	domain.Of[CommentsClosed],
	domain.Of[CommentsOpened],
	domain.Of[CommentAdded],
	domain.Of[CommentsSeen],
	domain.Of[CommentDeleted],
	domain.Of[CommentRemoved],
)

// Noun describes posts to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "post", Version: 1, Facts: Facts}

// Stream names a post's stream.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

// NotFound answers whoever does not see the post (rule 4).
var NotFound = domain.Refuse(domain.NotFound, "post_not_found", "There is no such post.")

// NotTheLandlord answers whoever sees the post and would do what only its
// landlord does (rule 5).
var NotTheLandlord = domain.Refuse(domain.Forbidden, "not_the_landlord", "Only the landlord of the board does this.")

var removed = domain.Refuse(domain.Conflict, "post_removed", "The post has been removed.")

// Visitor is who comes to a post, with the properties that an active lease gives
// them today with its landlord. The landlord comes with none.
type Visitor struct {
	Person     uuid.UUID
	Properties []uuid.UUID
}

// Sees reports whether the post is there for the visitor (rules 4 and 10).
func (s State) Sees(v Visitor) bool { return s.checkVisitor(v) == nil }

func (s State) checkVisitor(v Visitor) error {
	if s.Published && !s.Removed && s.Audience.Covers(v.Properties) {
		return nil
	}
	return s.checkLandlord(v.Person)
}

// checkLandlord is rules 5 and 10. Whether somebody else sees the post is not
// known here, so they are told what a stranger is told.
func (s State) checkLandlord(by uuid.UUID) error {
	switch {
	case !s.Published || s.Landlord != by:
		return NotFound
	case s.Removed:
		return removed
	}
	return nil
}

// contentOf is the hash of what an edit can change. It cannot be taken for that
// of another content, since a category and a title are one line each.
func contentOf(category Category, title, body string) string {
	hash := sha256.Sum256([]byte(string(category) + "\n" + title + "\n" + body))
	return hex.EncodeToString(hash[:])
}

// MaxBodyLength bounds the body of a post, in characters.
const MaxBodyLength = 20_000

// checkContent is rule 2.
func checkContent(category Category, title, body string, attached bool) error {
	if !slices.Contains(Categories, category) {
		return domain.Bad("category", "unknown_category", "A post is a job, for_sale, wanted, lost_and_found, notice or announcement.")
	}
	if err := domain.CheckName("title", title); err != nil {
		return err
	}
	if !attached && domain.Blank(body) {
		return domain.Bad("body", "blank", "The body is blank and nothing is attached.")
	}
	return domain.CheckText("body", body, MaxBodyLength)
}
