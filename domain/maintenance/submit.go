package maintenance

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// Submit asks a landlord to mend something (rule 1).
type Submit struct {
	Request      uuid.UUID
	Message      uuid.UUID // the description, as the first message
	By           uuid.UUID // the tenant
	Landlord     uuid.UUID
	Property     uuid.UUID
	PropertyName string
	Leased       bool // the tenant has an active lease of the property from the landlord
	Title        string
	Text         string
	Attachments  []uuid.UUID
}

func (c Submit) Stream() string { return Stream(c.Request) }

func (c Submit) Decide(s State) ([]Event, error) {
	if !c.Leased {
		return nil, domain.Refuse(domain.Forbidden, "no_active_lease", "You have no active lease of this property.")
	}
	if err := checkRequest(c.PropertyName, c.Title, c.Text, c.Attachments); err != nil {
		return nil, err
	}
	if s.Status != Absent {
		return nil, domain.Refuse(domain.Conflict, "already_submitted", "There is a request of this id already.")
	}
	return []Event{
		RequestSubmitted{
			Request:      c.Request,
			By:           c.By,
			Landlord:     c.Landlord,
			Property:     c.Property,
			PropertyName: c.PropertyName,
			Title:        c.Title,
		},
		MessageSent{
			Request:     c.Request,
			Message:     c.Message,
			From:        c.By,
			To:          []uuid.UUID{c.Landlord},
			Text:        c.Text,
			Attachments: c.Attachments,
		},
	}, nil
}

// checkRequest refuses what describes no request.
func checkRequest(propertyName, title, text string, attachments []uuid.UUID) error {
	if err := domain.CheckName("property_name", propertyName); err != nil {
		return err
	}
	if err := domain.CheckName("title", title); err != nil {
		return err
	}
	return thread.CheckContent(text, attachments)
}

// RequestSubmitted: a tenant has asked their landlord to mend something.
type RequestSubmitted struct {
	Request      uuid.UUID `json:"request"`
	By           uuid.UUID `json:"by"`
	Landlord     uuid.UUID `json:"landlord"`
	Property     uuid.UUID `json:"property"`
	PropertyName string    `json:"property_name"`
	Title        string    `json:"title"`
}

func (RequestSubmitted) Kind() string { return "request_submitted" }

func (e RequestSubmitted) Evolve(s State) State {
	s.Status, s.Landlord, s.Submitter = New, e.Landlord, e.By
	s.Shares = append(s.Shares, Sharer{Party: Party{Person: e.By, Role: tenant}})
	return s
}
