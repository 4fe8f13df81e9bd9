package eventlogtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// conflict fails the test unless the append answers with a conflict that tells
// where the stream is.
func conflict(t *testing.T, l eventlog.Log, stream string, expected, current eventlog.Revision, events ...eventlog.Event) {
	t.Helper()
	_, err := l.Append(deadline(t), stream, expected, events)
	var c *eventlog.ConflictError
	if !errors.As(err, &c) {
		t.Fatalf("append to %s at %d: %v, want a conflict", stream, expected, err)
	}
	if want := (eventlog.ConflictError{Stream: stream, Expected: expected, Current: current}); *c != want {
		t.Fatalf("the conflict is %+v, want %+v", *c, want)
	}
}

func expectedRevisionIsExact(t *testing.T, open Open) {
	l := fresh(t, open)
	for _, expected := range []eventlog.Revision{0, 1, 41, eventlog.End - 1} {
		conflict(t, l, "post-1", expected, eventlog.NoStream, some(1)...)
	}
	want := recordAppend(t, l, "post-1", eventlog.NoStream, some(1))
	conflict(t, l, "post-1", eventlog.NoStream, 0, some(1)...)
	conflict(t, l, "post-1", 1, 0, some(1)...)
	want = append(want, recordAppend(t, l, "post-1", 0, some(3))...)
	for _, expected := range []eventlog.Revision{eventlog.NoStream, 0, 1, 2, 4, 5} {
		conflict(t, l, "post-1", expected, 3, some(2)...)
	}
	conflict(t, l, "post-2", 3, eventlog.NoStream, some(1)...)
	same(t, everything(t, l), want)
}

func recordAppend(t *testing.T, l eventlog.Log, stream string, expected eventlog.Revision, events []eventlog.Event) []eventlog.Recorded {
	t.Helper()
	return recorded(stream, write(t, l, stream, expected, events...), events)
}

func retryAnswersAsTheFirstTime(t *testing.T, open Open) {
	l := fresh(t, open)
	type first struct {
		stream   string
		expected eventlog.Revision
		events   []eventlog.Event
		answer   eventlog.Appended
	}
	var firsts []first
	again := func() {
		t.Helper()
		for _, f := range firsts {
			got := write(t, l, f.stream, f.expected, f.events...)
			if got.Revision != f.answer.Revision || !slices.Equal(got.Positions, f.answer.Positions) {
				t.Fatalf("the retry answered %v, the first time %v", got, f.answer)
			}
		}
	}
	var want []eventlog.Recorded
	for _, f := range []first{
		{stream: "post-1", expected: eventlog.NoStream, events: some(1)},
		{stream: "post-1", expected: 0, events: some(5)},
		{stream: "post-2", expected: eventlog.NoStream, events: some(3)},
		{stream: "post-1", expected: 5, events: some(1)},
	} {
		f.answer = write(t, l, f.stream, f.expected, f.events...)
		firsts = append(firsts, f)
		want = append(want, recorded(f.stream, f.answer, f.events)...)
		again()
	}
	same(t, everything(t, l), want)
	if got := head(t, l); got != want[len(want)-1].Position {
		t.Fatalf("the head is %v after retries, want %v", got, want[len(want)-1].Position)
	}
}

func partialOverlapIsAConflict(t *testing.T, open Open) {
	l := fresh(t, open)
	e := some(6)
	write(t, l, "post-1", eventlog.NoStream, e[:4]...)
	conflict(t, l, "post-1", eventlog.NoStream, 3, e[0], e[4], e[2], e[3])
	conflict(t, l, "post-1", eventlog.NoStream, 3, e[1], e[0], e[2], e[3])
	conflict(t, l, "post-1", eventlog.NoStream, 3, e[0], e[1], e[2], e[3], e[4])
	conflict(t, l, "post-1", 1, 3, e[2], e[3], e[4])
	conflict(t, l, "post-1", 1, 3, e[0], e[1])
	conflict(t, l, "post-2", 3, eventlog.NoStream, e[0])
	if got := stream(t, l, "post-1"); len(got) != 4 {
		t.Fatalf("%d events after conflicts, want 4", len(got))
	}
}

func appendIsAllOrNothing(t *testing.T, open Open) {
	l := fresh(t, open)
	bad := some(10)
	bad[9].ID = uuid.Nil
	if _, err := l.Append(deadline(t), "post-1", eventlog.NoStream, bad); !errors.Is(err, eventlog.ErrInvalid) {
		t.Fatalf("an append whose last event is invalid: %v", err)
	}
	same(t, everything(t, l), nil)

	// Whoever reads meanwhile sees appends of ten, never a part of one.
	const appends = 50
	done := make(chan error, 1)
	go func() {
		for i := range appends {
			if _, err := l.Append(t.Context(), "post-1", eventlog.Revision(i*10)-1, some(10)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for writing := true; writing; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			writing = false
		default:
		}
		if n := len(stream(t, l, "post-1")); n%10 != 0 || !writing && n != appends*10 {
			t.Fatalf("a reader saw %d events", n)
		}
	}
}

func limitsAreRefused(t *testing.T, open Open) {
	l := fresh(t, open)
	large := some(1)
	large[0].Data = []byte(`"` + strings.Repeat("x", eventlog.MaxEventBytes-2-len(large[0].Metadata)) + `"`)
	want := recordAppend(t, l, "post-large", eventlog.NoStream, large)
	want = append(want, recordAppend(t, l, "post-many", eventlog.NoStream, some(eventlog.MaxAppendEvents))...)

	change := func(f func(*eventlog.Event)) []eventlog.Event {
		e := some(2)
		f(&e[1])
		return e
	}
	for name, c := range map[string]struct {
		stream   string
		expected eventlog.Revision
		events   []eventlog.Event
		want     error
	}{
		"large data":        {"post-1", -1, change(func(e *eventlog.Event) { e.Data = make([]byte, eventlog.MaxEventBytes) }), eventlog.ErrTooLarge},
		"large metadata":    {"post-1", -1, change(func(e *eventlog.Event) { e.Metadata = make([]byte, eventlog.MaxEventBytes) }), eventlog.ErrTooLarge},
		"too many":          {"post-1", -1, some(eventlog.MaxAppendEvents + 1), eventlog.ErrTooLarge},
		"no events":         {"post-1", -1, nil, eventlog.ErrInvalid},
		"no id":             {"post-1", -1, change(func(e *eventlog.Event) { e.ID = uuid.Nil }), eventlog.ErrInvalid},
		"no kind":           {"post-1", -1, change(func(e *eventlog.Event) { e.Kind = "" }), eventlog.ErrInvalid},
		"system kind":       {"post-1", -1, change(func(e *eventlog.Event) { e.Kind = "$metadata" }), eventlog.ErrInvalid},
		"no stream":         {"", -1, some(1), eventlog.ErrInvalid},
		"system stream":     {"$all", -1, some(1), eventlog.ErrInvalid},
		"control character": {"post-\n", -1, some(1), eventlog.ErrInvalid},
		"long stream":       {strings.Repeat("s", 201), -1, some(1), eventlog.ErrInvalid},
		"expected below":    {"post-1", -2, some(1), eventlog.ErrInvalid},
		"expected end":      {"post-1", eventlog.End, some(1), eventlog.ErrInvalid},
	} {
		if _, err := l.Append(deadline(t), c.stream, c.expected, c.events); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	same(t, everything(t, l), want)
}

func eventsComeBackAsTheyWere(t *testing.T, open Open) {
	l := fresh(t, open)
	events := []eventlog.Event{
		{ID: uuid.New(), Kind: "message_sent", Data: []byte(`{"text":"Grüße, 世界 \u0001"}`), Metadata: []byte(`{"actor":"person-1"}`)},
		{ID: uuid.New(), Kind: "ünusual kind-with.signs", Data: []byte(`{}`)},
		{ID: uuid.New(), Kind: "k", Data: []byte(`{"a" : [1, 2.50, null] }`), Metadata: []byte(`{}`)},
	}
	name := "post-" + strings.Repeat("ü", 97)
	before := time.Now()
	want := recordAppend(t, l, name, eventlog.NoStream, events)
	for what, got := range map[string][]eventlog.Recorded{
		"ReadStream": stream(t, l, name), "ReadAll": everything(t, l), "Follow": follow(t, l, eventlog.Position{}, 3),
	} {
		t.Log(what)
		same(t, got, want)
		for _, e := range got {
			if e.Time.Location() != time.UTC || e.Time.Sub(before).Abs() > time.Minute {
				t.Errorf("%s: the time is %v, it was taken at %v", what, e.Time, before)
			}
		}
	}
}
