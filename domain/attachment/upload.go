package attachment

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// Upload makes a file known whose bytes are kept already. Uploading the same
// once more does nothing.
type Upload struct {
	Attachment uuid.UUID
	Owner      uuid.UUID
	File       File
}

func (c Upload) Stream() string { return Stream(c.Attachment) }

func (c Upload) Decide(s State) ([]Event, error) {
	if err := c.File.check(); err != nil {
		return nil, err
	}
	if s.Uploaded {
		if s.There() && s.Owner == c.Owner && s.File == c.File {
			return nil, nil
		}
		return nil, domain.Refuse(domain.Conflict, "already_uploaded", "Another file was uploaded here already.")
	}
	return []Event{Uploaded{Attachment: c.Attachment, Owner: c.Owner, File: c.File}}, nil
}

// Uploaded: a file was uploaded, and its bytes are kept.
type Uploaded struct {
	Attachment uuid.UUID `json:"attachment"`
	Owner      uuid.UUID `json:"owner"`
	File
}

func (Uploaded) Kind() string { return "attachment_uploaded" }

func (e Uploaded) Evolve(s State) State {
	s.Uploaded, s.Owner, s.File = true, e.Owner, e.File
	return s
}
