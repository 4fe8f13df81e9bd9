package commands

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
	"lobby.example/eventlog"
)

// unused is how long a file may wait for an entry, and bytes for an event.
const unused = 24 * time.Hour

// RemoveUnused removes a file that no entry has any more, or that waited too long
// for one, and then its bytes. What it goes by is the streams: whoever names the
// file only guesses.
func (s *Service) RemoveUnused(ctx context.Context, file uuid.UUID, now time.Time) error {
	var state attachment.State
	if err := s.attachments.Look(ctx, attachment.Stream(file), func(a attachment.State) error { state = a; return nil }); err != nil {
		return err
	}
	if !state.Uploaded { // or not yet
		return nil
	}
	if state.There() {
		reason, err := s.reasonToRemove(ctx, file, state.Bound, now)
		if reason == "" || err != nil {
			return err
		}
		_, err = s.attachments.Execute(ctx, attachment.Remove{Attachment: file, Reason: reason, Bound: state.Bound},
			Request{Command: uuid.NewSHA1(file, []byte("removed")), Actor: System, At: now})
		if err != nil {
			return err
		}
	}
	return s.files.Delete(ctx, file)
}

func (s *Service) reasonToRemove(ctx context.Context, file uuid.UUID, bound attachment.Binding, now time.Time) (attachment.Reason, error) {
	since := bound.At.Time
	if bound.Entry == uuid.Nil {
		var err error
		if since, err = s.begun(ctx, attachment.Stream(file)); err != nil {
			return "", err
		}
	} else if written, gone, err := s.fate(ctx, bound.Stream, bound.Entry); err != nil || written && !gone {
		return "", err
	} else if written {
		return attachment.EntryGone, nil
	}
	if now.Sub(since) < unused {
		return "", nil
	}
	return attachment.NeverBound, nil
}

// SweepBytes deletes bytes that no event speaks of, as a crash in the middle of an
// upload leaves them, and those of files that were removed. It goes on after an
// error, and gives up after ten.
func (s *Service) SweepBytes(ctx context.Context, now time.Time) error {
	before := now.Add(-unused)
	var failures []error
	for file, err := range s.files.Old(ctx, before) {
		var referred bool
		if err == nil {
			referred, err = s.refersTo(ctx, file)
		}
		if err == nil && !referred {
			err = s.files.DeleteOld(ctx, file, before)
		}
		if err == nil {
			continue
		}
		if failures = append(failures, err); len(failures) == 10 {
			break
		}
	}
	return errors.Join(failures...)
}

// refersTo reports whether there is a file of these bytes. It reads the last event
// only, and keeps no state: there are many files, and few of them are asked for.
func (s *Service) refersTo(ctx context.Context, file uuid.UUID) (bool, error) {
	for r, err := range s.log.ReadStream(ctx, attachment.Stream(file), eventlog.End, eventlog.Backward, 1) {
		return err == nil && r.Kind != (attachment.Removed{}).Kind(), err
	}
	return false, nil
}
