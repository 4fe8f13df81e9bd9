package commands

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"lobby.example/blobs"
	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/httpapi"
)

type uploadIn struct {
	KeyHeader
	ForLandlord
	httpapi.Upload
	Name string        `query:"name" required:"true" maxLength:"800" doc:"what the file is called: 1 to 200 characters, no path"`
	File blobs.Written // what came, as part of what is asked under a key
}

// uploadAttachment takes the bytes before the event that says so: a crash in
// between leaves bytes that nobody knows of, and that the sweep finds.
func (s *Service) uploadAttachment(ctx context.Context, c *call, in *uploadIn) (Execution, error) {
	owner, err := c.landlordOf(in.Landlord)
	if err != nil {
		return nil, err
	}
	if err := attachment.CheckName(in.Name); err != nil {
		return nil, err
	}
	if owner != c.Person {
		if _, err := s.party(ctx, "landlord", owner); err != nil {
			return nil, err
		}
	}
	if s.files == nil {
		return nil, httpapi.NewProblem(http.StatusServiceUnavailable, "no_file_store", "This server keeps no files.")
	}
	if in.DeclaredSize() > s.most {
		return nil, s.tooLarge()
	}
	id, err := s.newStream(ctx, c, attachment.Noun.Category)
	if err != nil {
		return nil, err
	}
	in.File, err = s.files.Put(ctx, id, in, s.most)
	s.fileBytes.see(err)
	if err == nil && blobs.Lies(in.DeclaredType(), in.File.Type) {
		err = domain.Bad("Content-Type", "type_mismatch", "The file is not of the type that it was sent as.")
	}
	return on(s.attachments, attachment.Upload{
		Attachment: id,
		Owner:      owner,
		File:       attachment.File{Name: in.Name, Size: in.File.Size, Type: in.File.Type, SHA256: in.File.SHA256},
	}), s.uploadProblem(err)
}

// uploadProblem says what a client can do about a file that was not taken.
func (s *Service) uploadProblem(err error) error {
	switch {
	case errors.Is(err, blobs.ErrEmpty):
		return domain.Bad("file", "empty_file", "The file is empty.")
	case errors.Is(err, blobs.ErrTooLarge):
		return s.tooLarge()
	case errors.Is(err, blobs.ErrOther):
		return KeyReused
	case errors.Is(err, blobs.ErrBrokeOff):
		return httpapi.NewProblem(http.StatusBadRequest, "unreadable_body", "The file did not arrive whole.")
	}
	return err
}

func (s *Service) tooLarge() error {
	return httpapi.NewProblem(http.StatusRequestEntityTooLarge, "file_too_large", fmt.Sprintf("The file is larger than %d bytes.", s.most))
}
