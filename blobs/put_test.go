package blobs

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"
)

func TestAPutThatFailsLeavesNothing(t *testing.T) {
	noNet := errors.New("no net")
	long := make([]byte, 10*headLength)
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		from io.Reader
		max  int64
		want []error
	}{
		"empty":                        {from: strings.NewReader(""), want: []error{ErrEmpty}},
		"empty, no byte allowed":       {from: strings.NewReader(""), max: -1, want: []error{ErrEmpty}},
		"one byte, none allowed":       {from: strings.NewReader("a"), max: -1, want: []error{ErrTooLarge}},
		"too large in the head":        {from: strings.NewReader("12345"), max: 4, want: []error{ErrTooLarge}},
		"too large by the head":        {from: strings.NewReader(strings.Repeat("a", headLength)), max: headLength - 1, want: []error{ErrTooLarge}},
		"too large after the head":     {from: strings.NewReader(string(long)), max: headLength, want: []error{ErrTooLarge}},
		"too large by one byte":        {from: strings.NewReader(string(long)), max: int64(len(long)) - 1, want: []error{ErrTooLarge}},
		"endless":                      {from: endless{}, want: []error{ErrTooLarge}},
		"breaks off at once":           {from: iotest.ErrReader(noNet), want: []error{ErrBrokeOff, noNet}},
		"breaks off in the head":       {from: reads(long[:9], noNet), want: []error{ErrBrokeOff, noNet}},
		"breaks off as HTTP does":      {from: reads(long[:9], io.ErrUnexpectedEOF), want: []error{ErrBrokeOff, io.ErrUnexpectedEOF}},
		"breaks off once, then ends":   {from: &breaksOnce{data: "hello"}, want: []error{ErrBrokeOff, io.ErrUnexpectedEOF}},
		"breaks off at once, as HTTP":  {from: &breaksOnce{}, want: []error{ErrBrokeOff, io.ErrUnexpectedEOF}},
		"breaks off after the head":    {from: reads(long, noNet), want: []error{ErrBrokeOff, noNet}},
		"nobody waits for it any more": {ctx: canceled, from: strings.NewReader("hello"), want: []error{context.Canceled}},
	} {
		t.Run(name, func(t *testing.T) {
			s, id := directory(t), uuid.New()
			if c.ctx == nil {
				c.ctx = context.Background()
			}
			switch c.max {
			case 0:
				c.max = limit
			case -1:
				c.max = 0
			}
			w, err := s.Put(c.ctx, id, c.from, c.max)
			for _, want := range c.want {
				if !errors.Is(err, want) || w != (Written{}) {
					t.Errorf("%+v, %v, want %v", w, err, want)
				}
			}
			if files := s.files(t); len(files) > 0 || s.text(t, id) != "" {
				t.Errorf("left %q", files)
			}
			s.mustPut(t, id, "hello") // as if nothing had been
		})
	}
}

// breaksOnce fails once as a request's body does, and ends then.
type breaksOnce struct {
	data  string
	broke bool
}

func (b *breaksOnce) Read(p []byte) (int, error) {
	if b.broke {
		return 0, io.EOF
	}
	b.broke = true
	return copy(p, b.data), io.ErrUnexpectedEOF
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAPutTakesWhatIsWithinTheLimit(t *testing.T) {
	s := directory(t)
	for text, max := range map[string]int64{
		"a": 1, "12345": 5, strings.Repeat("a", headLength): headLength, strings.Repeat("b", headLength+1): headLength + 1, "hello": math.MaxInt64,
	} {
		id := uuid.New()
		if w, err := s.Put(context.Background(), id, iotest.DataErrReader(iotest.HalfReader(strings.NewReader(text))), max); err != nil || w.Size != int64(len(text)) {
			t.Errorf("%d bytes of %d: %+v, %v", len(text), max, w, err)
		}
		if s.text(t, id) != text {
			t.Errorf("%d bytes are not there", len(text))
		}
	}
}

func TestTheTypeIsWhatTheBytesLookLike(t *testing.T) {
	s := directory(t)
	for text, want := range map[string]string{
		"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR":              "image/png",
		"%PDF-1.7\n":                                       "application/pdf",
		"<!DOCTYPE html><html><body>hi":                    "text/html; charset=utf-8",
		"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>": "image/svg+xml",
		"hello":            "text/plain; charset=utf-8",
		"\x00\x01\x02\x03": "application/octet-stream",
	} {
		if w := s.mustPut(t, uuid.New(), text); w.Type != want {
			t.Errorf("%q: %s, want %s", text, w.Type, want)
		}
	}
}

// TestWhatIsPutIsSynced watches what is synced, and when: the file before it has
// its name, and after that the folder; the first time, also the folder's name.
func TestWhatIsPutIsSynced(t *testing.T) {
	s, id := directory(t), uuid.MustParse("0a1b2c3d-0000-4000-8000-000000000001")
	path := filepath.Join(s.root, keyOf(id))
	var synced []string
	s.fsync = func(f *os.File) error {
		_, err := os.Stat(path)
		what, _ := filepath.Rel(filepath.Dir(s.root), f.Name())
		if strings.HasSuffix(what, ".tmp") {
			what = "file"
			if is, err := f.Stat(); err != nil || is.Size() != 5 {
				t.Errorf("synced %d bytes", is.Size())
			}
		}
		if err == nil {
			what += " with the name"
		}
		synced = append(synced, what)
		return f.Sync()
	}
	s.mustPut(t, id, "hello")
	if want := []string{"file", "blobs/0a with the name", "blobs with the name"}; !slices.Equal(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
	synced = nil
	if err := s.Delete(context.Background(), id); err != nil || !slices.Equal(synced, []string{"blobs/0a"}) {
		t.Errorf("synced %q, %v", synced, err)
	}
	synced = nil
	s.mustPut(t, id, "hello")
	if want := []string{"file", "blobs/0a with the name"}; !slices.Equal(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
}

func TestAnUploadIsNotTakenBeforeItIsSynced(t *testing.T) {
	noDisk := errors.New("no disk")
	for failing, again := range map[string]string{".tmp": "hello", "/0a": "hello", "/blobs": ""} {
		t.Run(failing, func(t *testing.T) {
			s, id := directory(t), uuid.MustParse("0a1b2c3d-0000-4000-8000-000000000001")
			broken := true
			s.fsync = func(f *os.File) error {
				if broken && strings.HasSuffix(f.Name(), failing) {
					return noDisk
				}
				return f.Sync()
			}
			if _, err := s.Put(context.Background(), id, strings.NewReader("hello"), limit); !errors.Is(err, noDisk) {
				t.Errorf("taken: %v", err)
			}
			if files := s.files(t); len(files) > 0 {
				t.Errorf("left %q", files)
			}
			broken = false
			s.mustPut(t, id, "hello")
			broken = true
			// Nor is a file that was taken taken away by another try.
			_, err := s.Put(context.Background(), id, strings.NewReader("hello"), limit)
			if (err == nil) != (again == "") || s.text(t, id) != "hello" {
				t.Errorf("again: %v, and got %q", err, s.text(t, id))
			}
			if err := s.Delete(context.Background(), id); failing == "/0a" && !errors.Is(err, noDisk) {
				t.Errorf("deleted: %v", err)
			}
		})
	}
}

func TestAStoreThatCannotBeWrittenFailsAPut(t *testing.T) {
	s, id := directory(t), uuid.New()
	if err := os.WriteFile(filepath.Join(s.root, folderOf(id[0])[:2]), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(context.Background(), id, strings.NewReader("hello"), limit); err == nil || errors.Is(err, ErrBrokeOff) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Get(context.Background(), id); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("get: %v", err)
	}
}

// TestAFileTakesNoMoreThanABuffer puts and gets 20 MiB.
func TestAFileTakesNoMoreThanABuffer(t *testing.T) {
	s, id := directory(t), uuid.New()
	const size = 20 << 20
	allocated := func(what string, do func() (int64, error)) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := do()
		runtime.ReadMemStats(&after)
		if n != size || err != nil {
			t.Fatalf("%s: %d bytes, %v", what, n, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s allocated %d bytes in all", what, used)
		}
	}
	s.mustPut(t, uuid.New(), "hello") // what is allocated once
	put := func() (int64, error) {
		w, err := s.Put(context.Background(), id, io.LimitReader(endless{}, size), size)
		return w.Size, err
	}
	allocated("put", put)
	allocated("put again", put)
	allocated("get", func() (int64, error) {
		r, err := s.Get(context.Background(), id)
		if err != nil {
			return 0, err
		}
		defer r.Close()
		return io.Copy(struct{ io.Writer }{io.Discard}, r)
	})
}
