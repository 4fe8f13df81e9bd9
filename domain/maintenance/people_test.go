package maintenance

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/scenario"
)

// Tom rents a flat from Lena, and Pat mends things for her. Kim is another tenant
// of hers. Eve is nobody to them.
var (
	lena = Party{Person: scenario.ID("lena"), Role: "landlord"}
	tom  = Party{Person: scenario.ID("tom"), Role: "tenant"}
	kim  = Party{Person: scenario.ID("kim"), Role: "tenant"}
	pat  = Party{Person: scenario.ID("pat"), Role: "service_pro"}
	eve  = Party{Person: scenario.ID("eve"), Role: "tenant"}

	request = scenario.ID("request")
	flat    = scenario.ID("flat")

	submitted = RequestSubmitted{
		Request: request, By: tom.Person, Landlord: lena.Person, Property: flat, PropertyName: "Elm Street 4", Title: "The tap drips",
	}
	opened = RequestOpened{Request: request, Landlord: lena.Person, Property: flat, PropertyName: "Elm Street 4", Title: "The heating"}
)

// byTom is a request of Tom's, with its description; then come the events.
func byTom(events ...Event) []Event {
	return slices.Concat([]Event{submitted, wrote(tom, "description", lena)}, events)
}

// byLena is one that she opened.
func byLena(events ...Event) []Event {
	return slices.Concat([]Event{opened, wrote(lena, "description")}, events)
}

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

// today is someone who is connected with Lena, as she is taken to be.
func today(p Party) Participant { return Participant{Person: p.Person, Connected: true} }

// formerly is someone who is not, any more.
func formerly(p Party) Participant { return Participant{Person: p.Person} }

func share(with Party, history string) Share {
	return Share{Request: request, By: today(lena), With: with, Connected: true, History: history}
}

func shared(with Party, history string) RequestShared {
	return RequestShared{Request: request, Landlord: lena.Person, Person: with.Person, Role: with.Role, History: history}
}

func unshare(person Party) Unshare {
	return Unshare{Request: request, By: today(lena), Person: person.Person}
}

func unshared(person Party) RequestUnshared {
	return RequestUnshared{Request: request, Landlord: lena.Person, Person: person.Person}
}

func set(by Party, status Status) SetStatus {
	return SetStatus{Request: request, By: today(by), Status: status}
}

func wasSet(by Party, before, status Status, to ...Party) StatusSet {
	return StatusSet{Request: request, By: by.Person, Status: status, Before: before, To: people(to)}
}

// write is a message of that text, whose id is made of it.
func write(by Party, text string) SendMessage {
	return SendMessage{Request: request, Message: scenario.ID(text), By: today(by), Text: text}
}

func wrote(from Party, text string, to ...Party) MessageSent {
	return MessageSent{Request: request, Message: scenario.ID(text), From: from.Person, To: people(to), Text: text}
}

func see(by Party, texts ...string) MarkSeen {
	return MarkSeen{Request: request, By: today(by), Entries: ids(texts...)}
}

func saw(by Party, texts ...string) MessagesSeen {
	return MessagesSeen{Request: request, By: by.Person, Messages: ids(texts...)}
}

func takeBack(by Party, text string) DeleteMessage {
	return DeleteMessage{Request: request, Message: scenario.ID(text), By: today(by)}
}

func deleted(by Party, text string, to ...Party) MessageDeleted {
	return MessageDeleted{Request: request, Message: scenario.ID(text), By: by.Person, To: people(to)}
}

func people(parties []Party) (ids []uuid.UUID) {
	for _, p := range parties {
		ids = append(ids, p.Person)
	}
	return ids
}

func ids(texts ...string) (ids []uuid.UUID) {
	for _, text := range texts {
		ids = append(ids, scenario.ID(text))
	}
	return ids
}
