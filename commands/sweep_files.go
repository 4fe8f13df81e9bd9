package commands

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
)

// unused is how long a file may wait for an entry, and bytes for an event.
const unused = 24 * time.Hour

// RemoveUnused removes a file that no entry has any more, or that waited too long
// for one, and then its bytes. What it goes by is the streams: whoever names the
// file only guesses. It reports whether the file is gone.
func (s *Service) RemoveUnused(ctx context.Context, file uuid.UUID, now time.Time) (bool, error) {
	var state attachment.State
	if err := s.attachments.Look(ctx, attachment.Stream(file), func(a attachment.State) error { state = a; return nil }); err != nil {
		return false, err
	}
	if !state.Uploaded { // or not yet
		return false, nil
	}
	if state.There() {
		reason, err := s.reasonToRemove(ctx, file, state.Bound, now)
		if reason == "" || err != nil {
			return false, err
		}
		_, err = s.attachments.Execute(ctx, attachment.Remove{Attachment: file, Reason: reason, Bound: state.Bound},
			Request{Command: uuid.NewSHA1(file, []byte("removed")), Actor: System, At: now})
		if err != nil {
			return false, err
		}
	}
	return true, s.files.Delete(ctx, file)
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
// upload leaves them, and those of files that were removed. It counts them.
func (s *Service) SweepBytes(ctx context.Context, now time.Time) (swept int, err error) {
	before := now.Add(-unused)
	for file, failed := range s.files.Old(ctx, before) {
		if failed != nil {
			return swept, errors.Join(err, failed)
		}
		var known, removed bool
		failed = s.attachments.Look(ctx, attachment.Stream(file), func(a attachment.State) error {
			known, removed = a.Uploaded, a.Removed
			return nil
		})
		if failed == nil && (removed || !known) {
			swept++
			failed = s.files.DeleteOld(ctx, file, before)
		}
		err = errors.Join(err, failed)
	}
	return swept, err
}
