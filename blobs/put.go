package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"
	"gocloud.dev/blob"
)

// headLength is how many of a file's first bytes are looked at for its type.
const headLength = 4096

// Written says what a file holds.
type Written struct {
	Size   int64
	SHA256 string // in hexadecimal
	Type   string // the media type that its first bytes look like
}

// Put takes a file of at most limit bytes, as it comes. When it returns, the file
// will survive a crash. The same bytes under the same id are taken again; other
// bytes are refused with ErrOther.
func (s *Store) Put(ctx context.Context, id uuid.UUID, from io.Reader, limit int64) (Written, error) {
	source := &source{from: from, left: min(limit, math.MaxInt64-1) + 1} // one more byte is too large
	written, err := s.put(ctx, id, source)
	switch {
	case source.left <= 0:
		return Written{}, ErrTooLarge
	case source.err != nil:
		return Written{}, fmt.Errorf("%w: %w", ErrBrokeOff, source.err)
	case errors.Is(err, ErrEmpty) || errors.Is(err, ErrOther):
		return Written{}, err
	case err != nil:
		return Written{}, fmt.Errorf("blobs: put %s: %w", id, err)
	}
	return written, nil
}

func (s *Store) put(ctx context.Context, id uuid.UUID, from *source) (Written, error) {
	head := make([]byte, headLength)
	n, err := io.ReadFull(from, head)
	if err == io.EOF {
		return Written{}, ErrEmpty
	}
	if from.err != nil || err != nil && err != io.ErrUnexpectedEOF { // which can be what the source failed with
		return Written{}, err
	}
	head = head[:n]
	t := mimetype.Detect(head).String()

	ctx, abandon := context.WithCancel(ctx)
	defer abandon()
	var file *os.File // that the store writes to, where it does
	w, err := s.bucket.NewWriter(ctx, keyOf(id), &blob.WriterOptions{
		ContentType: t,
		BeforeWrite: func(as func(any) bool) error {
			if s.root != "" && as(&file) {
				return file.Chmod(fileMode)
			}
			return nil
		},
	})
	if err != nil {
		return Written{}, err
	}
	hash := sha256.New()
	to := io.MultiWriter(w, hash) // and not w alone, which could close itself at the end of what comes
	_, err = to.Write(head)
	size := int64(n)
	if err == nil {
		var rest int64
		rest, err = io.Copy(to, from)
		size += rest
	}
	if err == nil && file != nil {
		err = s.fsync(file)
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	there := false
	if err == nil {
		defer s.lock(id)()
		there, err = s.has(ctx, id, sum)
	}
	if err != nil {
		abandon() // so that it is not kept
		_ = w.Close()
		return Written{}, err
	}
	if err := w.Close(); err != nil {
		return Written{}, err
	}
	if err := s.settle(id); err != nil {
		if !there {
			_ = s.bucket.Delete(ctx, keyOf(id))
		}
		return Written{}, err
	}
	return Written{Size: size, SHA256: sum, Type: t}, nil
}

// has reports whether these bytes are there, and refuses them where others are.
// They are written again where they are there: by that they are as new as the
// answer, and no sweep takes them for old.
func (s *Store) has(ctx context.Context, id uuid.UUID, sum string) (bool, error) {
	there, err := s.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer there.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, there); err != nil {
		return false, err
	}
	if hex.EncodeToString(hash.Sum(nil)) != sum {
		return false, ErrOther
	}
	return true, nil
}

// source hands on what a reader reads, up to a number of bytes, and tells its
// errors from those of the store.
type source struct {
	from io.Reader
	left int64
	err  error
}

// errFull ends a copy of what is too large.
var errFull = errors.New("too large")

func (s *source) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, errFull
	}
	n, err := s.from.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	if s.left <= 0 {
		return n, errFull
	}
	return n, err
}
