package post

import "github.com/google/uuid"

// Edit changes what a post says. Its files and audience stay (rule 6).
type Edit struct {
	Post     uuid.UUID
	By       uuid.UUID
	Category Category
	Title    string
	Body     string
}

func (c Edit) Stream() string { return Stream(c.Post) }

func (c Edit) Decide(s State) ([]Event, error) {
	if err := s.checkLandlord(c.By); err != nil {
		return nil, err
	}
	if err := checkContent(c.Category, c.Title, c.Body, s.Attached); err != nil {
		return nil, err
	}
	if s.Content == contentOf(c.Category, c.Title, c.Body) {
		return nil, nil
	}
	return []Event{Edited{Post: c.Post, Landlord: s.Landlord, Category: c.Category, Title: c.Title, Body: c.Body}}, nil
}

// Edited carries the whole category, title and body as they are from now on.
type Edited struct {
	Post     uuid.UUID `json:"post"`
	Landlord uuid.UUID `json:"landlord"`
	Category Category  `json:"category"`
	Title    string    `json:"title"`
	Body     string    `json:"body"`
}

func (Edited) Kind() string { return "post_edited" }

func (e Edited) Evolve(s State) State {
	s.Content = contentOf(e.Category, e.Title, e.Body)
	return s
}
