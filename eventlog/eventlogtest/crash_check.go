package eventlogtest

import (
	"testing"

	"lobby.example/eventlog"
)

// checkAfterCrash looks at every event of the log. Streams that were found whole
// after an earlier crash, which nobody writes to any more, must still be as long.
func checkAfterCrash(t *testing.T, open Open, place string, acknowledged map[string]acknowledgement, whole map[string]int) {
	t.Helper()
	l, err := open(place)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	streams := map[string][]eventlog.Recorded{}
	var last eventlog.Position
	for e, err := range l.ReadAll(deadline(t), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Position.Compare(last) <= 0 || e.Revision != eventlog.Revision(len(streams[e.Stream])) {
			t.Fatalf("%s has revision %d at %v, after %d events and %v", e.Stream, e.Revision, e.Position, len(streams[e.Stream]), last)
		}
		last = e.Position
		streams[e.Stream] = append(streams[e.Stream], e)
	}
	if got := head(t, l); got != last {
		t.Errorf("the head is %v, the last event at %v", got, last)
	}
	for name, n := range whole {
		if len(streams[name]) != n {
			t.Errorf("%s has %d events and had %d after an earlier crash", name, len(streams[name]), n)
		}
	}
	for name, events := range streams {
		if _, ok := whole[name]; !ok {
			checkWhole(t, name, events)
			whole[name] = len(events)
		}
	}
	for name, a := range acknowledged {
		events := streams[name]
		if int(a.revision) >= len(events) {
			t.Errorf("%s was acknowledged up to revision %d and has %d events", name, a.revision, len(events))
		} else if got := events[a.revision].Position.String(); got != a.position {
			t.Errorf("%s: revision %d was acknowledged at %s and is at %s", name, a.revision, a.position, got)
		}
	}
	// The index by stream agrees with the order of all.
	for name := range crashSample(streams) {
		if got := stream(t, l, name); len(got) != len(streams[name]) {
			t.Errorf("%s reads %d events, of all there are %d", name, len(got), len(streams[name]))
		}
	}
}

// checkWhole wants whole appends, in their order, and nothing else.
func checkWhole(t *testing.T, name string, events []eventlog.Recorded) {
	t.Helper()
	var want []eventlog.Event
	for n := 0; len(want) < len(events); n++ {
		want = append(want, crashEvents(name, n)...)
	}
	if len(want) != len(events) {
		t.Errorf("%s has %d events: a part of an append", name, len(events))
		return
	}
	for i, e := range events {
		if e.ID != want[i].ID || string(e.Data) != string(want[i].Data) {
			t.Errorf("%s: event %d is not what was appended", name, i)
		}
	}
}

// crashSample is a few of the streams, by the map's own chance.
func crashSample(streams map[string][]eventlog.Recorded) map[string][]eventlog.Recorded {
	sample := map[string][]eventlog.Recorded{}
	for name, events := range streams {
		if sample[name] = events; len(sample) == 20 {
			break
		}
	}
	return sample
}
