package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// ErrUnknownKind answers a stored event whose kind is not in the catalogue.
var ErrUnknownKind = errors.New("domain: unknown kind of event")

// Fact is one kind of stored event, and how to read it.
type Fact[S any] struct {
	kind   string
	writes reflect.Type // nil for a kind that is only read any more
	decode func([]byte) (Event[S], error)
}

// Of is the fact of an event that is written today. Fields that a stored event
// does not have are left zero, which every new field must allow.
func Of[E Event[S], S any]() Fact[S] {
	return Fact[S]{
		kind:   (*new(E)).Kind(),
		writes: reflect.TypeFor[E](),
		decode: func(data []byte) (Event[S], error) {
			e, err := decode[E](data)
			return e, err
		},
	}
}

// Upcast is the fact of a kind that is not written any more: old log entries of
// kind Old are read as the event that took its place.
func Upcast[Old interface{ Kind() string }, E Event[S], S any](convert func(Old) E) func() Fact[S] {
	return func() Fact[S] {
		return Fact[S]{
			kind: (*new(Old)).Kind(),
			decode: func(data []byte) (Event[S], error) {
				old, err := decode[Old](data)
				if err != nil {
					return nil, err
				}
				return convert(old), nil
			},
		}
	}
}

func decode[T any](data []byte) (T, error) {
	var t T
	err := json.Unmarshal(data, &t)
	return t, err
}

// Facts is the typed catalogue of everything that can be in a noun's streams.
type Facts[S any] struct {
	kinds  []string
	byKind map[string]Fact[S]
}

// All makes the catalogue of a noun: domain.All(domain.Of[Sent], domain.Of[Seen]).
// Two facts of one kind are a mistake in the program, so it panics.
func All[S any](facts ...func() Fact[S]) Facts[S] {
	all := Facts[S]{byKind: make(map[string]Fact[S], len(facts))}
	for _, of := range facts {
		fact := of()
		if _, twice := all.byKind[fact.kind]; twice {
			panic(fmt.Sprintf("domain: two facts of kind %q", fact.kind))
		}
		all.byKind[fact.kind] = fact
		all.kinds = append(all.kinds, fact.kind)
	}
	return all
}

// Kinds lists the stored names in the order of the catalogue.
func (f Facts[S]) Kinds() []string { return slices.Clone(f.kinds) }

// Encode gives the stored form of an event. It refuses one that is not in the
// catalogue, since nobody could read it back.
func (f Facts[S]) Encode(e Event[S]) ([]byte, error) {
	fact, ok := f.byKind[e.Kind()]
	if !ok || fact.writes != reflect.TypeOf(e) {
		return nil, fmt.Errorf("%w: %q as %T is not written", ErrUnknownKind, e.Kind(), e)
	}
	return json.Marshal(e)
}

// Decode reads a stored event.
func (f Facts[S]) Decode(kind string, data []byte) (Event[S], error) {
	fact, ok := f.byKind[kind]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	}
	e, err := fact.decode(data)
	if err != nil {
		return nil, fmt.Errorf("domain: read stored %s: %w", kind, err)
	}
	return e, nil
}

// DecodeAny is Decode for whoever reads the whole log and knows no S.
func (f Facts[S]) DecodeAny(kind string, data []byte) (any, error) { return f.Decode(kind, data) }
