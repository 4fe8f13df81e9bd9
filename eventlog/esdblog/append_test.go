package esdblog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

func all(t *testing.T, l eventlog.Log) (got []eventlog.Recorded) {
	t.Helper()
	for e, err := range l.ReadAll(deadline(t), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	return got
}

// TestE09UnknownOutcomeIsRetriedAsItWas has the server commit an append and lose the
// answer, in each of the ways that leave the outcome unknown. The append is sent
// again with the same ids at the same expected revision, whether it is of one event
// or of several, and is in the log once.
func TestE09UnknownOutcomeIsRetriedAsItWas(t *testing.T) {
	s := serveForgetful(t)
	l := open(t, s.URL, Options{Deadline: 500 * time.Millisecond})
	at := eventlog.NoStream
	var want []eventlog.Event
	for _, lost := range [][]codes.Code{
		{codes.Aborted}, {codes.DeadlineExceeded}, {codes.Unavailable}, {codes.Unknown}, {codes.Internal},
		{codes.OK}, // no answer at all, until our own deadline
		{codes.Aborted, codes.Unavailable, codes.Aborted},
	} {
		for _, n := range []int{1, 3} {
			t.Run(fmt.Sprint(lost, n), func(t *testing.T) {
				s.forget(lost...)
				before := s.appends()
				some := events(n)
				a := write(t, l, "post-1", at, some...)
				want = append(want, some...)
				at += eventlog.Revision(n)
				if a.Revision != at || len(a.Positions) != n {
					t.Errorf("the answer is %+v at %d", a, at)
				}
				if came := s.appends() - before; came != len(lost)+1 {
					t.Errorf("%d attempts, want %d", came, len(lost)+1)
				}
				got := all(t, l)
				if len(got) != len(want) {
					t.Fatalf("%d events, want %d", len(got), len(want))
				}
				for i, e := range got {
					if e.ID != want[i].ID || e.Revision != eventlog.Revision(i) {
						t.Errorf("event %d is %s at revision %d", i, e.ID, e.Revision)
					}
				}
				if !slices.ContainsFunc(got[len(got)-n:], func(e eventlog.Recorded) bool { return e.Position == a.Positions[n-1] }) {
					t.Errorf("%v is not where the events are", a.Positions)
				}
			})
		}
	}
}

// TestE09NeverARefreshedRevision: the answer to an append is lost, and somebody else
// appends before it is repeated. At its own expected revision it is found; at the
// current one the server does not compare ids, and would write it a second time.
func TestE09NeverARefreshedRevision(t *testing.T) {
	s := serveForgetful(t)
	mine, other := event(), event()
	others := open(t, s.URL, Options{})
	l := open(t, s.URL, Options{bounds: bounds{pause: func(ctx context.Context, attempt int) error {
		if attempt == 0 {
			write(t, others, "post-1", 0, other)
		}
		return ctx.Err()
	}}})
	s.forget(codes.Aborted)
	a := write(t, l, "post-1", eventlog.NoStream, mine)
	got := all(t, l)
	if len(got) != 2 || got[0].ID != mine.ID || got[1].ID != other.ID || a.Revision != 0 || a.Positions[0] != got[0].Position {
		t.Fatalf("the log has %+v, the append answered %v", got, a)
	}
	// This is what the server does at the current revision, and why.
	if _, err := once(deadline(t), l, func(ctx context.Context, c *esdb.Client) (any, error) {
		return c.AppendToStream(ctx, "post-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(1)}, proposed([]eventlog.Event{mine})...)
	}); err != nil || len(all(t, l)) != 3 {
		t.Errorf("%v: the server compares ids at the current revision", err)
	}
}

// TestConflictIsReadFromTheStream: the client has the actual revision as text only.
func TestConflictIsReadFromTheStream(t *testing.T) {
	l := open(t, esdbtest.Start(t).URL, Options{})
	write(t, l, "post-1", eventlog.NoStream, events(7)...)
	_, err := l.Append(deadline(t), "post-1", 3, events(1))
	var c *eventlog.ConflictError
	if !errors.As(err, &c) || *c != (eventlog.ConflictError{Stream: "post-1", Expected: 3, Current: 6}) {
		t.Errorf("%v, want a conflict at 6", err)
	}
}

// TestErrorsAreFoundInTheirChain: FromError of the client does not unwrap.
func TestErrorsAreFoundInTheirChain(t *testing.T) {
	l := open(t, esdbtest.Start(t).URL, Options{})
	_, err := once(deadline(t), l, func(ctx context.Context, c *esdb.Client) (any, error) {
		return c.AppendToStream(ctx, "post-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(5)}, proposed(events(1))...)
	})
	wrapped := fmt.Errorf("around it: %w", err)
	if e, _ := esdb.FromError(wrapped); e.Code() == esdb.ErrorCodeWrongExpectedVersion {
		t.Error("FromError unwraps now: this test is not needed any more")
	}
	if !hasCode(wrapped, esdb.ErrorCodeWrongExpectedVersion) || passing(wrapped) {
		t.Errorf("%v is not seen as a wrong expected version", wrapped)
	}
}

// TestSizesAreCheckedFirst: what is too large for the server is refused by name while
// there is no server at all, so nothing was sent.
func TestSizesAreCheckedFirst(t *testing.T) {
	s := esdbtest.Start(t)
	l := open(t, s.URL, Options{})
	s.Stop(t)
	one := func(e eventlog.Event, n int) []eventlog.Event { e.Data = make([]byte, n); return []eventlog.Event{e} }
	half := append(one(event(), 600_000), one(event(), 600_000)...)
	for name, c := range map[string]struct {
		stream string
		events []eventlog.Event
		want   error
	}{
		"one event":                  {"post-1", one(event(), 1<<20+1), eventlog.ErrTooLarge},
		"one event with its kind":    {"post-1", one(event(), 1<<20), eventlog.ErrTooLarge},
		"all together":               {"post-1", half, eventlog.ErrTooLarge},
		"a kind that is no text":     {"post-1", []eventlog.Event{{ID: event().ID, Kind: "\xff"}}, eventlog.ErrInvalid},
		"a stream that is no text":   {"post-\xff", events(1), eventlog.ErrInvalid},
		"the stream of the identity": {identityStream, events(1), eventlog.ErrInvalid},
	} {
		within(t, time.Second, name, func() {
			if _, err := l.Append(deadline(t), c.stream, eventlog.NoStream, c.events); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		})
	}
}

// TestEarlyRefusalIsExplained: a server that takes less than we were told ends the
// append in the middle, which the client reports as EOF.
func TestEarlyRefusalIsExplained(t *testing.T) {
	l := open(t, esdbtest.Start(t).URL, Options{MaxAppendBytes: 64 << 20})
	large := events(40)
	for i := range large {
		large[i].Data = []byte(`"` + strings.Repeat("x", 1<<19) + `"`)
	}
	_, err := l.Append(deadline(t), "post-1", eventlog.NoStream, large)
	if err == nil || !strings.Contains(err.Error(), "MaxAppendSize") && !strings.Contains(err.Error(), "Maximum Append Size") {
		t.Errorf("%v does not say what is too large", err)
	}
	if got := all(t, l); len(got) != 0 {
		t.Errorf("%d events were written", len(got))
	}
}
