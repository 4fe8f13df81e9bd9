package blobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
)

func (s *Store) listOld(t *testing.T, before time.Time) (ids []string) {
	t.Helper()
	for id, err := range s.Old(context.Background(), before) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id.String())
	}
	slices.Sort(ids)
	return ids
}

// age makes files as old as they would be after days.
func (s *Store) age(t *testing.T, keys ...string) {
	t.Helper()
	at := time.Now().Add(-48 * time.Hour)
	for _, key := range keys {
		if err := os.Chtimes(filepath.Join(s.root, key), at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOldFilesAreThoseOfBefore(t *testing.T) {
	s := directory(t)
	var all []string
	for range 50 {
		id := uuid.New()
		s.mustPut(t, id, "hello")
		all = append(all, id.String())
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if got := s.listOld(t, yesterday); len(got) > 0 {
		t.Errorf("old: %q", got)
	}
	for _, id := range all[:30] {
		s.age(t, keyOf(uuid.MustParse(id)))
	}
	slices.Sort(all[:30])
	if got := s.listOld(t, yesterday); !slices.Equal(got, all[:30]) {
		t.Errorf("%d are old", len(got))
	}
	slices.Sort(all)
	if got := s.listOld(t, time.Now().Add(time.Second)); !slices.Equal(got, all) {
		t.Errorf("%d are there", len(got))
	}
	for id, err := range s.Old(context.Background(), yesterday) {
		if err != nil || id == uuid.Nil {
			t.Error(err)
		}
		break // and no panic
	}
}

// A process that dies in a Put leaves what fileblob was writing to.
func TestWhatACrashLeftIsRemovedWhenItIsOld(t *testing.T) {
	s, id := directory(t), uuid.MustParse("0a1b2c3d-0000-4000-8000-000000000001")
	s.mustPut(t, id, "hello")
	left := []string{keyOf(id) + ".18a0.tmp", "0a/0a1b2c3d-0000-4000-8000-000000000002.18a1.tmp", "0a/0a1b2c3d-0000-4000-8000-000000000003.18a2.tmp"}
	foreign := []string{"0a/README", "0a/0b1b2c3d-0000-4000-8000-000000000001", "0a/0A1B2C3D-0000-4000-8000-000000000001", "0a/0a1b2c3d-0000-4000-8000-000000000001.bak", "0a1b2c3d-0000-4000-8000-000000000001"}
	for _, name := range slices.Concat(left, foreign) {
		if err := os.WriteFile(filepath.Join(s.root, name), []byte("hel"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.age(t, slices.Concat(left[:2], foreign)...)
	if got := s.text(t, uuid.MustParse("0a1b2c3d-0000-4000-8000-000000000002")); got != "" {
		t.Errorf("got %q, which was never taken", got)
	}
	if got := s.listOld(t, time.Now().Add(-24*time.Hour)); len(got) > 0 {
		t.Errorf("old: %q", got)
	}
	want := append([]string{keyOf(id), left[2]}, foreign...)
	slices.Sort(want)
	got := s.files(t)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// TestOldWhileFilesComeAndGo lists while others put and delete.
func TestOldWhileFilesComeAndGo(t *testing.T) {
	s := directory(t)
	ctx, stop := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	for range 4 {
		busy.Go(func() {
			for ctx.Err() == nil {
				id := uuid.New()
				id[0] = 0
				s.mustPut(t, id, "hello")
				if err := s.Delete(context.Background(), id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 30 {
		if got := s.listOld(t, time.Now().Add(-time.Hour)); len(got) > 0 {
			t.Errorf("old: %q", got)
		}
	}
	stop()
	busy.Wait()
}

func TestAFileThatWasPutAgainIsNotOld(t *testing.T) {
	s, id, ctx := directory(t), uuid.New(), context.Background()
	yesterday := time.Now().Add(-24 * time.Hour)
	s.mustPut(t, id, "hello")
	s.age(t, keyOf(id))
	if len(s.listOld(t, yesterday)) != 1 {
		t.Fatal("it is not old yet")
	}
	s.mustPut(t, id, "hello") // a retry, between the look and the deletion
	if err := s.DeleteOld(ctx, id, yesterday); err != nil || s.text(t, id) != "hello" {
		t.Errorf("deleted, %v", err)
	}
	s.age(t, keyOf(id))
	for range 2 {
		if err := s.DeleteOld(ctx, id, yesterday); err != nil || s.text(t, id) != "" {
			t.Errorf("kept, %v", err)
		}
	}
}

func TestAListingThatFailsSaysSo(t *testing.T) {
	s := directory(t)
	closed := s.bucket
	defer func() { s.bucket = closed }()
	s.bucket = memblob.OpenBucket(nil)
	if err := s.bucket.Close(); err != nil {
		t.Fatal(err)
	}
	var last error
	n := 0
	for id, err := range s.Old(context.Background(), time.Now()) {
		n++
		last = err
		if id != uuid.Nil {
			t.Errorf("yielded %s", id)
		}
	}
	if n != 1 || last == nil || errors.Is(last, ErrNotFound) || !strings.HasPrefix(last.Error(), "blobs: ") {
		t.Errorf("%d times, %v", n, last)
	}
	if err := s.DeleteOld(context.Background(), uuid.New(), time.Now()); err == nil {
		t.Error("deleted from a store that is closed")
	}
}
