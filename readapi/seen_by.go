package readapi

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/post"
	"lobby.example/domain/thread"
	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type seenByIn struct {
	ChannelIn
	httpapi.Page
	Entry uuid.UUID `path:"entry" doc:"the message or comment, or the post by its own id"`
}

// Seen is who has seen an entry.
type Seen struct {
	By         []SeenByPerson `json:"by" doc:"first to see it first"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// seenCursor is the last person of a page.
type seenCursor struct {
	At     time.Time `json:"a"`
	Person string    `json:"p"`
}

// SeenByPerson is one who has seen it, and the event that says so.
type SeenByPerson struct {
	Person   string    `json:"person" doc:"the person's id"`
	Name     string    `json:"name" doc:"the person's name"`
	At       time.Time `json:"at" doc:"when it was displayed to them first, UTC"`
	Revision int64     `json:"revision" doc:"of the event that says so: in the channel's stream, or for a post in the stream reader-<person>"`
}

func seenBy(v *view, in *seenByIn) (*Seen, error) {
	category, id, err := domain.ParseStream("channel", in.Channel)
	if err != nil {
		return nil, err
	}
	var from seenCursor
	if in.Cursor != "" {
		if from, err = httpapi.DecodeCursor[seenCursor]("SeenBy", in.Cursor); err != nil {
			return nil, err
		}
	}
	// Whoever sees a post may ask who has seen a comment on it, and only its landlord
	// who has seen the post.
	switch {
	case category != post.Noun.Category:
		if err := v.mayRead(in.Channel); err != nil {
			return nil, err
		}
	case in.Entry == id:
		v.must(post.NotFound, `select count(*) from posts p where p.post = $2 and p.landlord = $1`, v.person, readmodel.ID(in.Channel))
	default:
		v.maySee(in.Channel)
	}
	// What the person came too late for is not there for them. What was removed after
	// it was seen is gone, and who saw it is not (P24).
	const late, gone = 0, 2
	var found int
	_, err = v.one([]any{&found}, `select case
		when exists (select 1 from messages_by_key m join inbox i on i.person = $1 and i.channel = m.channel
			where m.channel = $2 and m.entry = $3 and m.revision < i.history_from) then 0
		when exists (select 1 from messages_by_key m where m.channel = $2 and m.entry = $3)
			or exists (select 1 from posts p where p.post = $2 and p.entry = $3) then 1
		else 2 end`, v.person, readmodel.ID(in.Channel), in.Entry)
	if err == nil && found == late {
		err = thread.NoSuchEntry
	}
	if err != nil {
		return nil, err
	}
	answer := Seen{By: []SeenByPerson{}}
	err = v.rows(func(scan func(...any) error) error {
		var s SeenByPerson
		if err := scan(&s.Person, &s.Name, &s.At, &s.Revision); err != nil {
			return err
		}
		answer.By = append(answer.By, s)
		return nil
	}, `
		select s.person, p.name, s.at, s.revision from seen s join people p on p.person = s.person
		where s.channel = $1 and s.entry = $2 and (s.at, s.person) > ($3, $4)
		order by s.at, s.person limit $5`, readmodel.ID(in.Channel), in.Entry, from.At, readmodel.ID(from.Person), in.Limit+1)
	if len(answer.By) > in.Limit {
		answer.By = answer.By[:in.Limit]
		last := answer.By[in.Limit-1]
		answer.NextCursor = httpapi.EncodeCursor("SeenBy", seenCursor{At: last.At, Person: last.Person})
	}
	if err == nil && found == gone && len(answer.By) == 0 && in.Cursor == "" {
		err = thread.NoSuchEntry
	}
	return &answer, err
}
