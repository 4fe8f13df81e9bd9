package esdbserver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"lobby.example/eventlog"
)

func byKind(e eventlog.Recorded) string   { return e.Kind }
func byStream(e eventlog.Recorded) string { return e.Stream }

func only(events []eventlog.Recorded, passes func(eventlog.Recorded) bool) []eventlog.Recorded {
	return slices.DeleteFunc(slices.Clone(events), func(e eventlog.Recorded) bool { return !passes(e) })
}

func TestASubscriptionIsFilteredByTypeAndByStream(t *testing.T) {
	prefix := func(of func(eventlog.Recorded) string, prefixes ...string) func(eventlog.Recorded) bool {
		return func(e eventlog.Recorded) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(of(e), p) })
		}
	}
	for name, c := range map[string]struct {
		filter esdb.SubscriptionFilter
		passes func(eventlog.Recorded) bool
	}{
		"type prefix":      {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"person_"}}, prefix(byKind, "person_")},
		"type prefixes":    {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"person_r", "post_"}}, prefix(byKind, "person_r", "post_")},
		"type regex":       {esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: "_(left|published)$"}, func(e eventlog.Recorded) bool { return e.Kind != "person_registered" }},
		"stream prefix":    {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"person-"}}, prefix(byStream, "person-")},
		"stream prefixes":  {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"post-", "person-2"}}, prefix(byStream, "post-", "person-2")},
		"stream regex":     {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `^person-\d+$`}, prefix(byStream, "person-")},
		"nothing passes":   {esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"erson"}}, func(eventlog.Recorded) bool { return false }},
		"no system events": {*esdb.ExcludeSystemEventsFilter(), func(eventlog.Recorded) bool { return true }},
	} {
		t.Run(name, func(t *testing.T) {
			s, everything := sample(t)
			sub, err := connect(t, s.URL).SubscribeToAll(within(t), esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &c.filter, MaxSearchWindow: 1000})
			h := subscribed(t, sub, err)
			h.expect(only(everything, c.passes)...)
			h.expectCheckpoint(everything[59])
			h.expectCaughtUp()
			write(t, s.Log, "post-1", some("post_published", 1)...)
			write(t, s.Log, "person-2", some("person_registered", 1)...)
			write(t, s.Log, "person-3", some("person_left", 1)...)
			h.expect(only(logged(t, s.Log)[60:], c.passes)...)
		})
	}
}

// A checkpoint comes once in each interval (window times multiplier) of the
// events that were looked at, whether they passed or not, and when the
// subscription is level with the log; then it goes on counting.
func TestAFilteredSubscriptionHearsHowFarItGot(t *testing.T) {
	for name, c := range map[string]struct {
		window, interval int
		at               []int // places of the checkpoints, of 60 events
		next             int   // and of the first one after it is level
	}{
		"some windows":    {7, 3, []int{20, 41, 59}, 80},
		"exactly the end": {10, 2, []int{19, 39, 59}, 79},
		"wide":            {1000, 1, []int{59}, 1059},
		"no window":       {esdb.NoMaxSearchWindow, 1, []int{31, 59}, 91},
	} {
		t.Run(name, func(t *testing.T) {
			s, everything := sample(t)
			sub, err := connect(t, s.URL).SubscribeToAll(within(t), esdb.SubscribeToAllOptions{
				From: esdb.Start{}, MaxSearchWindow: c.window, CheckpointInterval: c.interval,
				Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"post-1"}},
			})
			h := subscribed(t, sub, err)
			from := 0
			for _, at := range c.at {
				h.expect(of("post-1", everything[from:at+1])...)
				h.expectCheckpoint(everything[at])
				from = at + 1
			}
			h.expectCaughtUp()
			for len(everything) <= c.next {
				write(t, s.Log, "person-9", some("person_left", min(200, c.next+1-len(everything)))...)
				everything = logged(t, s.Log)
			}
			h.expectCheckpoint(everything[c.next])
		})
	}
}

// Neither client sends a filter with a read, but the protocol has it.
func TestAReadIsFilteredToo(t *testing.T) {
	s, everything := sample(t)
	people := func(e eventlog.Recorded) bool { return strings.HasPrefix(e.Stream, "person-") }
	want := only(everything, people)
	for name, c := range map[string]struct {
		direction streams.ReadReq_Options_ReadDirection
		commit    uint64
		count     uint64
		want      []eventlog.Recorded
	}{
		"all":                      {streams.ReadReq_Options_Forwards, 1, all, want},
		"some":                     {streams.ReadReq_Options_Forwards, 1, 5, want[:5]},
		"from one that passes":     {streams.ReadReq_Options_Forwards, want[3].Position.Commit(), 5, want[3:8]},
		"from one that does not":   {streams.ReadReq_Options_Forwards, everything[6].Position.Commit(), 5, only(everything[6:], people)[:5]},
		"backwards":                {streams.ReadReq_Options_Backwards, 61, all, backward(want)},
		"some backwards from some": {streams.ReadReq_Options_Backwards, want[9].Position.Commit(), 4, backward(want[5:9])},
	} {
		t.Run(name, func(t *testing.T) {
			o := filtered(&streams.ReadReq_Options_FilterOptions{
				Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"person-"}}},
				Window: &streams.ReadReq_Options_FilterOptions_Max{Max: 3},
			})
			o.ReadDirection, o.CountOption = c.direction, &streams.ReadReq_Options_Count{Count: c.count}
			o.StreamOption = &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_Position{
				Position: &streams.ReadReq_Options_Position{CommitPosition: c.commit, PreparePosition: c.commit}}}}
			got, err := rawRead(t, s.URL, o)
			if err != nil || len(got) != len(c.want) {
				t.Fatalf("%d events and %v, not %d", len(got), err, len(c.want))
			}
			for i, g := range got {
				if e := g.GetEvent().GetEvent(); e.GetId().GetString_() != c.want[i].ID.String() || e.GetCommitPosition() != c.want[i].Position.Commit() {
					t.Errorf("event %d is %v, not %+v", i, g, c.want[i])
				}
			}
		})
	}
}

func filtered(f *streams.ReadReq_Options_FilterOptions) *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{AllOption: &streams.ReadReq_Options_AllOptions_Start{}}},
		CountOption:  &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: f},
		UuidOption:   &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}},
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	s, _ := sample(t)
	prefix := &streams.ReadReq_Options_FilterOptions_EventType{EventType: &streams.ReadReq_Options_FilterOptions_Expression{Prefix: []string{"p"}}}
	window := &streams.ReadReq_Options_FilterOptions_Max{Max: 3}
	good := func(change func(*streams.ReadReq_Options)) *streams.ReadReq_Options {
		o := filtered(&streams.ReadReq_Options_FilterOptions{Filter: prefix, Window: window, CheckpointIntervalMultiplier: 1})
		change(o)
		return o
	}
	stream := &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("post-1")}, RevisionOption: &streams.ReadReq_Options_StreamOptions_Start{},
	}}
	for name, o := range map[string]*streams.ReadReq_Options{
		"nothing":          nil,
		"no ids":           good(func(o *streams.ReadReq_Options) { o.UuidOption = nil }),
		"no stream":        good(func(o *streams.ReadReq_Options) { o.StreamOption = nil }),
		"no count":         good(func(o *streams.ReadReq_Options) { o.CountOption = nil }),
		"no place":         good(func(o *streams.ReadReq_Options) { o.StreamOption = &streams.ReadReq_Options_All{} }),
		"filter on stream": good(func(o *streams.ReadReq_Options) { o.StreamOption = stream }),
		"backwards":        good(func(o *streams.ReadReq_Options) { o.ReadDirection = streams.ReadReq_Options_Backwards }),
		"no place in it": good(func(o *streams.ReadReq_Options) {
			o.FilterOption, o.StreamOption = nil, &streams.ReadReq_Options_Stream{}
		}),
		"nothing to filter": filtered(&streams.ReadReq_Options_FilterOptions{Window: window, CheckpointIntervalMultiplier: 1}),
		"no expression":     filtered(&streams.ReadReq_Options_FilterOptions{Filter: &streams.ReadReq_Options_FilterOptions_EventType{}, Window: window, CheckpointIntervalMultiplier: 1}),
		"no window":         filtered(&streams.ReadReq_Options_FilterOptions{Filter: prefix, CheckpointIntervalMultiplier: 1}),
		"no interval":       filtered(&streams.ReadReq_Options_FilterOptions{Filter: prefix, Window: window}),
		"empty window":      filtered(&streams.ReadReq_Options_FilterOptions{Filter: prefix, Window: &streams.ReadReq_Options_FilterOptions_Max{}, CheckpointIntervalMultiplier: 1}),
		"regex of others": filtered(&streams.ReadReq_Options_FilterOptions{Window: window, CheckpointIntervalMultiplier: 1, Filter: &streams.ReadReq_Options_FilterOptions_EventType{
			EventType: &streams.ReadReq_Options_FilterOptions_Expression{Regex: `^(?!post)`}}}),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := rawRead(t, s.URL, o); status.Code(err) != codes.InvalidArgument {
				t.Errorf("it gives %d frames and %v", len(got), err)
			}
		})
	}
}
