package readapi

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/post"
	"lobby.example/domain/thread"

	"lobby.example/readmodel"
)

type seenByIn struct {
	ChannelIn
	Entry uuid.UUID `path:"entry" doc:"the message or comment, or the post by its own id"`
}

// Seen is who has seen an entry.
type Seen struct {
	By []SeenByPerson `json:"by" doc:"first to see it first"`
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
	if category == post.Noun.Category {
		err = v.maySeeSeen(in.Channel, in.Entry == id)
	} else {
		err = v.mayRead(in.Channel)
	}
	if err != nil {
		return nil, err
	}
	// What the person came too late for is not there for them, and neither is what is
	// deleted or removed, whoever has seen it before.
	var one int
	there, err := v.one([]any{&one}, `
		select 1 from messages m left join inbox i on i.person = $1 and i.channel = m.channel
		where m.channel = $2 and m.entry = $3 and m.revision >= coalesce(i.history_from, 0)
		union all select 1 from posts p where p.post = $2 and p.entry = $3`, v.person, readmodel.ID(in.Channel), in.Entry)
	if err == nil && !there {
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
		where s.channel = $1 and s.entry = $2
		order by s.at, s.person`, readmodel.ID(in.Channel), in.Entry)
	return &answer, err
}

// maySeeSeen lets whoever sees a post ask who has seen a comment on it, and only
// its landlord who has seen the post.
func (v *view) maySeeSeen(name string, whole bool) error {
	own, err := v.maySee(name)
	if err == nil && whole && !own {
		err = post.NotFound
	}
	return err
}
