package readapi

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/thread"
	"lobby.example/readmodel"
)

type seenByIn struct {
	ChannelIn
	Message uuid.UUID `path:"message" doc:"the message"`
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
	Revision int64     `json:"revision" doc:"of the event in the channel's stream"`
}

func seenBy(v *view, in *seenByIn) (*Seen, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := v.mayRead(in.Channel); err != nil {
		return nil, err
	}
	var one int
	there, err := v.one([]any{&one}, `select 1 from messages where channel = $1 and entry = $2`, readmodel.ID(in.Channel), in.Message)
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
		select s.person, p.name, s.at, s.revision from inbox i
		join seen s on s.channel = i.channel
		join people p on p.person = s.person
		where `+readable+` and s.entry = $3
		order by s.revision, s.person`, v.person, readmodel.ID(in.Channel), in.Message)
	if err == nil && !there && len(answer.By) == 0 {
		err = thread.NoSuchEntry
	}
	return &answer, err
}
