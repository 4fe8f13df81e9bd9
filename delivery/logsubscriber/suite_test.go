package logsubscriber_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/google/uuid"

	"lobby.example/delivery/logsubscriber"
	"lobby.example/eventlog"
)

// Watermill's own suite, with a SQLite log for each of its tests. A topic is a
// stream there. Every test of it runs but TestReconnect, which restarts a
// broker by a command, and the log is in this process: own tests let the log fail.
//
// Features, and what they leave out:
//   - ConsumerGroups: a group is a checkpoint, and has one reader. Two groups get
//     everything, each from its own place, which is what the test asks.
//   - GuaranteedOrderWithSingleSubscriber: ten subscribers beside each other, as
//     the order test starts them otherwise, would be ten readers of the whole.
//   - ExactlyOnceDelivery: no, a crash between ack and checkpoint repeats.
//   - NewSubscriberReceivesOldMessages: a new checkpoint starts at the start, an old
//     one goes on. The suite's other tests resume, so that one runs by itself.
//   - ContextPreserved: no, a publisher's context does not outlive its process.
var features = tests.Features{
	ConsumerGroups:                      true,
	GuaranteedOrder:                     true,
	GuaranteedOrderWithSingleSubscriber: true,
	Persistent:                          true,
}

func TestWatermillsSuite(t *testing.T) {
	var mu sync.Mutex
	logs := map[string]*topics{} // of each test
	group := func(test *testing.T, group string) (message.Publisher, message.Subscriber) {
		mu.Lock()
		defer mu.Unlock()
		if logs[test.Name()] == nil {
			logs[test.Name()] = newTopics(openLog(t))
		}
		return logs[test.Name()], logs[test.Name()].subscriber(group)
	}
	tests.TestPubSub(t, features, func(test *testing.T) (message.Publisher, message.Subscriber) {
		return group(test, "the only one")
	}, group)
}

func TestWatermillsSuiteWithANewCheckpointEach(t *testing.T) {
	log := newTopics(openLog(t))
	context := tests.TestContext{TestID: tests.NewTestID(), Features: features}
	context.Features.NewSubscriberReceivesOldMessages = true
	tests.TestNewSubscriberReceivesOldMessages(t, context, func(*testing.T) (message.Publisher, message.Subscriber) {
		return log, log.subscriber(uuid.NewString())
	})
}

// topics is what the suite wants and a log is not: a Publisher, and subscribers
// that take any number of topics at once.
type topics struct {
	log         eventlog.Log
	mu          sync.Mutex
	revisions   map[string]eventlog.Revision
	checkpoints map[string]*memory // of a group in a topic
}

func newTopics(log eventlog.Log) *topics {
	return &topics{log: log, revisions: map[string]eventlog.Revision{}, checkpoints: map[string]*memory{}}
}

func (l *topics) Close() error { return nil }

// Publish appends the messages to the stream that is named as the topic.
func (l *topics) Publish(topic string, messages ...*message.Message) error {
	events := make([]eventlog.Event, len(messages))
	for i, m := range messages {
		metadata, err := json.Marshal(m.Metadata)
		if err != nil {
			return err
		}
		events[i] = eventlog.Event{ID: uuid.MustParse(m.UUID), Kind: "published", Data: m.Payload, Metadata: metadata}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	expected, found := l.revisions[topic]
	if !found {
		expected = eventlog.NoStream
	}
	appended, err := l.log.Append(context.Background(), topic, expected, events)
	if err == nil {
		l.revisions[topic] = appended.Revision
	}
	return err
}

func (l *topics) subscriber(group string) *subscribers {
	return &subscribers{topics: l, group: group, closing: make(chan struct{})}
}

// subscribers has a Subscriber for each topic, with the checkpoint of its group,
// and gives messages the metadata back with which they were published.
type subscribers struct {
	*topics
	group   string
	mu      sync.Mutex
	closed  bool
	closing chan struct{}
	open    []*logsubscriber.Subscriber
	done    sync.WaitGroup
}

func (s *subscribers) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.topics.mu.Lock()
	checkpoints := s.checkpoints[s.group+"/"+topic]
	if checkpoints == nil {
		checkpoints = &memory{}
		s.checkpoints[s.group+"/"+topic] = checkpoints
	}
	s.topics.mu.Unlock()
	subscriber, err := logsubscriber.New(logsubscriber.Config{
		Log: s.log, Checkpoints: checkpoints, From: logsubscriber.Start,
		NackPause:  logsubscriber.Backoff{First: time.Millisecond, Max: 4 * time.Millisecond},
		AnswerWait: time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return nil, err
	}
	s.open = append(s.open, subscriber)
	out := make(chan *message.Message)
	s.done.Go(func() {
		defer close(out)
		for m := range in {
			published := map[string]string{}
			if err := json.Unmarshal([]byte(m.Metadata.Get(logsubscriber.EventMetadataKey)), &published); err != nil {
				panic(err)
			}
			for key, value := range published {
				m.Metadata.Set(key, value)
			}
			select {
			case out <- m:
			case <-s.closing:
			case <-ctx.Done():
			}
		}
	})
	return out, nil
}

func (s *subscribers) Close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	for _, subscriber := range s.open {
		err = errors.Join(err, subscriber.Close())
	}
	s.done.Wait()
	return err
}
