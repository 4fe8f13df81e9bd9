package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/post"
	"lobby.example/domain/thread"
	"lobby.example/eventlog"
)

// attaching is a command that writes an entry with files. A file is bound to the
// entry before the entry is written: a crash in between leaves a file that nobody
// can see and that lapses, never an entry without its files.
type attaching[S any] struct {
	execution[S]
	service *Service
	owner   uuid.UUID
	entry   uuid.UUID
	files   []uuid.UUID
}

// onWith is on for a command that writes an entry with files of their owner.
func onWith[S any](s *Service, streams *Streams[S], command domain.Command[S], owner, entry uuid.UUID, files []uuid.UUID) Execution {
	if len(files) == 0 {
		return on(streams, command)
	}
	return attaching[S]{execution[S]{command, streams}, s, owner, entry, files}
}

// Run binds nothing for a retry, whose entry has its files, nor for what would be
// refused.
func (a attaching[S]) Run(ctx context.Context, request Request) (Result, error) {
	earlier, ok, err := a.streams.Remembered(ctx, a.Stream(), request)
	if ok || err != nil {
		return earlier, err
	}
	err = a.streams.Look(ctx, a.Stream(), func(state S) error {
		_, err := a.Decide(state)
		return err
	})
	for _, file := range a.files {
		if err != nil {
			return Result{}, err
		}
		err = a.service.bind(ctx, attachment.Bind{Attachment: file, By: a.owner, In: a.Stream(), Entry: a.entry, At: request.At}, request)
	}
	if err != nil {
		return Result{}, err
	}
	return a.execution.Run(ctx, request)
}

// bind reserves a file for an entry. A file that is reserved for another entry is
// free again once that has not come for a while.
func (s *Service) bind(ctx context.Context, bind attachment.Bind, request Request) error {
	own := Request{Command: uuid.NewSHA1(request.Command, bind.Attachment[:]), Actor: request.Actor, At: request.At}
	var bound attachment.Binding
	err := s.attachments.Look(ctx, bind.Stream(), func(a attachment.State) error { bound = a.Bound; return nil })
	if err != nil {
		return err
	}
	if bound.Entry != uuid.Nil && bound.Lapsed(request.At) {
		written, _, err := s.fate(ctx, bound.Stream, bound.Entry)
		if err != nil {
			return err
		}
		bind.Lapsed = !written
	}
	_, err = s.attachments.Execute(ctx, bind, own)
	return err
}

// fate reads a whole stream, newest event first, for what became of an entry. A
// post is the entry that its own stream begins with.
func (s *Service) fate(ctx context.Context, stream string, entry uuid.UUID) (written, gone bool, err error) {
	_, id, err := domain.ParseStream("stream", stream)
	if err != nil {
		return false, false, err
	}
	for r, err := range s.log.ReadStream(ctx, stream, eventlog.End, eventlog.Backward, 0) {
		if err != nil {
			return false, false, err
		}
		event, err := catalogue.Decode(r.Stream, r.Kind, r.Data)
		if err != nil {
			return false, false, err
		}
		switch e := event.(type) {
		case thread.Deleted:
			gone = gone || e.Deleted() == entry
		case post.Removed:
			gone = true
		case thread.Sent:
			if sent, _ := e.Entry(); sent == entry {
				return true, gone, nil
			}
		}
		written = id == entry
	}
	return written, gone, nil
}
