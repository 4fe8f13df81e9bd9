package logsubscriber_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/google/go-cmp/cmp"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
)

func TestEventsComeWholeAndInTheOrderOfTheLog(t *testing.T) {
	log := openLog(t)
	for range 3 {
		write(t, log, "post-1", 2)
		write(t, log, "connection-1", 3)
	}
	messages := subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start}), "")
	live := write(t, log, "post-1", 5)
	seen := 0
	for want, err := range log.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		m := next(t, messages, want)
		got, err := logsubscriber.Recorded(m)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmp.Comparer(func(p, q eventlog.Position) bool { return p == q })); d != "" {
			t.Errorf("the event at %s (-stored +received):\n%s", want.Position, d)
		}
		if id := middleware.MessageCorrelationID(m); id != "of "+want.Stream {
			t.Errorf("correlation id %q", id)
		}
		m.Ack()
		seen++
	}
	if seen != 15+len(live) {
		t.Errorf("%d events, want %d", seen, 15+len(live))
	}
}

func TestATopicIsACategoryOrAStream(t *testing.T) {
	log := openLog(t)
	var ofPosts, ofOne []eventlog.Recorded
	for range 2 {
		one := write(t, log, "post-1", 1)
		write(t, log, "connection-1", 1)
		ofPosts = append(append(ofPosts, one...), write(t, log, "post-12", 1)...)
		write(t, log, "postcard-1", 1)
		ofOne = append(ofOne, one...)
	}
	for topic, want := range map[string][]eventlog.Recorded{"post": ofPosts, "post-1": ofOne} {
		s := newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start})
		messages := subscribe(t, s, topic)
		ack(t, messages, want...)
		shut(t, s)
		closed(t, messages)
	}
}

func TestMetadataOfOtherWritersHasNoCorrelation(t *testing.T) {
	log := openLog(t)
	last := eventlog.NoStream
	messages := subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}}), "")
	for _, metadata := range []string{"", "no JSON", `[1]`, `{"$correlationId":7}`, `{"other":"{\"$correlationId\":\"x\"}"}`, `{"nested":{"$correlationId":"x"}}`} {
		e := write(t, log, "post-1", 1)[0]
		ack(t, messages, e)
		a, err := log.Append(t.Context(), "other-1", last, []eventlog.Event{{ID: e.ID, Kind: "happened", Data: []byte("1"), Metadata: []byte(metadata)}})
		if err != nil {
			t.Fatal(err)
		}
		last = a.Revision
		m := next(t, messages, e)
		if id := middleware.MessageCorrelationID(m); id != "" || m.Metadata.Get(logsubscriber.EventMetadataKey) != metadata {
			t.Errorf("metadata %q is handed out as %q with the correlation id %q", metadata, m.Metadata.Get(logsubscriber.EventMetadataKey), id)
		}
		m.Ack()
	}
}

func TestRecordedRefusesOtherMessages(t *testing.T) {
	log := openLog(t)
	e := write(t, log, "post-1", 1)[0]
	good := next(t, subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start}), ""), e)
	for _, key := range []string{logsubscriber.StreamKey, logsubscriber.RevisionKey, logsubscriber.PositionKey, logsubscriber.KindKey, logsubscriber.TimeKey} {
		m := good.Copy()
		delete(m.Metadata, key)
		if r, err := logsubscriber.Recorded(m); err == nil {
			t.Errorf("without %q it is read as %+v", key, r)
		}
	}
	m := good.Copy()
	m.UUID = "no uuid"
	if r, err := logsubscriber.Recorded(m); err == nil || !strings.Contains(err.Error(), "no uuid") {
		t.Errorf("without an id it is read as %+v, %v", r, err)
	}
	if _, err := logsubscriber.Recorded(good.Copy()); err != nil {
		t.Error(err)
	}
	good.Ack()
}

// A handler that fails gets the same event again, as it was, and nothing else.
func TestANackedEventComesAgainUntilItIsAcked(t *testing.T) {
	log := openLog(t)
	events := write(t, log, "post-1", 3)
	messages := subscribe(t, newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: &memory{}, From: logsubscriber.Start}), "")
	ack(t, messages, events[0])
	for range 10 {
		m := next(t, messages, events[1])
		if string(m.Payload) != string(events[1].Data) || m.Metadata.Get("changed") != "" {
			t.Fatalf("it came again as %s with %v", m.Payload, m.Metadata)
		}
		m.Payload[0] = 'x'
		m.Metadata.Set("changed", "yes")
		m.Nack()
		<-m.Context().Done()
	}
	ack(t, messages, events[1:]...)
}

func TestASubscriberHasOneSubscription(t *testing.T) {
	s := newSubscriber(t, logsubscriber.Config{Log: openLog(t), Checkpoints: &memory{}})
	ctx, cancel := context.WithCancel(t.Context())
	messages, err := s.Subscribe(ctx, "post")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Subscribe(t.Context(), "connection"); !errors.Is(err, logsubscriber.ErrSubscribed) {
		t.Errorf("a second one: %v, want ErrSubscribed", err)
	}
	cancel()
	closed(t, messages)
	messages = subscribe(t, s, "post")
	shut(t, s)
	closed(t, messages)
	if _, err := s.Subscribe(t.Context(), "post"); !errors.Is(err, logsubscriber.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	shut(t, s)
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := logsubscriber.Config{Log: openLog(t), Checkpoints: &memory{}}
	for name, spoil := range map[string]func(*logsubscriber.Config){
		"no log":            func(c *logsubscriber.Config) { c.Log = nil },
		"no checkpoints":    func(c *logsubscriber.Config) { c.Checkpoints = nil },
		"another origin":    func(c *logsubscriber.Config) { c.From = 2 },
		"no first pause":    func(c *logsubscriber.Config) { c.NackPause.Max = 1 },
		"a short longest":   func(c *logsubscriber.Config) { c.NackPause = logsubscriber.Backoff{First: 2, Max: 1} },
		"a negative answer": func(c *logsubscriber.Config) { c.AnswerWait = -1 },
	} {
		config := good
		spoil(&config)
		if _, err := logsubscriber.New(config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Behind a Router: a handler that panics gets the event again, and one that is
// interrupted by Close gets it again after the next start.
func TestBehindARouterThatRecoversAndCloses(t *testing.T) {
	log, checkpoints := openLog(t), &memory{}
	events := write(t, log, "post-1", 6)
	var handled []string
	run := func(handle func(r *message.Router, nth int, m *message.Message) error) {
		t.Helper()
		router, err := message.NewRouter(message.RouterConfig{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		router.AddMiddleware(middleware.Recoverer)
		nth := 0
		router.AddConsumerHandler("one", "", newSubscriber(t, logsubscriber.Config{Log: log, Checkpoints: checkpoints, From: logsubscriber.Start}), func(m *message.Message) error {
			nth++
			return handle(router, nth, m)
		})
		if err := router.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run(func(router *message.Router, nth int, m *message.Message) error {
		switch nth {
		case 2, 3:
			panic("not yet")
		case 6:
			go router.Close()
			<-m.Context().Done()
			return m.Context().Err()
		}
		handled = append(handled, m.UUID)
		return nil
	})
	run(func(router *message.Router, nth int, m *message.Message) error {
		if handled = append(handled, m.UUID); m.UUID == events[5].ID.String() {
			go router.Close()
		}
		return nil
	})
	var want []string
	for _, e := range events {
		want = append(want, e.ID.String())
	}
	if !slices.Equal(handled, want) {
		t.Errorf("handled %v, want %v", handled, want)
	}
}

func TestPausesGrowAndAreBounded(t *testing.T) {
	b := logsubscriber.Backoff{First: 100 * time.Millisecond, Max: time.Second}
	for n, longest := range []time.Duration{0, 100, 200, 400, 800, 1000, 1000, 1000} {
		longest *= time.Millisecond
		if n == 0 {
			continue
		}
		different := map[time.Duration]bool{}
		for range 100 {
			p := logsubscriber.Pause(b, n)
			if p > longest || p < longest/2 {
				t.Fatalf("pause %d is %s, want %s to %s", n, p, longest/2, longest)
			}
			different[p] = true
		}
		if len(different) < 10 {
			t.Errorf("pause %d has only %d lengths", n, len(different))
		}
	}
	if p := logsubscriber.Pause(b, 1_000_000); p > b.Max {
		t.Errorf("the millionth pause is %s", p)
	}
}
