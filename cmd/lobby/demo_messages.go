package main

import (
	"context"
	_ "embed"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

//go:embed demo.txt
var demoText string

// talk is a channel with those who are in it, and what waits for each of them.
type talk struct {
	channel string
	present []*demoPerson
	waiting map[*demoPerson][]uuid.UUID
}

func newTalk(channel string, present ...*demoPerson) *talk {
	return &talk{channel: channel, present: present, waiting: map[*demoPerson][]uuid.UUID{}}
}

// writeMessages lets the landlord write with everybody, and the service pros with
// some tenants.
func (d *demoProperty) writeMessages(ctx context.Context) error {
	for i, other := range d.people[1:] {
		if err := d.converse(ctx, newTalk(other.channel, d.landlord(), other), i); err != nil {
			return err
		}
	}
	for i, tenant := range d.people[1:4] {
		pro := d.people[7+i]
		channel, err := d.connect(ctx, pro, tenant)
		if err != nil {
			return err
		}
		if err := d.converse(ctx, newTalk(channel, pro, tenant), i); err != nil {
			return err
		}
	}
	return nil
}

// converse lets two people write through the conversations for their roles, each
// pair beginning with another. The last lines of every third pair stay unseen.
func (d *demoProperty) converse(ctx context.Context, t *talk, offset int) error {
	a, b := t.present[0], t.present[1]
	all := conversations(a.Role, b.Role)
	for n := range all {
		for _, line := range all[(n+offset)%len(all)] {
			speaker := a
			if line.second {
				speaker = b
			}
			if err := d.say(ctx, t, speaker, line.text); err != nil {
				return err
			}
		}
	}
	if offset%3 == 0 {
		return nil
	}
	for _, reader := range t.present {
		if err := d.look(ctx, t, reader); err != nil {
			return err
		}
	}
	return nil
}

// say writes a message. Who speaks has seen what the others wrote.
func (d *demoProperty) say(ctx context.Context, t *talk, speaker *demoPerson, line string) error {
	if err := d.look(ctx, t, speaker); err != nil {
		return err
	}
	body, err := d.written(ctx, speaker, line)
	if err != nil {
		return err
	}
	answer, err := d.call(ctx, speaker.Token, http.MethodPost, "/channels/"+t.channel+"/messages", body)
	if err == nil {
		d.said(t, speaker, *answer.ID)
	}
	return err
}

// said notes for whom a message waits.
func (d *demoProperty) said(t *talk, speaker *demoPerson, message uuid.UUID) {
	d.messages++
	d.unseen[message] = true
	for _, p := range t.present {
		if p != speaker {
			t.waiting[p] = append(t.waiting[p], message)
		}
	}
}

// look marks as seen what waits for somebody in a channel.
func (d *demoProperty) look(ctx context.Context, t *talk, reader *demoPerson) error {
	entries := t.waiting[reader]
	if len(entries) == 0 {
		return nil
	}
	delete(t.waiting, reader)
	for _, entry := range entries {
		delete(d.unseen, entry)
	}
	return d.see(ctx, reader, t.channel, entries...)
}

func (d *demoProperty) see(ctx context.Context, reader *demoPerson, channel string, entries ...uuid.UUID) error {
	_, err := d.call(ctx, reader.Token, http.MethodPost, "/channels/"+channel+"/seen", map[string]any{"entries": entries})
	return err
}

// spoken is one line of a conversation, by the first or the second person.
type spoken struct {
	second bool
	text   string
}

// conversations finds those between two roles in demo.txt.
func conversations(first, second string) (found [][]spoken) {
	for _, block := range demoBlocks(demoText) {
		if block.heading != first+" "+second {
			continue
		}
		var conversation []spoken
		for _, line := range block.lines {
			who, text, _ := strings.Cut(line, ": ")
			conversation = append(conversation, spoken{second: who == "b", text: text})
		}
		found = append(found, conversation)
	}
	return found
}
