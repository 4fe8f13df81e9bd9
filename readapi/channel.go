package readapi

import (
	"time"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/readmodel"
)

// ChannelIn is the path of everything about one channel.
type ChannelIn struct {
	Reading
	Channel string `path:"channel" maxLength:"100" doc:"the channel"`
}

func (in *ChannelIn) about() string { return in.Channel }

// check refuses a name that no channel has.
func (in *ChannelIn) check() error {
	_, _, err := domain.ParseStream("channel", in.Channel)
	return err
}

// ChannelHead is what a client draws of a channel wherever it shows one.
type ChannelHead struct {
	Channel      string    `json:"channel" doc:"its id"`
	With         Party     `json:"with" doc:"the other one of the two"`
	Open         bool      `json:"open" doc:"takes new messages"`
	LastActivity time.Time `json:"last_activity" doc:"when the last message was sent or the two connected, UTC"`
	Unread       int       `json:"unread" doc:"entries by others that the caller has not seen; 0 in a channel that is not open"`
	Muted        bool      `json:"muted" doc:"keeps its number, but out of the bubble"`
	MarkedUnread bool      `json:"marked_unread" doc:"the caller's own mark; it counts nothing"`
}

// Party is a person as others see them.
type Party struct {
	Person string `json:"person" doc:"the person's id"`
	Name   string `json:"name" doc:"the person's name"`
	Role   string `json:"role" enum:"landlord,tenant,service_pro" doc:"what the person is, for good"`
	Active bool   `json:"active" doc:"false once the person has been deactivated"`
}

// headColumns and headJoins select a ChannelHead from a row i of inbox.
const (
	headColumns = `i.channel, i.other, p.name, p.role, not p.deactivated, c.open, c.last_activity, i.muted, i.marked_unread,
		case when c.open then (select count(*) from unread u where u.person = i.person and u.channel = i.channel) else 0 end`
	headJoins = `join channels c on c.channel = i.channel join people p on p.person = i.other`

	// readable is the permission to read channel $2 for person $1, on a row i of
	// inbox. A personal flag alone makes a row too, but nobody is on the other side.
	readable = `i.person = $1 and i.channel = $2 and length(i.other) > 0`
)

func (h *ChannelHead) scan(scan func(...any) error, more ...any) error {
	return scan(append([]any{&h.Channel, &h.With.Person, &h.With.Name, &h.With.Role, &h.With.Active,
		&h.Open, &h.LastActivity, &h.Muted, &h.MarkedUnread, &h.Unread}, more...)...)
}

func channel(v *view, in *ChannelIn) (*ChannelHead, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var head *ChannelHead
	err := v.rows(func(scan func(...any) error) error {
		head = new(ChannelHead)
		return head.scan(scan)
	}, `select `+headColumns+` from inbox i `+headJoins+` where `+readable, v.person, readmodel.ID(in.Channel))
	if err == nil && head == nil {
		err = connection.NotFound
	}
	return head, err
}

// mayRead refuses a channel that is not there for the caller.
func (v *view) mayRead(channel string) error {
	var one int
	ok, err := v.one([]any{&one}, `select 1 from inbox i where `+readable, v.person, readmodel.ID(channel))
	if err == nil && !ok {
		err = connection.NotFound
	}
	return err
}
