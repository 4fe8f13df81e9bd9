package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Old lists the files that were last put before a time, in no order that means
// anything. On its way it removes what is as old and was left of a Put that a
// crash cut short. An error is the last that it yields.
func (s *Store) Old(ctx context.Context, before time.Time) iter.Seq2[uuid.UUID, error] {
	return func(yield func(uuid.UUID, error) bool) {
		// A folder at a time, since fileblob walks all of what it lists for each page.
		for first := range 256 {
			folder := folderOf(byte(first))
			keys, err := s.old(ctx, folder, before)
			if err != nil {
				yield(uuid.Nil, fmt.Errorf("blobs: list %s: %w", folder, err))
				return
			}
			for _, key := range keys {
				id, left, ours := parseKey(folder, key)
				switch {
				case ours && !left:
					if !yield(id, nil) {
						return
					}
				case ours:
					if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
						yield(uuid.Nil, fmt.Errorf("blobs: remove %s: %w", key, err))
						return
					}
				}
			}
		}
	}
}

// old lists the keys of a folder. One that is deleted or renamed under fileblob's
// eyes fails the listing, which then begins again.
func (s *Store) old(ctx context.Context, folder string, before time.Time) (keys []string, err error) {
	for range 100 {
		keys, err = s.oldOnce(ctx, folder, before)
		if gcerrors.Code(err) != gcerrors.NotFound {
			break
		}
	}
	return keys, err
}

func (s *Store) oldOnce(ctx context.Context, folder string, before time.Time) (keys []string, err error) {
	for list := s.bucket.List(&blob.ListOptions{Prefix: folder}); ; {
		is, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, err
		}
		if is.ModTime.Before(before) {
			keys = append(keys, is.Key)
		}
	}
}

// parseKey reads a key in a folder: that of a file, or of what is left of one.
// Files that others put there are not ours.
func parseKey(folder, key string) (id uuid.UUID, left, ours bool) {
	name := strings.TrimPrefix(key, folder)
	name, rest, left := strings.Cut(name, ".") // fileblob writes to <key>.<time>.tmp
	id, err := uuid.Parse(name)
	ours = err == nil && keyOf(id) == folder+name && (!left || strings.HasSuffix(rest, ".tmp"))
	return id, left, ours
}
