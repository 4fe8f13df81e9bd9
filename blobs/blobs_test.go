package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"
	_ "gocloud.dev/blob/memblob" // for mem://
)

const limit = 1 << 20

// directory is a new store of files.
func directory(t testing.TB) *Store {
	t.Helper()
	at, err := FileURL(filepath.Join(t.TempDir(), "what's 100% new", "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return open(t, at)
}

func open(t testing.TB, at string) *Store {
	t.Helper()
	s, err := Open(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *Store) mustPut(t testing.TB, id uuid.UUID, text string) Written {
	t.Helper()
	w, err := s.Put(context.Background(), id, strings.NewReader(text), limit)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// text is what is under the id; "" for nothing.
func (s *Store) text(t testing.TB, id uuid.UUID) string {
	t.Helper()
	r, err := s.Get(context.Background(), id)
	if errors.Is(err, ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if r.Size() != int64(len(data)) || time.Since(r.ModTime()) > time.Hour {
		t.Errorf("%d bytes said to be %d of %s", len(data), r.Size(), r.ModTime())
	}
	return string(data)
}

// files lists what lies in the directory, with the folders.
func (s *Store) files(t testing.TB) (files []string) {
	t.Helper()
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, s.root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// TestWhatIsPutCanBeGot on the store that is claimed, and on one that shows that
// nothing here takes a directory for granted.
func TestWhatIsPutCanBeGot(t *testing.T) {
	for name, s := range map[string]*Store{"file": directory(t), "mem": open(t, "mem://")} {
		t.Run(name, func(t *testing.T) {
			ctx, id := context.Background(), uuid.New()
			if _, err := s.Get(ctx, id); !errors.Is(err, ErrNotFound) {
				t.Errorf("got what is not there: %v", err)
			}
			if err := s.Delete(ctx, id); err != nil {
				t.Errorf("delete what is not there: %v", err)
			}
			for _, text := range []string{"a", strings.Repeat("ab", headLength/2), strings.Repeat("abc", headLength)} {
				id := uuid.New()
				if got, want := s.mustPut(t, id, text), (Written{Size: int64(len(text)), SHA256: sumOf([]byte(text)), Type: "text/plain; charset=utf-8"}); got != want {
					t.Errorf("wrote %+v, want %+v", got, want)
				}
				if got := s.text(t, id); got != text {
					t.Errorf("got %d bytes of %d", len(got), len(text))
				}
			}
			s.mustPut(t, id, "hello")
			for range 2 {
				if err := s.Delete(ctx, id); err != nil {
					t.Error(err)
				}
			}
			if got := s.text(t, id); got != "" {
				t.Errorf("deleted, and got %q", got)
			}
			s.mustPut(t, id, "again")
		})
	}
}

func TestBytesUnderAnIDNeverChange(t *testing.T) {
	s, id := directory(t), uuid.New()
	first := s.mustPut(t, id, "hello")
	if again := s.mustPut(t, id, "hello"); again != first {
		t.Errorf("wrote %+v, then %+v", first, again)
	}
	if w, err := s.Put(context.Background(), id, strings.NewReader("hullo"), limit); !errors.Is(err, ErrOther) || w != (Written{}) {
		t.Errorf("other bytes: %+v, %v", w, err)
	}
	if got := s.text(t, id); got != "hello" || len(s.files(t)) != 1 {
		t.Errorf("got %q; files %q", got, s.files(t))
	}
}

func TestOfManyPutsAtOnceOneWins(t *testing.T) {
	s, id := directory(t), uuid.New()
	var all sync.WaitGroup
	won := make(chan string, 100)
	for i := range 100 {
		all.Go(func() {
			text := strings.Repeat(string(rune('a'+i%4)), 100_000)
			_, err := s.Put(context.Background(), id, strings.NewReader(text), limit)
			if err == nil {
				won <- text
			} else if !errors.Is(err, ErrOther) {
				t.Error(err)
			}
			s.mustPut(t, uuid.New(), text) // beside it
		})
	}
	all.Wait()
	close(won)
	stays := s.text(t, id)
	for text := range won {
		if text != stays {
			t.Errorf("%q was taken, and %q is there", text[:1], stays[:1])
		}
	}
	if stays == "" || len(s.files(t)) != 101 {
		t.Errorf("%d files", len(s.files(t)))
	}
}

func TestRangesOfAFile(t *testing.T) {
	s, id := directory(t), uuid.New()
	s.mustPut(t, id, "0123456789")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, err := s.Get(r.Context(), id)
		if err != nil {
			t.Error(err)
			return
		}
		defer file.Close()
		http.ServeContent(w, r, "", file.ModTime(), file)
	}))
	defer server.Close()
	for asked, want := range map[string]string{"": "0123456789", "bytes=2-4": "234", "bytes=-3": "789", "bytes=7-": "789", "bytes=7-99": "789"} {
		r, err := http.NewRequest(http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if asked != "" {
			r.Header.Set("Range", asked)
		}
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", asked, got, err, want)
		}
	}
}

func TestAReaderMayReadOnWhileAFileIsDeleted(t *testing.T) {
	s, id := directory(t), uuid.New()
	s.mustPut(t, id, "hello")
	r, err := s.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := s.Delete(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestURLsOfStores(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, at := range []string{"file://./here", "file://localhost" + dir + "/there", "file://" + dir} {
		open(t, at).mustPut(t, uuid.New(), "hello")
	}
	if _, err := os.Stat(filepath.Join(dir, "here")); err != nil {
		t.Error(err)
	}
	for _, at := range []string{
		"", "blobs", "/blobs", "file://", "file:blobs", "file://elsewhere/blobs", "file://" + dir + "?metadata=", "file://" + dir + "/file",
		"file://" + dir + "/file/below", "s3://bucket", "file:///%zz",
	} {
		s, err := Open(context.Background(), at)
		if err == nil {
			t.Errorf("opened %q as %q", at, s.root)
		}
	}
	if at, err := FileURL("a b?#%"); err != nil || !strings.HasSuffix(at, "/a%20b%3F%23%25") {
		t.Errorf("%s, %v", at, err)
	} else if u, err := url.Parse(at); err != nil || u.Path != filepath.Join(dir, "a b?#%") {
		t.Errorf("%v, %v", u, err)
	}
}

func TestOnlyOneUserGetsAtTheFiles(t *testing.T) {
	s, id := directory(t), uuid.New()
	s.mustPut(t, id, "hello")
	path := filepath.Join(s.root, keyOf(id))
	for path, want := range map[string]fs.FileMode{
		filepath.Dir(s.root): 0o700, s.root: 0o700, filepath.Dir(path): 0o700, path: 0o600,
	} {
		if is, err := os.Stat(path); err != nil || is.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, is.Mode(), err, want)
		}
	}
}

func TestAFileLiesWhereItsIDSays(t *testing.T) {
	s := directory(t)
	s.mustPut(t, uuid.MustParse("0a1b2c3d-0000-4000-8000-000000000001"), "hello")
	if got := s.files(t); len(got) != 1 || got[0] != "0a/0a1b2c3d-0000-4000-8000-000000000001" {
		t.Errorf("files %q", got)
	}
}

func TestALinkIsNotWrittenThrough(t *testing.T) {
	s, id := directory(t), uuid.New()
	outside := filepath.Join(t.TempDir(), "outside")
	path := filepath.Join(s.root, keyOf(id))
	for _, err := range []error{
		os.WriteFile(outside, []byte("hello"), 0o600), os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(outside, path),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.mustPut(t, id, "hello")
	if is, err := os.Lstat(path); err != nil || !is.Mode().IsRegular() {
		t.Errorf("%v, %v", is.Mode(), err)
	}
	for _, err := range []error{os.Remove(path), os.Symlink(outside, path), s.Delete(context.Background(), id)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(outside); string(data) != "hello" || err != nil {
		t.Errorf("outside: %q, %v", data, err)
	}

	t.Run("but the store may be one", func(t *testing.T) {
		elsewhere, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(elsewhere, link); err != nil {
			t.Fatal(err)
		}
		s := open(t, "file://"+link)
		s.mustPut(t, id, "hello")
		if _, err := os.Stat(filepath.Join(elsewhere, keyOf(id))); err != nil {
			t.Error(err)
		}
	})
}

// reads is a reader that first reads all of data and then fails.
func reads(data []byte, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(err))
}
