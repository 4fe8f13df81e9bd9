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
	if refused := a.bind(ctx, request); refused != nil {
		// The same request, sent twice at once, may have been executed meanwhile, and
		// what it wrote can be what refuses this one.
		if earlier, ok, err := a.streams.Remembered(ctx, a.Stream(), request); ok || err != nil {
			return earlier, err
		}
		return Result{}, refused
	}
	return a.execution.Run(ctx, request)
}

// bind binds all files, or none where the command or one of them would be refused.
func (a attaching[S]) bind(ctx context.Context, request Request) error {
	err := a.streams.Look(ctx, a.Stream(), func(state S) error {
		_, err := a.Decide(state)
		return err
	})
	if err != nil {
		return err
	}
	reservations := make([]reservation, len(a.files))
	for i, file := range a.files {
		bind := attachment.Bind{Attachment: file, By: a.owner, In: a.Stream(), Entry: a.entry, At: request.At}
		if reservations[i], err = a.service.reservation(ctx, bind, request.Command); err != nil {
			return err
		}
	}
	for _, r := range reservations {
		if _, err := a.service.attachments.Execute(ctx, r.Bind, Request{Command: r.command, Actor: request.Actor, At: request.At}); err != nil {
			return err
		}
	}
	return nil
}

// reservation is the binding of one file, as a command of its own.
type reservation struct {
	attachment.Bind
	command uuid.UUID
}

// reservation refuses what binding would. A file that is reserved for another
// entry is free again once that has not come for a while. The id of the command
// derives from that of the entry's, and from the reservation that lapsed: where a
// late retry renews its own, that is another command.
func (s *Service) reservation(ctx context.Context, bind attachment.Bind, command uuid.UUID) (reservation, error) {
	var held attachment.Binding
	err := s.attachments.Look(ctx, bind.Stream(), func(a attachment.State) error { held = a.Bound; return nil })
	if err != nil {
		return reservation{}, err
	}
	name := bind.Attachment.String()
	if held.Entry != uuid.Nil && held.Lapsed(bind.At) {
		written, _, err := s.fate(ctx, held.Stream, held.Entry)
		if err != nil {
			return reservation{}, err
		}
		bind.Lapsed = !written
		name += held.At.String()
	}
	return reservation{bind, uuid.NewSHA1(command, []byte(name))}, s.attachments.Look(ctx, bind.Stream(), func(a attachment.State) error {
		_, err := bind.Decide(a)
		return err
	})
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
