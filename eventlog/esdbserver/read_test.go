package esdbserver_test

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
	"lobby.example/eventlog/esdbserver"
	"lobby.example/eventlog/esdbserver/esdbtest"
)

func TestStreamsAreReadInBothDirectionsFromAnywhere(t *testing.T) {
	s, everything := sample(t)
	client := connect(t, s.URL)
	want := of("post-1", everything) // 30 events
	for name, c := range map[string]struct {
		options esdb.ReadStreamOptions
		count   uint64
		want    []eventlog.Recorded
	}{
		"from the start":                  {esdb.ReadStreamOptions{From: esdb.Start{}}, all, want},
		"some from the start":             {esdb.ReadStreamOptions{From: esdb.Start{}}, 7, want[:7]},
		"none":                            {esdb.ReadStreamOptions{From: esdb.Start{}}, 0, nil},
		"from a revision":                 {esdb.ReadStreamOptions{From: esdb.Revision(12)}, all, want[12:]},
		"some from a revision":            {esdb.ReadStreamOptions{From: esdb.Revision(12)}, 3, want[12:15]},
		"from beyond the last":            {esdb.ReadStreamOptions{From: esdb.Revision(30)}, all, nil},
		"from the end":                    {esdb.ReadStreamOptions{From: esdb.End{}}, all, nil},
		"backwards from the end":          {esdb.ReadStreamOptions{From: esdb.End{}, Direction: esdb.Backwards}, all, backward(want)},
		"the last":                        {esdb.ReadStreamOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1, want[29:]},
		"backwards from a revision":       {esdb.ReadStreamOptions{From: esdb.Revision(12), Direction: esdb.Backwards}, all, backward(want[:13])},
		"some backwards from a revision":  {esdb.ReadStreamOptions{From: esdb.Revision(12), Direction: esdb.Backwards}, 2, backward(want[11:13])},
		"backwards from beyond the last":  {esdb.ReadStreamOptions{From: esdb.Revision(300), Direction: esdb.Backwards}, 2, backward(want[28:])},
		"backwards from the greatest one": {esdb.ReadStreamOptions{From: esdb.Revision(all), Direction: esdb.Backwards}, 2, backward(want[28:])},
		"backwards from the start":        {esdb.ReadStreamOptions{From: esdb.Start{}, Direction: esdb.Backwards}, all, want[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := client.ReadStream(within(t), "post-1", c.options, c.count)
			same(t, drain(t, stream, err), c.want)
		})
	}
}

func TestEverythingIsReadInBothDirectionsFromAnywhere(t *testing.T) {
	s, want := sample(t)
	client := connect(t, s.URL)
	beyond := esdb.Position{Commit: 1000, Prepare: 1000}
	for name, c := range map[string]struct {
		options esdb.ReadAllOptions
		count   uint64
		want    []eventlog.Recorded
	}{
		"from the start":                  {esdb.ReadAllOptions{From: esdb.Start{}}, all, want},
		"some from the start":             {esdb.ReadAllOptions{From: esdb.Start{}}, 7, want[:7]},
		"none":                            {esdb.ReadAllOptions{From: esdb.Start{}}, 0, nil},
		"from a position":                 {esdb.ReadAllOptions{From: position(want[12])}, all, want[12:]},
		"some from a position":            {esdb.ReadAllOptions{From: position(want[12])}, 3, want[12:15]},
		"one from a position":             {esdb.ReadAllOptions{From: position(want[12])}, 1, want[12:13]},
		"from the last":                   {esdb.ReadAllOptions{From: position(want[59])}, all, want[59:]},
		"from beyond the head":            {esdb.ReadAllOptions{From: beyond}, all, nil},
		"from the end":                    {esdb.ReadAllOptions{From: esdb.End{}}, all, nil},
		"backwards from the end":          {esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, all, backward(want)},
		"the last":                        {esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1, want[59:]},
		"backwards from a position":       {esdb.ReadAllOptions{From: position(want[12]), Direction: esdb.Backwards}, all, backward(want[:12])},
		"some backwards from a position":  {esdb.ReadAllOptions{From: position(want[12]), Direction: esdb.Backwards}, 2, backward(want[10:12])},
		"backwards from the first":        {esdb.ReadAllOptions{From: position(want[0]), Direction: esdb.Backwards}, all, nil},
		"backwards from beyond the head":  {esdb.ReadAllOptions{From: beyond, Direction: esdb.Backwards}, 2, backward(want[58:])},
		"backwards from the greatest one": {esdb.ReadAllOptions{From: esdb.Position{Commit: all, Prepare: all}, Direction: esdb.Backwards}, 2, backward(want[58:])},
		"backwards from the start":        {esdb.ReadAllOptions{From: esdb.Start{}, Direction: esdb.Backwards}, all, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stream, err := client.ReadAll(within(t), c.options, c.count)
			same(t, drain(t, stream, err), c.want)
		})
	}
}

func TestAnEmptyLogIsReadAsEmpty(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL)
	for _, from := range []esdb.AllPosition{esdb.Start{}, esdb.End{}, esdb.Position{Commit: 5, Prepare: 5}} {
		for _, direction := range []esdb.Direction{esdb.Forwards, esdb.Backwards} {
			stream, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: from, Direction: direction}, all)
			same(t, drain(t, stream, err), nil)
		}
	}
}

func TestAStreamThatIsNotThereIsNotFound(t *testing.T) {
	s, _ := sample(t)
	client := connect(t, s.URL)
	for _, direction := range []esdb.Direction{esdb.Forwards, esdb.Backwards} {
		stream, err := client.ReadStream(within(t), "post-2", esdb.ReadStreamOptions{Direction: direction, From: esdb.End{}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); !hasCode(err, esdb.ErrorCodeResourceNotFound) {
			t.Errorf("reading a stream that is not there says %v", err)
		}
	}
}

func TestPositionsThatCannotBeAreRefused(t *testing.T) {
	s, _ := sample(t)
	client := connect(t, s.URL)
	for _, p := range []esdb.Position{{Commit: 5, Prepare: 6}, {Commit: 5, Prepare: 4}, {Commit: 500, Prepare: 600}} {
		stream, err := client.ReadAll(within(t), esdb.ReadAllOptions{From: p}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := stream.Recv(); grpcCode(err) != "InvalidArgument" {
			t.Errorf("reading from %v gives %v, %v", p, e, err)
		}
	}
}

// tails is a log that knows the last revision of a stream, as the embedded one does.
type tails interface {
	eventlog.Log
	LastRevision(ctx context.Context, stream string) (eventlog.Revision, error)
}

// late is a log whose stream comes between two looks at it.
type late struct {
	tails
	t     *testing.T
	looks atomic.Int32
}

func (l *late) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	if l.looks.Add(1) > 1 {
		return l.tails.ReadStream(ctx, stream, from, direction, limit)
	}
	write(l.t, l.tails, stream, some("post_published", 2)...)
	return func(func(eventlog.Recorded, error) bool) {}
}

func TestAStreamThatComesJustNowIsReadWhole(t *testing.T) {
	knowing := &late{tails: esdbtest.Start(t).Log.(tails), t: t}
	reading := struct{ eventlog.Log }{&late{tails: esdbtest.Start(t).Log.(tails), t: t}}
	for name, log := range map[string]eventlog.Log{"last revision known": knowing, "last event read": reading} {
		t.Run(name, func(t *testing.T) {
			s := esdbtest.Serve(t, log, esdbserver.Options{MayRead: esdbserver.Anyone})
			stream, err := connect(t, s.URL).ReadStream(within(t), "post-1", esdb.ReadStreamOptions{}, all)
			same(t, drain(t, stream, err), logged(t, log))
		})
	}
}
