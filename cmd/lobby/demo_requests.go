package main

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

//go:embed demo_requests.txt
var demoRequestsText string

// mend goes through the maintenance requests of demo_requests.txt. The heading of
// each says who begins it, for which flat and how it is called. Below it, what is
// done stands line by line: somebody writes (Name: text), the landlord shares it
// (+ Name, or + Name from_now), somebody looks at it (= Name), and who began it or
// the landlord sets its status (! Name status).
func (d *demoProperty) mend(ctx context.Context) error {
	for _, block := range demoBlocks(demoRequestsText) {
		if err := d.request(ctx, block); err != nil {
			return fmt.Errorf("%s: %w", block.heading, err)
		}
	}
	return nil
}

func (d *demoProperty) request(ctx context.Context, block demoBlock) error {
	t, err := d.begin(ctx, block)
	if err != nil {
		return err
	}
	for _, line := range block.lines[1:] {
		if err := d.proceed(ctx, t, line); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	return nil
}

// begin submits a request of a tenant, or opens one of the landlord. Its first
// line describes it.
func (d *demoProperty) begin(ctx context.Context, block demoBlock) (*talk, error) {
	about, title, _ := strings.Cut(block.heading, ": ")
	var name string
	var flat int
	if _, err := fmt.Sscanf(about, "%s flat %d", &name, &flat); err != nil {
		return nil, err
	}
	by, err := d.who(name)
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut(block.lines[0], ": ")
	body, err := d.written(ctx, by, text)
	if err != nil {
		return nil, err
	}
	maps.Copy(body, map[string]any{"title": title, "property": propertyID(flat)})
	present, path := []*demoPerson{d.landlord()}, "/maintenance-requests/open"
	if by == d.landlord() {
		body["property_name"] = propertyName(flat)
	} else {
		present, path = append(present, by), "/maintenance-requests"
		body["connection"] = by.channel
	}
	answer, err := d.call(ctx, by.Token, http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	d.requests++
	t := newTalk(answer.Stream, present...)
	first, err := d.entries(ctx, by, t.channel, answer.Position)
	for _, message := range first {
		d.said(t, by, message)
	}
	return t, err
}

// proceed does what one line of a request says.
func (d *demoProperty) proceed(ctx context.Context, t *talk, line string) error {
	sign, rest, _ := strings.Cut(line, " ")
	if speaker, ok := strings.CutSuffix(sign, ":"); ok {
		who, err := d.who(speaker)
		if err != nil {
			return err
		}
		return d.say(ctx, t, who, rest)
	}
	name, rest, _ := strings.Cut(rest, " ")
	who, err := d.who(name)
	if err != nil {
		return err
	}
	path := "/maintenance-requests/" + t.channel
	switch sign {
	case "=":
		return d.look(ctx, t, who)
	case "!":
		_, err = d.call(ctx, who.Token, http.MethodPut, path+"/status", map[string]any{"status": rest})
		return err
	case "+":
		body := map[string]any{}
		if rest != "" {
			body["history"] = rest
		}
		answer, err := d.call(ctx, d.landlord().Token, http.MethodPut, path+"/shares/"+who.ID.String(), body)
		if err != nil {
			return err
		}
		t.present = append(t.present, who)
		t.waiting[who], err = d.entries(ctx, who, t.channel, answer.Position)
		return err
	}
	return fmt.Errorf("what is %q to mean?", sign)
}

// entries are the messages that somebody finds in a channel.
func (d *demoProperty) entries(ctx context.Context, reader *demoPerson, channel, after string) ([]uuid.UUID, error) {
	var page struct{ Messages []struct{ Message uuid.UUID } }
	err := d.ask(ctx, reader.Token, http.MethodGet, "/channels/"+channel+"/messages?after="+after, "", nil, &page)
	entries := make([]uuid.UUID, len(page.Messages))
	for i, m := range page.Messages {
		entries[i] = m.Message
	}
	return entries, err
}
