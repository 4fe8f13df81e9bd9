package readapi

import (
	"math"
	"time"

	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type channelMessagesIn struct {
	ChannelIn
	httpapi.Page
}

// Messages is a page of a channel, newest first.
type Messages struct {
	Messages   []Message `json:"messages" doc:"newest first"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"of the next page, with older messages; absent on the last"`
}

// Message is one message as the caller sees it.
type Message struct {
	Message     string    `json:"message" doc:"its id"`
	Author      string    `json:"author" doc:"the person who wrote it"`
	Text        string    `json:"text" doc:"all of it"`
	At          time.Time `json:"at" doc:"when it was sent, UTC"`
	Revision    int64     `json:"revision" doc:"of its event in the channel's stream"`
	Unread      bool      `json:"unread" doc:"by another, the caller has not seen it, and the channel is open: what the channel's number counts"`
	Seen        bool      `json:"seen" doc:"somebody other than its author has seen it"`
	CanDelete   bool      `json:"can_delete" doc:"it is the caller's and nobody has seen it"`
	Attachments []File    `json:"attachments" doc:"what is attached"`
	files       int
}

func channelMessages(v *view, in *channelMessagesIn) (*Messages, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	before := int64(math.MaxInt64)
	if in.Cursor != "" {
		var err error
		if before, err = httpapi.DecodeCursor[int64]("ChannelMessages", in.Cursor); err != nil {
			return nil, err
		}
	}
	if err := v.mayRead(in.Channel); err != nil {
		return nil, err
	}
	page := Messages{Messages: []Message{}}
	err := v.rows(func(scan func(...any) error) error {
		var m Message
		if err := scan(&m.Message, &m.Author, &m.Text, &m.At, &m.Revision, &m.files, &m.Unread, &m.Seen); err != nil {
			return err
		}
		m.CanDelete = m.Author == string(v.person) && !m.Seen
		page.Messages = append(page.Messages, m)
		return nil
	}, `
		select m.entry, m.author, m.text, m.at, m.revision, m.files,
			c.open and exists (select 1 from unread u where u.person = i.person and u.channel = m.channel and u.entry = m.entry`+each+`),
			exists (select 1 from seen s where s.channel = m.channel and s.entry = m.entry`+each+`)
		from inbox i join channels c on c.channel = i.channel join messages m on m.channel = i.channel
		where `+readable+` and `+readableMessage+` and m.revision < $3
		order by m.revision desc limit $4`, v.person, readmodel.ID(in.Channel), before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	if len(page.Messages) > in.Limit {
		page.Messages = page.Messages[:in.Limit]
		page.NextCursor = httpapi.EncodeCursor("ChannelMessages", page.Messages[in.Limit-1].Revision)
	}
	for i := range page.Messages {
		m := &page.Messages[i]
		if m.Attachments, err = v.files(in.Channel, m.Message, m.files); err != nil {
			return nil, err
		}
	}
	return &page, nil
}
