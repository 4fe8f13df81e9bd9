package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// Open makes a request of the landlord's own, to be shared later (rule 1).
type Open struct {
	Request      uuid.UUID
	Message      uuid.UUID // the description, as the first message
	Landlord     uuid.UUID
	Role         string // of the one who opens it
	Property     uuid.UUID
	PropertyName string
	Title        string
	Text         string
	Attachments  []uuid.UUID
}

func (c Open) Stream() string { return Stream(c.Request) }

func (c Open) Decide(s State) ([]Event, error) {
	if c.Role != landlord {
		return nil, domain.Refuse(domain.Forbidden, "not_a_landlord", "Only a landlord opens a request.")
	}
	if err := checkRequest(c.PropertyName, c.Title, c.Text, c.Attachments); err != nil {
		return nil, err
	}
	if s.Status != Absent {
		return nil, domain.Refuse(domain.Conflict, "already_opened", "There is a request of this id already.")
	}
	return []Event{
		RequestOpened{
			Request:      c.Request,
			Landlord:     c.Landlord,
			Property:     c.Property,
			PropertyName: c.PropertyName,
			Title:        c.Title,
		},
		MessageSent{Request: c.Request, Message: c.Message, From: c.Landlord, Text: c.Text, Attachments: c.Attachments},
	}, nil
}

// RequestOpened: a landlord has made a request of their own.
type RequestOpened struct {
	Request      uuid.UUID `json:"request"`
	Landlord     uuid.UUID `json:"landlord"`
	Property     uuid.UUID `json:"property"`
	PropertyName string    `json:"property_name"`
	Title        string    `json:"title"`
}

func (RequestOpened) Kind() string { return "request_opened" }

func (e RequestOpened) Evolve(s State) State {
	s.Status, s.Landlord = New, e.Landlord
	return s
}
