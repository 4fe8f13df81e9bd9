package thread_test

import (
	"encoding/base64"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"lobby.example/domain/thread"
)

func checkRoundTrip(t rapid.TB, th thread.Thread) {
	t.Helper()
	text, err := th.MarshalText()
	if err != nil {
		t.Fatalf("pack: %v", err)
	}
	var got thread.Thread
	if err := got.UnmarshalText(text); err != nil {
		t.Fatalf("unpack %s: %v", text, err)
	}
	checkEntries(t, "unpacked", th.Waiting, got.Waiting)
}

func checkEntries(t rapid.TB, what string, want, got []thread.Entry) {
	t.Helper()
	same := func(a, b thread.Entry) bool {
		return a.ID == b.ID && a.Author == b.Author && slices.Equal(a.For, b.For) && a.Seen == b.Seen
	}
	if !slices.EqualFunc(want, got, same) {
		t.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

func TestAnyThreadSurvivesItsSnapshot(t *testing.T) {
	anID := rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.SampledFrom(rapid.SliceOfN(anID, 1, 5).Draw(t, "people"))
		entry := rapid.Custom(func(t *rapid.T) thread.Entry {
			return thread.Entry{
				ID:     anID.Draw(t, "entry"),
				Author: people.Draw(t, "author"),
				For:    rapid.SliceOfN(people, 0, 4).Draw(t, "for"),
				Seen:   rapid.Bool().Draw(t, "seen"),
			}
		})
		checkRoundTrip(t, thread.Thread{Waiting: rapid.SliceOf(entry).Draw(t, "entries")})
	})
}

// An index into many lists of readers may be larger than all that follows it.
func TestASnapshotMayHaveManyListsOfReaders(t *testing.T) {
	const lists = 70_000
	packed := append([]byte{1}, ann[:]...)
	packed = binary.AppendUvarint(packed, lists)
	packed = append(packed, make([]byte, lists-1)...) // all but the last are empty
	packed = append(packed, 1, 0)
	packed = append(append(packed, one[:]...), 0)
	packed = binary.AppendUvarint(packed, (lists-1)<<1|1)

	var th thread.Thread
	if err := th.UnmarshalText([]byte(base64.StdEncoding.EncodeToString(packed))); err != nil {
		t.Fatal(err)
	}
	want := []thread.Entry{{ID: one, Author: ann, For: []uuid.UUID{ann}, Seen: true}}
	checkEntries(t, "unpacked", want, th.Waiting)
}

func TestABrokenSnapshotIsRefused(t *testing.T) {
	text, _ := fold(wrote{ID: one, By: ann}.waitsFor(ben, cat), seen(ben, one), wrote{ID: two, By: ben}.waitsFor(ann)).MarshalText()
	packed, _ := base64.StdEncoding.DecodeString(string(text))
	whole := []int{len(packed) - 18, len(packed) - 36} // cut between two entries, it is another thread
	for n := range len(packed) {
		var th thread.Thread
		err := th.UnmarshalText([]byte(base64.StdEncoding.EncodeToString(packed[:n])))
		if (err == nil) != slices.Contains(whole, n) {
			t.Errorf("cut after %d of %d bytes: %v", n, len(packed), err)
		}
	}
	for name, text := range map[string]string{
		"no base64":                     "not base64!",
		"an author who is nobody":       base64.StdEncoding.EncodeToString(append([]byte{0, 1, 0}, append(one[:], 0, 0)...)),
		"a list of readers that is not": base64.StdEncoding.EncodeToString(append(append([]byte{1}, ann[:]...), append([]byte{0}, append(one[:], 0, 0)...)...)),
		"more people than there is":     base64.StdEncoding.EncodeToString([]byte{200, 1, 0}),
	} {
		if err := new(thread.Thread).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s is a snapshot", name)
		}
	}
}

func FuzzThreadSnapshot(f *testing.F) {
	text, _ := fold(wrote{ID: one, By: ann}.waitsFor(ben, cat), seen(ben, one), wrote{ID: two, By: ben}).MarshalText()
	packed, _ := base64.StdEncoding.DecodeString(string(text))
	f.Add(text, packed)
	f.Add([]byte(""), []byte(""))
	f.Add([]byte("AAA="), []byte{0, 0})
	f.Add([]byte("not base64!"), binary.AppendUvarint(nil, 1<<62)) // so many people
	f.Add([]byte("===="), binary.AppendUvarint([]byte{0}, 1<<40))  // so many lists
	f.Add([]byte("AAEB"), append([]byte{0, 255, 1}, make([]byte, 255)...))
	f.Fuzz(func(t *testing.T, text, packed []byte) {
		for _, text := range [][]byte{text, base64.StdEncoding.AppendEncode(nil, packed)} {
			var before, after runtime.MemStats
			var th thread.Thread
			runtime.ReadMemStats(&before)
			err := th.UnmarshalText(text)
			runtime.ReadMemStats(&after)
			if used, most := after.TotalAlloc-before.TotalAlloc, uint64(256*len(text)+64<<10); used > most {
				t.Errorf("%d bytes of text took %d bytes of memory, more than %d", len(text), used, most)
			}
			if err == nil {
				checkRoundTrip(t, th)
			}
		}
	})
}
