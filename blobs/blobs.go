// Package blobs keeps the bytes of files, each under an id.
//
// It promises that a file which Put has taken is there whole and stays there
// through a crash, that one which it has not taken leaves nothing that anybody
// could get, and that no file takes more than a buffer of memory on its way. The
// bytes under an id never change. Where they lie follows from the id alone:
// nothing that a client sent is ever part of a path.
//
// It never knows whose a file is, what it is called or who may have it.
//
// A store is opened by its URL, through gocloud.dev/blob. What is tested is
// file:///a/directory, with one process at a time using it. Another store takes
// its driver to be imported, keeps its own promises about crashes, and is yours
// to try out.
package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

var (
	ErrNotFound = errors.New("blobs: there is no such file")
	ErrEmpty    = errors.New("blobs: the file is empty")
	ErrTooLarge = errors.New("blobs: the file is too large")
	// ErrOther answers other bytes than those that are under the id already.
	ErrOther = errors.New("blobs: the id has another file")
	// ErrBrokeOff is for what the reader of a Put failed with; it wraps that too.
	ErrBrokeOff = errors.New("blobs: the file broke off")
)

// Store keeps files. It is safe for concurrent use.
type Store struct {
	bucket *blob.Bucket
	// root is the directory of a store of files, empty for others. Its folders are
	// those of folderOf, made when their first file comes.
	root   string
	fsync  func(*os.File) error
	folder [256]struct {
		sync.Mutex // held to change what is under an id in the folder
		durable    atomic.Bool
	}
}

// Open opens the store at a URL; a directory is made where there is none.
func Open(ctx context.Context, at string) (*Store, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	s := &Store{fsync: (*os.File).Sync}
	if u.Scheme == fileScheme {
		err = s.openDirectory(u)
	} else {
		s.bucket, err = blob.OpenBucket(ctx, at)
	}
	if err != nil {
		return nil, fmt.Errorf("blobs: open: %w", err)
	}
	return s, nil
}

// Close lets go of the store.
func (s *Store) Close() error { return s.bucket.Close() }

// Reader reads one file, from wherever one seeks to.
type Reader interface {
	io.ReadSeekCloser
	Size() int64
	ModTime() time.Time
}

// Get opens a file for reading, until the context ends. It fails with
// ErrNotFound where there is none.
func (s *Store) Get(ctx context.Context, id uuid.UUID) (Reader, error) {
	r, err := s.bucket.NewReader(ctx, keyOf(id), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("blobs: get %s: %w", id, err)
	}
	return struct{ Reader }{r}, nil // without WriteTo, which takes a megabyte
}

// Delete takes a file away, if it is there. Who is reading it may read on.
func (s *Store) Delete(ctx context.Context, id uuid.UUID) error {
	defer s.lock(id)()
	return s.delete(ctx, id)
}

// DeleteOld is Delete of a file that was last put before a time. One that was put
// again since stays, as somebody may count on it.
func (s *Store) DeleteOld(ctx context.Context, id uuid.UUID, before time.Time) error {
	defer s.lock(id)()
	is, err := s.bucket.Attributes(ctx, keyOf(id))
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound:
		return nil
	case err != nil:
		return fmt.Errorf("blobs: delete %s: %w", id, err)
	case !is.ModTime.Before(before):
		return nil
	}
	return s.delete(ctx, id)
}

func (s *Store) delete(ctx context.Context, id uuid.UUID) error {
	err := s.bucket.Delete(ctx, keyOf(id))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	if err == nil {
		err = s.settle(id)
	}
	if err != nil {
		return fmt.Errorf("blobs: delete %s: %w", id, err)
	}
	return nil
}

// keyOf names a file in the store. Folders keep directories short.
func keyOf(id uuid.UUID) string { return folderOf(id[0]) + id.String() }

func folderOf(first byte) string { return fmt.Sprintf("%02x/", first) }

// lock keeps others from changing what is under the id. Undo it.
func (s *Store) lock(id uuid.UUID) (unlock func()) {
	mu := &s.folder[id[0]].Mutex
	mu.Lock()
	return mu.Unlock
}
