package post

import (
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

// Lena has found a key and asks the tenants of her flat and of her attic. Tom
// lives in the flat, Ann in the attic. Bob rents Lena's garage only, and Eve is
// nobody to her.
var (
	flat, attic, garage = scenario.ID("flat"), scenario.ID("attic"), scenario.ID("garage")

	lena = Visitor{Person: scenario.ID("lena")}
	tom  = Visitor{Person: scenario.ID("tom"), Properties: []uuid.UUID{flat}}
	ann  = Visitor{Person: scenario.ID("ann"), Properties: []uuid.UUID{garage, attic}}
	bob  = Visitor{Person: scenario.ID("bob"), Properties: []uuid.UUID{garage}}
	eve  = Visitor{Person: scenario.ID("eve")}
	// gone is Tom when he has no active lease with Lena any more.
	gone = Visitor{Person: tom.Person}

	key = scenario.ID("post")

	publish = Publish{
		Post: key, Landlord: lena.Person, Role: "landlord", Category: LostAndFound, Title: "A key was found", Body: "Is it yours?",
		Audience: Audience{Properties: []uuid.UUID{flat, attic}}, CommentsOpen: true,
	}
	published = publishedBy(publish)
	edit      = Edit{Post: key, By: lena.Person, Category: LostAndFound, Title: "A key was found", Body: "Is it yours? It has a red tag."}
	edited    = Edited{Post: key, Landlord: lena.Person, Category: LostAndFound, Title: edit.Title, Body: edit.Body}
	gonePost  = Removed{Post: key, Landlord: lena.Person}
	pinned    = Pinned{Post: key, Landlord: lena.Person}
	unpinned  = Unpinned{Post: key, Landlord: lena.Person}
	closed    = CommentsClosed{Post: key, Landlord: lena.Person}
	opened    = CommentsOpened{Post: key, Landlord: lena.Person}
)

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

func publishedBy(c Publish) Published {
	return Published{
		Post: c.Post, Landlord: c.Landlord, Category: c.Category, Title: c.Title, Body: c.Body,
		Attachments: c.Attachments, Audience: c.Audience, CommentsOpen: c.CommentsOpen,
	}
}

// comment writes a comment of that text, whose id is made of it.
func comment(by Visitor, text string) AddComment {
	return AddComment{Post: key, Comment: scenario.ID(text), By: by, Text: text}
}

func commented(by Visitor, text string) CommentAdded {
	return CommentAdded{Post: key, Landlord: lena.Person, Comment: scenario.ID(text), By: by.Person, Text: text}
}

func see(by Visitor, texts ...string) MarkCommentsSeen {
	return MarkCommentsSeen{Post: key, By: by.Person, Entries: ids(texts...)}
}

func saw(texts ...string) CommentsSeen {
	return CommentsSeen{Post: key, By: lena.Person, Comments: ids(texts...)}
}

func takeBack(by Visitor, text string) DeleteComment {
	return DeleteComment{Post: key, Comment: scenario.ID(text), By: by}
}

func tookBack(by Visitor, text string) CommentDeleted {
	return CommentDeleted{Post: key, Landlord: lena.Person, Comment: scenario.ID(text), By: by.Person}
}

func strike(by Visitor, text string) RemoveComment {
	return RemoveComment{Post: key, Comment: scenario.ID(text), By: by.Person}
}

func struck(text string) CommentRemoved {
	return CommentRemoved{Post: key, Landlord: lena.Person, Comment: scenario.ID(text), By: lena.Person}
}

func ids(texts ...string) []uuid.UUID {
	var ids []uuid.UUID
	for _, text := range texts {
		ids = append(ids, scenario.ID(text))
	}
	return ids
}

// landlordCommands is everything that only a landlord does to a post, but for
// marking comments as seen, which says more to others, and removing the post.
func landlordCommands(by Visitor) []domain.Command[State] {
	p := by.Person
	e := edit
	e.By = p
	unchanged := Edit{Post: key, By: p, Category: published.Category, Title: published.Title, Body: published.Body}
	return []domain.Command[State]{
		e, unchanged, Edit{Post: key, By: p},
		Pin{Post: key, By: p}, Unpin{Post: key, By: p}, CloseComments{Post: key, By: p}, OpenComments{Post: key, By: p},
		strike(by, "mine"), strike(by, "seen"), strike(by, "never written"),
	}
}

// visitorCommands is everything that whoever sees the post may try.
func visitorCommands(by Visitor) []domain.Command[State] {
	return []domain.Command[State]{
		comment(by, "hello"), comment(by, ""),
		takeBack(by, "mine"), takeBack(by, "seen"), takeBack(by, "never written"),
	}
}
