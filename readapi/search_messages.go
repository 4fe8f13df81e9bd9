package readapi

import (
	"time"

	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type searchMessagesIn struct {
	Reading
	httpapi.Page
	Text    string `query:"text" required:"true" minLength:"1" maxLength:"200" doc:"words, in any order; the last of each may go on"`
	Channel string `query:"channel" maxLength:"100" doc:"only messages of this channel"`
}

// FoundMessages is a page of messages that have what was looked for.
type FoundMessages struct {
	Messages   []FoundMessage `json:"messages" doc:"newest first"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"of the next page, with older messages; absent on the last"`
}

// FoundMessage is one of them.
type FoundMessage struct {
	Channel  string    `json:"channel" doc:"where it was written"`
	Message  string    `json:"message" doc:"its id"`
	Author   Party     `json:"author" doc:"who wrote it"`
	Text     string    `json:"text" doc:"all of it"`
	At       time.Time `json:"at" doc:"when it was sent, UTC"`
	Revision int64     `json:"revision" doc:"of its event in the channel's stream"`
}

// messageCursor is the last message of a page.
type messageCursor struct {
	At      time.Time `json:"a"`
	Channel string    `json:"c"`
	Message string    `json:"m"`
}

func searchMessages(v *view, in *searchMessagesIn) (*FoundMessages, error) {
	from := messageCursor{At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[messageCursor]("SearchMessages", in.Cursor); err != nil {
			return nil, err
		}
	}
	q := &filter{args: []any{v.person, from.At, readmodel.ID(from.Channel), readmodel.ID(from.Message), in.Limit + 1}}
	page := FoundMessages{Messages: []FoundMessage{}}
	if found, err := q.search(v, "messages", "m", in.Text); err != nil || !found {
		return &page, err
	}
	q.and(in.Channel != "", `m.channel = `, readmodel.ID(in.Channel))
	err := v.rows(func(scan func(...any) error) error {
		var m FoundMessage
		err := scan(&m.Channel, &m.Message, &m.Author.Person, &m.Author.Name, &m.Author.Role, &m.Author.Active, &m.Text, &m.At, &m.Revision)
		page.Messages = append(page.Messages, m)
		return err
	}, `
		select m.channel, m.entry, w.person, w.name, w.role, not w.deactivated, m.text, m.at, m.revision
		from messages m join inbox i on i.person = $1 and i.channel = m.channel join people w on w.person = m.author
		where (m.at, m.channel, m.entry) < ($2, $3, $4)
			and `+readableMessage+q.where+`
		order by m.at desc, m.channel desc, m.entry desc limit $5`, q.args...)
	if err != nil {
		return nil, err
	}
	if len(page.Messages) > in.Limit {
		page.Messages = page.Messages[:in.Limit]
		last := page.Messages[in.Limit-1]
		page.NextCursor = httpapi.EncodeCursor("SearchMessages", messageCursor{At: last.At, Channel: last.Channel, Message: last.Message})
	}
	return &page, nil
}
