package readapi

import (
	"time"

	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

type inboxIn struct {
	Reading
	httpapi.Page
}

// Inbox is a page of the caller's channels, by last activity.
type Inbox struct {
	Channels   []InboxChannel `json:"channels" doc:"by last activity, the latest first"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// InboxChannel is a channel as a line of the inbox.
type InboxChannel struct {
	ChannelHead
	LastMessage *LastMessage `json:"last_message,omitempty" doc:"absent while there is none"`
}

// LastMessage is the preview of a channel.
type LastMessage struct {
	Message string    `json:"message" doc:"its id"`
	Author  string    `json:"author" doc:"the person who wrote it"`
	Text    string    `json:"text" doc:"its first 200 characters"`
	At      time.Time `json:"at" doc:"when it was sent, UTC"`
}

const previewLength = 200

// inboxCursor is the last channel of a page.
type inboxCursor struct {
	At      time.Time `json:"a"`
	Channel string    `json:"c"`
}

// farFuture is later than any activity.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func readInbox(v *view, in *inboxIn) (*Inbox, error) {
	from := inboxCursor{At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[inboxCursor]("Inbox", in.Cursor); err != nil {
			return nil, err
		}
	}
	box := Inbox{Channels: []InboxChannel{}}
	// It says listed = true, since SQLite takes listed alone for no use of the index.
	err := v.rows(func(scan func(...any) error) error {
		var c InboxChannel
		var message, author, text *string
		var at *time.Time
		if err := c.scan(scan, &message, &author, &text, &at); err != nil {
			return err
		}
		if message != nil {
			c.LastMessage = &LastMessage{Message: *message, Author: *author, Text: preview(*text), At: *at}
		}
		box.Channels = append(box.Channels, c)
		return nil
	}, `
		select `+headColumns+`, m.entry, m.author, m.text, m.at
		from (
			select i.person, i.channel from inbox i join channels c on c.channel = i.channel
			where i.person = $1 and i.listed = true and (c.last_activity, c.channel) < ($2, $3)
			order by c.last_activity desc, c.channel desc limit $4
		) page
		join inbox i on i.person = page.person and i.channel = page.channel `+headJoins+`
		left join messages m on m.channel = i.channel
			and m.revision = (select max(revision) from messages where channel = i.channel)
		order by c.last_activity desc, c.channel desc`, v.person, from.At, readmodel.ID(from.Channel), in.Limit+1)
	if err != nil {
		return nil, err
	}
	if len(box.Channels) > in.Limit {
		box.Channels = box.Channels[:in.Limit]
		last := box.Channels[in.Limit-1]
		box.NextCursor = httpapi.EncodeCursor("Inbox", inboxCursor{At: last.LastActivity, Channel: last.Channel})
	}
	return &box, nil
}

// preview cuts a text to its first characters.
func preview(text string) string {
	n := 0
	for i := range text {
		if n == previewLength {
			return text[:i]
		}
		n++
	}
	return text
}
