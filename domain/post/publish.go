package post

import (
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/thread"
)

// Publish puts a new post on the board of its landlord (rule 1).
type Publish struct {
	Post         uuid.UUID
	Landlord     uuid.UUID // also where the platform acts for them
	Role         string    // the role of whom Landlord names
	Category     Category
	Title        string
	Body         string
	Attachments  []uuid.UUID
	Audience     Audience
	CommentsOpen bool
}

func (c Publish) Stream() string { return Stream(c.Post) }

func (c Publish) Decide(s State) ([]Event, error) {
	if c.Role != "landlord" {
		return nil, domain.Refuse(domain.Forbidden, "not_a_landlord", "Only a landlord publishes posts.")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if s.Removed {
		return nil, s.checkLandlord(c.Landlord)
	}
	if s.Published {
		return nil, domain.Refuse(domain.Conflict, "already_published", "This post has been published already.")
	}
	return []Event{Published{
		Post:         c.Post,
		Landlord:     c.Landlord,
		Category:     c.Category,
		Title:        c.Title,
		Body:         c.Body,
		Attachments:  c.Attachments,
		Audience:     c.Audience,
		CommentsOpen: c.CommentsOpen,
	}}, nil
}

func (c Publish) check() error {
	if err := thread.CheckAttachments(c.Attachments); err != nil {
		return err
	}
	if err := checkContent(c.Category, c.Title, c.Body, len(c.Attachments) > 0); err != nil {
		return err
	}
	return c.Audience.check()
}

// Published: the landlord has put the post on their board.
type Published struct {
	Post         uuid.UUID   `json:"post"`
	Landlord     uuid.UUID   `json:"landlord"`
	Category     Category    `json:"category"`
	Title        string      `json:"title"`
	Body         string      `json:"body"`
	Attachments  []uuid.UUID `json:"attachments,omitempty"`
	Audience     Audience    `json:"audience"`
	CommentsOpen bool        `json:"comments_open"`
}

func (Published) Kind() string { return "post_published" }

func (e Published) Evolve(s State) State {
	s.Published = true
	s.Landlord = e.Landlord
	s.Audience = e.Audience
	s.CommentsOpen = e.CommentsOpen
	s.Attached = len(e.Attachments) > 0
	s.Content = contentOf(e.Category, e.Title, e.Body)
	return s
}
