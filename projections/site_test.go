package projections_test

import (
	"github.com/google/uuid"

	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/scenario"
	"lobby.example/domain/webhook"
)

// The verbs on boards, requests, files and webhooks, each with what the edge would have
// read for it from other streams.

// upload makes a file known that nothing is bound to yet.
func (w *world) upload(owner string) uuid.UUID {
	w.t.Helper()
	file := w.id()
	do(w, attachment.Noun, attachment.Upload{Attachment: file, Owner: scenario.ID(owner), File: attachment.File{
		Name: "keys & locks.pdf", Size: 20_480, Type: "application/pdf", SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}})
	return file
}

// bind reserves files for an entry, or for another one where a reservation lapsed.
func (w *world) bind(owner, stream string, entry uuid.UUID, files ...uuid.UUID) {
	w.t.Helper()
	for _, file := range files {
		do(w, attachment.Noun, attachment.Bind{Attachment: file, By: scenario.ID(owner), In: stream, Entry: entry, At: w.then, Lapsed: true})
	}
}

// discard is the system's sweep.
func (w *world) discard(file uuid.UUID, reason attachment.Reason) {
	w.t.Helper()
	state, _ := load(w, attachment.Noun, attachment.Stream(file))
	do(w, attachment.Noun, attachment.Remove{Attachment: file, Reason: reason, Bound: state.Bound})
}

// publish puts a post on a board and answers with its id.
func (w *world) publish(landlord string, to post.Audience, title string, files ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	id := w.id()
	w.bind(landlord, post.Stream(id), id, files...)
	do(w, post.Noun, post.Publish{Post: id, Landlord: scenario.ID(landlord), Role: string(roles[landlord]), Category: post.Notice,
		Title: title, Body: "Please read this.", Attachments: files, Audience: to, CommentsOpen: true})
	return id
}

// visitor is who comes to a post, with what their leases open to them.
func (w *world) visitor(who string, on uuid.UUID) post.Visitor {
	w.t.Helper()
	v := post.Visitor{Person: scenario.ID(who)}
	published, _ := load(w, post.Noun, post.Stream(on))
	pair, _ := load(w, connection.Noun, connection.Stream(connection.Between(published.Landlord, v.Person)))
	for _, l := range pair.Leases {
		if l.Active(today) && v.Person != published.Landlord {
			v.Properties = append(v.Properties, l.Property)
		}
	}
	return v
}

// comment writes one and answers with its id.
func (w *world) comment(who string, on uuid.UUID, text string, files ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	comment := w.id()
	w.bind(who, post.Stream(on), comment, files...)
	do(w, post.Noun, post.AddComment{Post: on, Comment: comment, By: w.visitor(who, on), Text: text, Attachments: files})
	return comment
}

func (w *world) seeComments(landlord string, on uuid.UUID, comments ...uuid.UUID) {
	w.t.Helper()
	do(w, post.Noun, post.MarkCommentsSeen{Post: on, By: scenario.ID(landlord), Entries: comments})
}

// seePost is a post displayed to a tenant, if they see it.
func (w *world) seePost(who string, on uuid.UUID) {
	w.t.Helper()
	if state, _ := load(w, post.Noun, post.Stream(on)); state.Sees(w.visitor(who, on)) && state.Landlord != scenario.ID(who) {
		do(w, reader.Noun, reader.SeePost{Person: scenario.ID(who), Post: on, Landlord: state.Landlord})
	}
}

// submit asks a landlord to mend something in a property, and answers with the request.
func (w *world) submit(tenant, landlord string, property uuid.UUID, text string, files ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	request, message, leased := w.id(), w.id(), false
	pair, _ := load(w, connection.Noun, channelOf(tenant, landlord))
	for _, l := range pair.Leases {
		leased = leased || l.Active(today) && l.Property == property
	}
	w.bind(tenant, maintenance.Stream(request), message, files...)
	do(w, maintenance.Noun, maintenance.Submit{Request: request, Message: message, By: scenario.ID(tenant), Landlord: scenario.ID(landlord),
		Property: property, PropertyName: "Elm Street 4", Leased: leased, Title: "The tap drips", Text: text, Attachments: files})
	return request
}

// open makes a request of the landlord's own.
func (w *world) open(landlord string, property uuid.UUID, text string) uuid.UUID {
	w.t.Helper()
	request := w.id()
	do(w, maintenance.Noun, maintenance.Open{Request: request, Message: w.id(), Landlord: scenario.ID(landlord), Role: string(roles[landlord]),
		Property: property, PropertyName: "Oak Lane 1", Title: "The roof", Text: text})
	return request
}

// participant is who comes to a request.
func (w *world) participant(who string, request uuid.UUID) maintenance.Participant {
	w.t.Helper()
	state, _ := load(w, maintenance.Noun, maintenance.Stream(request))
	return maintenance.Participant{Person: scenario.ID(who), Connected: w.connected(scenario.ID(who), state.Landlord)}
}

func (w *world) connected(person, landlord uuid.UUID) bool {
	w.t.Helper()
	pair, _ := load(w, connection.Noun, connection.Stream(connection.Between(person, landlord)))
	return person == landlord || pair.Status == connection.Connected
}

func (w *world) share(landlord string, request uuid.UUID, with, history string) {
	w.t.Helper()
	do(w, maintenance.Noun, maintenance.Share{Request: request, By: w.participant(landlord, request),
		With: maintenance.Party(party(with)), Connected: w.connected(scenario.ID(with), scenario.ID(landlord)), History: history})
}

func (w *world) unshare(landlord string, request uuid.UUID, from string) {
	w.t.Helper()
	do(w, maintenance.Noun, maintenance.Unshare{Request: request, By: w.participant(landlord, request), Person: scenario.ID(from)})
}

// write sends a message to all who share a request and answers with its id.
func (w *world) write(who string, request uuid.UUID, text string, files ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	message := w.id()
	w.bind(who, maintenance.Stream(request), message, files...)
	do(w, maintenance.Noun, maintenance.SendMessage{Request: request, Message: message, By: w.participant(who, request), Text: text, Attachments: files})
	return message
}

func (w *world) read(who string, request uuid.UUID, messages ...uuid.UUID) {
	w.t.Helper()
	do(w, maintenance.Noun, maintenance.MarkSeen{Request: request, By: w.participant(who, request), Entries: messages})
}

func (w *world) takeBack(who string, request, message uuid.UUID) {
	w.t.Helper()
	do(w, maintenance.Noun, maintenance.DeleteMessage{Request: request, Message: message, By: w.participant(who, request)})
}

// subscribe has another program told, and answers with the webhook.
func (w *world) subscribe(kinds ...string) uuid.UUID {
	w.t.Helper()
	id := w.id()
	do(w, webhook.Noun, webhook.Create{Webhook: id, URL: "https://example.org/lobby?for=" + id.String(), Kinds: kinds, Secret: w.id(), Known: kinds})
	return id
}

func (w *world) status(who string, request uuid.UUID, to maintenance.Status) {
	w.t.Helper()
	do(w, maintenance.Noun, maintenance.SetStatus{Request: request, By: w.participant(who, request), Status: to})
}
