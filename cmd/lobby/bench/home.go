package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// busyChannels is how many channels of each who opens the app are written in.
const busyChannels = 2

// home is some people who open the app, each their own: each has so many channels,
// one of them with their landlord and one the landlord's board.
type home struct {
	*board
	channels []*channel // those with others, the same number for each
	tokens   []string   // of all people
}

func newHome(landlord, first, posts, channels, text int) *home {
	h := &home{board: &board{landlord: landlord, first: first, tenants: openers, posts: posts, text: text}}
	for i := range openers {
		for k := range channels - 2 {
			messages, unseen := 20, 0
			if k < busyChannels {
				messages, unseen = pageRows+10, 10
			}
			h.channels = append(h.channels, conversation(h.tenant(i), h.first+openers+k, messages, unseen, 10, text))
		}
	}
	return h
}

// people is how many there are, who opens and whom they write with.
func (h *home) people() int { return openers + len(h.channels)/openers }

func (h *home) events() int {
	n := h.posts*(comments+2) + h.people() + 3*openers
	for _, c := range h.channels {
		n += c.length()
	}
	return n
}

// of are the channels that others write in to one of the people.
func (h *home) of(i int) []*channel {
	each := len(h.channels) / openers
	return h.channels[i*each:][:min(busyChannels, each)]
}

// opener is a client of one person that starts over and over.
type opener struct {
	*client
	token     string
	me, inbox *request
	channels  map[string]*request // their messages
	rows      int                 // of the inbox
}

func newOpener(server *child, h *home, i int) *opener {
	o := &opener{client: newClient(server.base), token: h.tokens[h.tenant(i)], channels: map[string]*request{}}
	o.me, o.inbox = o.get("/v1/me", o.token), o.get("/v1/inbox", o.token)
	o.rows = min(pageRows, len(h.channels)/openers+2)
	return o
}

func (o *opener) open() error {
	var me struct {
		Unread int `json:"unread"`
	}
	if err := o.me.read(&me, http.StatusOK); err != nil {
		return err
	}
	var box struct {
		Channels []struct {
			Channel string `json:"channel"`
			Section string `json:"section"`
		} `json:"channels"`
	}
	if err := o.inbox.read(&box, http.StatusOK); err != nil {
		return err
	}
	if me.Unread == 0 || len(box.Channels) != o.rows || box.Channels[0].Section != "messages" {
		return fmt.Errorf("an inbox of %d unread and these channels: %+v", me.Unread, box.Channels)
	}
	first := box.Channels[0].Channel
	messages := o.channels[first]
	if messages == nil {
		messages = o.get("/v1/channels/"+first+"/messages", o.token)
		o.channels[first] = messages
	}
	var page struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := messages.read(&page, http.StatusOK); err != nil {
		return err
	}
	if len(page.Messages) != pageRows {
		return fmt.Errorf("the first page of %s has %d messages", first, len(page.Messages))
	}
	return nil
}
