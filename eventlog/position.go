package eventlog

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// Position is a place in the order of all events of one log. It is opaque to
// everybody but the engine that gave it out: compare it, print it, hand it back.
// The zero Position is the start, before the first event of any log.
//
// A position carries the identity of its log, so that one from another log is
// recognised and refused. EventStoreDB's positions have two halves, commit and
// prepare, and both are kept; engines with a single number give the same twice.
type Position struct {
	log             uint64
	commit, prepare uint64
}

// ErrPosition refuses a text that no position prints as.
var ErrPosition = errors.New("eventlog: not a position")

// Identity is what tells one log from another inside a Position.
type Identity uint64

// NewIdentity derives the identity from a name that only this log has. It is never 0.
func NewIdentity(name string) Identity {
	h := fnv.New64a()
	h.Write([]byte(name))
	return Identity(max(h.Sum64(), 1))
}

// At makes the position of an event; commit is never 0.
func (id Identity) At(commit, prepare uint64) Position {
	return Position{log: uint64(id), commit: commit, prepare: prepare}
}

// Owns reports whether the position is one of this log's, or the start.
func (id Identity) Owns(p Position) bool { return p.IsZero() || p.log == uint64(id) }

// IsZero reports whether the position is the start.
func (p Position) IsZero() bool { return p == Position{} }

// Commit and Prepare are the two halves, for the engine that gave the position out.
func (p Position) Commit() uint64  { return p.commit }
func (p Position) Prepare() uint64 { return p.prepare }

// Identity is the log that gave the position out, and 0 for the start.
func (p Position) Identity() Identity { return Identity(p.log) }

// SameLog reports whether two positions can be compared.
func (p Position) SameLog(q Position) bool { return p.IsZero() || q.IsZero() || p.log == q.log }

// Compare orders two positions of one log, as cmp.Compare does.
func (p Position) Compare(q Position) int {
	if c := cmp.Compare(p.commit, q.commit); c != 0 {
		return c
	}
	return cmp.Compare(p.prepare, q.prepare)
}

// String prints the position: "0" for the start, otherwise the log's identity
// and the place, with the second half only where it differs from the first.
func (p Position) String() string {
	if p.IsZero() {
		return "0"
	}
	b := make([]byte, 0, 48)
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], p.log)
	b = fmt.Appendf(b, "%x-%d", id, p.commit)
	if p.prepare != p.commit {
		b = append(b, '-')
		b = strconv.AppendUint(b, p.prepare, 10)
	}
	return string(b)
}

// ParsePosition reads what String printed, and nothing else.
func ParsePosition(s string) (Position, error) {
	if s == "0" {
		return Position{}, nil
	}
	id, place, ok := strings.Cut(s, "-")
	if !ok || len(id) != 16 {
		return Position{}, fmt.Errorf("%w: %.80q", ErrPosition, s)
	}
	var p Position
	var err1, err2, err3 error
	p.log, err1 = strconv.ParseUint(id, 16, 64)
	commit, prepare, two := strings.Cut(place, "-")
	p.commit, err2 = strconv.ParseUint(commit, 10, 64)
	p.prepare = p.commit
	if two {
		p.prepare, err3 = strconv.ParseUint(prepare, 10, 64)
	}
	if errors.Join(err1, err2, err3) != nil || p.log == 0 || p.commit == 0 || p.String() != s {
		return Position{}, fmt.Errorf("%w: %.80q", ErrPosition, s)
	}
	return p, nil
}

// MarshalText prints the position as String does.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText printed.
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}
