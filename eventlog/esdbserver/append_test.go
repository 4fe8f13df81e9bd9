package esdbserver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

// grpcCode is the status that an error of the client carries.
func grpcCode(err error) string {
	for ; err != nil; err = errors.Unwrap(err) {
		if s, ok := status.FromError(err); ok {
			return s.Code().String()
		}
	}
	return "OK"
}

func proposed(events ...eventlog.Event) []esdb.EventData {
	data := make([]esdb.EventData, len(events))
	for i, e := range events {
		data[i] = esdb.EventData{EventID: e.ID, EventType: e.Kind, ContentType: esdb.ContentTypeJson, Data: e.Data, Metadata: e.Metadata}
	}
	return data
}

func TestAppendChecksAllFourExpectedRevisions(t *testing.T) {
	s := esdbtest.Start(t)
	client := connect(t, s.URL)
	for _, c := range []struct {
		stream   string
		expected esdb.ExpectedRevision
		next     uint64 // revision of the last event
		fails    string
	}{
		{"post-1", esdb.StreamExists{}, 0, "expecting 'stream_exists' but got 'no_stream'"},
		{"post-1", esdb.Revision(0), 0, "expecting '0' but got 'no_stream'"},
		{"post-1", esdb.NoStream{}, 1, ""},
		{"post-1", esdb.NoStream{}, 0, "expecting 'no_stream' but got '1'"},
		{"post-1", esdb.Revision(1), 3, ""},
		{"post-1", esdb.Revision(1), 0, "expecting '1' but got '3'"},
		{"post-1", esdb.Revision(7), 0, "expecting '7' but got '3'"},
		{"post-1", esdb.StreamExists{}, 5, ""},
		{"post-1", esdb.Any{}, 7, ""},
		{"post-2", esdb.Any{}, 1, ""},
	} {
		before := logged(t, s.Log)
		events := some("post_published", 2)
		result, err := client.AppendToStream(within(t), c.stream, esdb.AppendToStreamOptions{ExpectedRevision: c.expected}, proposed(events...)...)
		if c.fails != "" {
			if !hasCode(err, esdb.ErrorCodeWrongExpectedVersion) || !strings.Contains(err.Error(), c.fails) || len(logged(t, s.Log)) != len(before) {
				t.Fatalf("%s at %#v: %v, wanted %s", c.stream, c.expected, err, c.fails)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s at %#v: %v", c.stream, c.expected, err)
		}
		after := logged(t, s.Log)
		last := after[len(after)-1]
		if result.NextExpectedVersion != c.next || last.Revision != eventlog.Revision(c.next) || last.ID != events[1].ID || len(after) != len(before)+2 ||
			result.CommitPosition != last.Position.Commit() || result.PreparePosition != last.Position.Prepare() {
			t.Fatalf("%s at %#v: %+v, and the last is %+v", c.stream, c.expected, result, last)
		}
	}
}

func TestARetryAnswersAsTheFirstTimeAndWritesNothing(t *testing.T) {
	for name, expected := range map[string]esdb.ExpectedRevision{"any": esdb.Any{}, "exists": esdb.StreamExists{}, "exact": esdb.Revision(1)} {
		t.Run(name, func(t *testing.T) {
			s := esdbtest.Start(t)
			client := connect(t, s.URL)
			write(t, s.Log, "post-1", some("post_published", 2)...)
			add := func(events ...eventlog.Event) (*esdb.WriteResult, error) {
				return client.AppendToStream(within(t), "post-1", esdb.AppendToStreamOptions{ExpectedRevision: expected}, proposed(events...)...)
			}
			events := some("post_edited", 3)
			first, err := add(events...)
			if err != nil {
				t.Fatal(err)
			}
			write(t, s.Log, "post-1", some("post_published", 2)...)
			want := logged(t, s.Log)
			again, err := add(events...)
			if err != nil || *again != *first {
				t.Errorf("the second time %+v, %v, the first time %+v", again, err, first)
			}
			// The beginning of it, with something else, is neither a retry nor new.
			if _, err := add(append(events[:2:2], some("post_edited", 1)...)...); !hasCode(err, esdb.ErrorCodeWrongExpectedVersion) {
				t.Errorf("half a retry: %v", err)
			}
			if got := logged(t, s.Log); len(got) != len(want) {
				t.Errorf("a retry wrote: there are %d events, not %d", len(got), len(want))
			}
		})
	}
}

// E09: at the current revision nobody compares ids, here as on a real server.
func TestE09TheSameEventAtTheCurrentRevisionIsWrittenAgain(t *testing.T) {
	s := esdbtest.Start(t)
	client := connect(t, s.URL)
	events := some("post_published", 1)
	for i, expected := range []esdb.ExpectedRevision{esdb.NoStream{}, esdb.Revision(0)} {
		result, err := client.AppendToStream(within(t), "post-1", esdb.AppendToStreamOptions{ExpectedRevision: expected}, proposed(events...)...)
		if err != nil || result.NextExpectedVersion != uint64(i) {
			t.Fatalf("%+v, %v", result, err)
		}
	}
}

func TestAppendRefusesWhatTheLogCannotKeep(t *testing.T) {
	s := esdbtest.Start(t)
	client := connect(t, s.URL)
	one := proposed(some("post_published", 1)...)[0]
	for name, c := range map[string]struct {
		stream string
		change func(*esdb.EventData)
		code   string
	}{
		"no json":         {"post-1", func(e *esdb.EventData) { e.ContentType = esdb.ContentTypeBinary }, "InvalidArgument"},
		"no type":         {"post-1", func(e *esdb.EventData) { e.EventType = "" }, "InvalidArgument"},
		"system type":     {"post-1", func(e *esdb.EventData) { e.EventType = "$metadata" }, "InvalidArgument"},
		"system stream":   {"$settings", func(*esdb.EventData) {}, "InvalidArgument"},
		"metadata stream": {"$$post-1", func(*esdb.EventData) {}, "Unimplemented"},
		"too large":       {"post-1", func(e *esdb.EventData) { e.Data = make([]byte, esdbtest.MaxAppendBytes) }, "InvalidArgument"},
	} {
		t.Run(name, func(t *testing.T) {
			e := one
			e.EventID = uuid.New()
			c.change(&e)
			_, err := client.AppendToStream(within(t), c.stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, e)
			if grpcCode(err) != c.code {
				t.Errorf("it says %v", err)
			}
		})
	}
	large := some("post_published", 2)
	for i := range large {
		large[i].Data = make([]byte, 600<<10)
	}
	_, err := client.AppendToStream(within(t), "post-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, proposed(large...)...)
	if grpcCode(err) != "InvalidArgument" || !strings.Contains(err.Error(), "Maximum Append Size of 1048576 Exceeded") {
		t.Errorf("too much together is %v", err)
	}
	if n := len(logged(t, s.Log)); n != 0 {
		t.Errorf("%d events were written", n)
	}
}

// The refusal is heard, also by a client that has a lot to send first.
func TestWithoutTheOptionNothingIsAppended(t *testing.T) {
	s := readOnly(t)
	client := connect(t, s.URL)
	events := some("post_published", 90)
	for i := range events {
		events[i].Data = make([]byte, 60<<10)
	}
	for _, n := range []int{1, 90} {
		_, err := client.AppendToStream(within(t), "post-1", esdb.AppendToStreamOptions{}, proposed(events[:n]...)...)
		if !hasCode(err, esdb.ErrorCodeUnsupportedFeature) || !strings.Contains(err.Error(), "Streams.Append") {
			t.Errorf("appending %d events says %v", n, err)
		}
	}
}
