package thread

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/google/uuid"
)

// A thread with 20,000 unseen entries must still load in a few milliseconds, so
// its stored form is packed: people once, sets of readers once, then 18 to 20
// bytes an entry. It lives in disposable snapshots only, never in the log.

var errSnapshot = errors.New("thread: the snapshot is not one of this version")

// MarshalText packs the thread.
func (t Thread) MarshalText() ([]byte, error) {
	var people []uuid.UUID
	var sets [][]uuid.UUID
	person := func(id uuid.UUID) uint64 {
		i := slices.Index(people, id)
		if i < 0 {
			i, people = len(people), append(people, id)
		}
		return uint64(i)
	}
	var entries []byte
	for _, e := range t.Waiting {
		set := slices.IndexFunc(sets, func(s []uuid.UUID) bool { return slices.Equal(s, e.For) })
		if set < 0 {
			set, sets = len(sets), append(sets, e.For)
		}
		flags := uint64(set) << 1
		if e.Seen {
			flags |= 1
		}
		entries = append(entries, e.ID[:]...)
		entries = binary.AppendUvarint(entries, person(e.Author))
		entries = binary.AppendUvarint(entries, flags)
	}
	var setBytes []byte
	for _, set := range sets {
		setBytes = binary.AppendUvarint(setBytes, uint64(len(set)))
		for _, id := range set {
			setBytes = binary.AppendUvarint(setBytes, person(id))
		}
	}
	packed := binary.AppendUvarint(nil, uint64(len(people)))
	for _, id := range people {
		packed = append(packed, id[:]...)
	}
	packed = binary.AppendUvarint(packed, uint64(len(sets)))
	packed = append(packed, setBytes...)
	packed = append(packed, entries...)
	return base64.StdEncoding.AppendEncode(nil, packed), nil
}

// UnmarshalText unpacks what MarshalText packed.
func (t *Thread) UnmarshalText(text []byte) error {
	packed, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return errors.Join(errSnapshot, err)
	}
	r := unpacker{rest: packed}
	people := make([]uuid.UUID, 0, 2)
	for range r.count() {
		people = append(people, r.id())
	}
	var sets [][]uuid.UUID
	for range r.count() {
		var set []uuid.UUID
		for range r.count() {
			set = append(set, pick(&r, people, r.number()))
		}
		sets = append(sets, set)
	}
	t.Waiting = make([]Entry, 0, len(r.rest)/18)
	for len(r.rest) > 0 {
		e := Entry{ID: r.id(), Author: pick(&r, people, r.number())}
		flags := r.number()
		e.For, e.Seen = pick(&r, sets, flags>>1), flags&1 == 1
		t.Waiting = append(t.Waiting, e)
	}
	if r.broken {
		return errSnapshot
	}
	return nil
}

type unpacker struct {
	rest   []byte
	broken bool
}

func (r *unpacker) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.broken, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count is the number of things that follow, each of at least one byte, so a
// broken text cannot ask for more memory than a small multiple of its own size.
func (r *unpacker) count() uint64 {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.broken, r.rest = true, nil
		return 0
	}
	return n
}

func (r *unpacker) id() (id uuid.UUID) {
	if len(r.rest) < len(id) {
		r.broken, r.rest = true, nil
		return id
	}
	copy(id[:], r.rest)
	r.rest = r.rest[len(id):]
	return id
}

func pick[T any](r *unpacker, from []T, i uint64) (t T) {
	if i >= uint64(len(from)) {
		r.broken, r.rest = true, nil
		return t
	}
	return from[i]
}
