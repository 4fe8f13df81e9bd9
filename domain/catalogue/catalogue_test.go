package catalogue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
)

func TestCategoriesAreInOrderAndHaveKinds(t *testing.T) {
	categories := catalogue.Categories()
	if !slices.IsSorted(categories) || !slices.Contains(categories, "connection") {
		t.Errorf("categories %q", categories)
	}
	for _, category := range categories {
		if len(catalogue.Kinds(category)) == 0 {
			t.Errorf("%s has no kinds", category)
		}
	}
	if kinds := catalogue.Kinds("lamp"); kinds != nil {
		t.Errorf("kinds of no category: %q", kinds)
	}
}

func TestWhatNoNounHasIsUnknown(t *testing.T) {
	for stream, kind := range map[string]string{
		aStream("lamp"):       "lamp_lit",
		aStream("connection"): "person_registered",
		"":                    "person_registered",
		"$settings":           "$metadata",
	} {
		if e, err := catalogue.Decode(stream, kind, []byte("{}")); !errors.Is(err, domain.ErrUnknownKind) {
			t.Errorf("%s in %q is read as %v, %v", kind, stream, e, err)
		}
	}
}

// Whoever reads the whole log may tell events apart by kind alone.
func TestAKindIsOfOneCategory(t *testing.T) {
	of := map[string]string{}
	for _, category := range catalogue.Categories() {
		for _, kind := range catalogue.Kinds(category) {
			if other, twice := of[kind]; twice {
				t.Errorf("%s is a kind of both %s and %s", kind, other, category)
			}
			of[kind] = category
		}
	}
}

// P23: marking a channel unread is of another stream than its entries, in which
// nothing can be read that it writes; so what was seen stays seen.
func TestP23_MarkUnreadNeverTouchesAThread(t *testing.T) {
	lena, tom, message := scenario.ID("lena"), scenario.ID("tom"), scenario.ID("message")
	pair := connection.Between(lena, tom)
	mark := reader.MarkUnread{Person: tom, Channel: connection.Stream(pair), Unread: true}
	scenario.Given(t, reader.Noun).When(mark).Then(reader.ChannelMarkedUnread{Person: tom, Channel: mark.Channel})

	takeBack := connection.DeleteMessage{Connection: pair, Message: message, By: lena}
	if mark.Stream() == takeBack.Stream() {
		t.Fatalf("both are decided in %s", mark.Stream())
	}
	for _, kind := range catalogue.Kinds(reader.Noun.Category) {
		for _, category := range catalogue.Categories() {
			_, err := catalogue.Decode(aStream(category), kind, []byte("{}"))
			if unknown := errors.Is(err, domain.ErrUnknownKind); unknown != (category != reader.Noun.Category) {
				t.Errorf("%s in a stream of %s: %v", kind, category, err)
			}
		}
	}
	scenario.Given(t, connection.Noun,
		connection.InvitationSent{From: connection.Party{Person: lena, Role: "landlord"}, To: connection.Party{Person: tom, Role: "tenant"}},
		connection.InvitationAccepted{By: tom, Other: lena},
		connection.MessageSent{Message: message, From: lena, To: tom, Text: "hello"},
		connection.MessagesSeen{By: tom, Messages: []uuid.UUID{message}},
	).When(takeBack).Refused(domain.Conflict, "already_seen")
}
