package readapi

import (
	"time"

	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type inboxIn struct {
	Reading
	httpapi.Page
	Section string `query:"section" enum:"messages,board,maintenance" doc:"only the channels of this section"`
}

// Inbox is a page of the caller's channels, by last activity.
type Inbox struct {
	Sections   []Section      `json:"sections" doc:"the sections that there are, each from its first channel on"`
	Channels   []InboxChannel `json:"channels" doc:"by last activity, the latest first"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// InboxChannel is a channel as a line of the inbox.
type InboxChannel struct {
	ChannelHead
	LastMessage *LastMessage `json:"last_message,omitempty" doc:"absent while there is none; of a board its last post"`
}

// LastMessage is the preview of a channel.
type LastMessage struct {
	Message string    `json:"message" doc:"its id"`
	Author  string    `json:"author" doc:"the person who wrote it"`
	Text    string    `json:"text" doc:"its first 200 characters; of a post the title"`
	At      time.Time `json:"at" doc:"when it was sent, UTC"`
}

const previewLength = 200

// inboxCursor is the last channel of a page.
type inboxCursor struct {
	At      time.Time `json:"a"`
	Channel string    `json:"c"`
}

func readInbox(v *view, in *inboxIn) (*Inbox, error) {
	from := inboxCursor{At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[inboxCursor]("Inbox", in.Cursor); err != nil {
			return nil, err
		}
	}
	v.dependsOnRequests()
	box := Inbox{Channels: []InboxChannel{}}
	v.first(func(scan func(...any) error) error {
		var c InboxChannel
		var message, author, text *string
		var at *time.Time
		if err := c.scan(scan, &message, &author, &text, &at); err != nil {
			return err
		}
		if message != nil && author != nil && text != nil && at != nil {
			c.LastMessage = &LastMessage{Message: *message, Author: *author, Text: preview(*text), At: *at}
		}
		box.Channels = append(box.Channels, c)
		return nil
	}, `
		select `+headColumns+unreadOf+`, coalesce(m.entry, n.entry), coalesce(m.author, n.landlord), coalesce(m.text, n.title), coalesce(m.at, n.at)
		from (
			select * from `+mine+` y
			where (y.last_activity, y.channel) < ($3, $4) and ($5 = '' or y.section = $5)
			order by y.last_activity desc, y.channel desc limit $6
		) x `+headJoins+`
		left join messages m on m.channel = x.channel and m.revision >= x.history_from
			and m.revision = (select max(revision) from messages where channel = x.channel)
		left join posts n on x.section = 'board' and n.post = (select p.post from posts p
			where p.board = x.channel and `+visiblePost+` order by p.at desc, p.post desc limit 1)
		order by x.last_activity desc, x.channel desc`, v.person, string(v.today), from.At, readmodel.ID(from.Channel), in.Section, in.Limit+1)
	var err error
	if box.Sections, err = v.sections(); err != nil {
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
