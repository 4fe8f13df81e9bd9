package readapi

import (
	"strings"
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
	Section      string    `json:"section" enum:"messages,board,maintenance" doc:"where the inbox shows it"`
	With         *Party    `json:"with,omitempty" doc:"the other one of two; the landlord of a board or request; for the landlord the tenant who submitted the request; absent where there is none"`
	Title        string    `json:"title,omitempty" doc:"of a maintenance request"`
	Status       string    `json:"status,omitempty" doc:"of a maintenance request"`
	Open         bool      `json:"open" doc:"takes new messages"`
	LastActivity time.Time `json:"last_activity" doc:"of the last message, post or comment; of a request also when its status changed or it was shared; or when the channel began, UTC"`
	Unread       int       `json:"unread" doc:"entries by others that the caller has not seen: messages; of a board posts, or for its landlord comments; 0 in a channel that is not open"`
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

// headColumns, with the number, and headJoins select a ChannelHead from a row x of
// mine.
const (
	headColumns = `x.channel, x.section, w.person, w.name, w.role, not w.deactivated, r.title, r.status, x.open, x.last_activity,
		x.muted, x.marked_unread, `
	headJoins = ` left join people w on w.person = x.other left join requests r on r.channel = x.channel`
)

func (h *ChannelHead) scan(scan func(...any) error, more ...any) error {
	var person, name, role, title, status *string
	var active *bool
	err := scan(append([]any{&h.Channel, &h.Section, &person, &name, &role, &active, &title, &status, &h.Open, &h.LastActivity,
		&h.Muted, &h.MarkedUnread, &h.Unread}, more...)...)
	if person != nil && name != nil && role != nil && active != nil {
		h.With = &Party{Person: *person, Name: *name, Role: *role, Active: *active}
	}
	if title != nil && status != nil {
		h.Title, h.Status = *title, *status
	}
	return err
}

func channel(v *view, in *ChannelIn) (*ChannelHead, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	// What is no board is not looked for among the boards: to open a plan that reads many
	// tables takes PostgreSQL longer than to read one.
	find, count := entered+` and i.channel = $2 and i.readable = true`, entriesOf
	args := []any{v.person, readmodel.ID(in.Channel)}
	if strings.HasPrefix(in.Channel, "board-") {
		find, count = entered+` and i.channel = $3 and i.readable = true union all `+boards+` and b.board = $3`, unreadOf
		args = []any{v.person, string(v.today), readmodel.ID(in.Channel)}
	}
	var head *ChannelHead
	err := v.rows(func(scan func(...any) error) error {
		head = new(ChannelHead)
		return head.scan(scan)
	}, `select `+headColumns+count+` from (`+find+`) x `+headJoins, args...)
	if err == nil && head == nil {
		err = connection.NotFound
	}
	return head, err
}

// mayRead refuses a channel that is not there for the caller, or that has no
// messages, as a board, which has posts.
func (v *view) mayRead(channel string) error {
	if strings.HasPrefix(channel, "board-") {
		return connection.NotFound
	}
	v.must(connection.NotFound, `select count(*) from inbox i where `+readable, v.person, readmodel.ID(channel))
	return nil
}
