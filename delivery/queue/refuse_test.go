package queue

import (
	"context"
	"errors"
	"testing"
)

func TestOnlyTheOwnerPlansAndDelivers(t *testing.T) {
	ctx, s := context.Background(), open(t, place(t))
	for name, err := range map[string]error{
		"Plan":           s.Plan(ctx, Plan{Through: Checkpoint{Position: "1"}}),
		"SaveCheckpoint": s.SaveCheckpoint(ctx, Checkpoint{Position: "1"}),
		"Restart":        s.Restart(ctx, "start"),
	} {
		if !errors.Is(err, errNotOwner) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSubscriber(s, SubscriberOptions{}).Subscribe(ctx, "email"); !errors.Is(err, errNotOwner) {
		t.Errorf("Subscribe: %v", err)
	}
}

func TestAClosedStoreAndSubscriberSaySo(t *testing.T) {
	ctx, s := context.Background(), owner(t, place(t))
	subscriber := NewSubscriber(s, SubscriberOptions{})
	messages, err := subscriber.Subscribe(ctx, "email")
	must(t, err)
	must(t, subscriber.Close())
	must(t, subscriber.Close())
	if _, open := <-messages; open {
		t.Error("a message came out of a closed subscriber")
	}
	if _, err := subscriber.Subscribe(ctx, "email"); err == nil {
		t.Error("a closed subscriber subscribed")
	}
	other := NewSubscriber(s, SubscriberOptions{})
	messages, err = other.Subscribe(ctx, "email")
	must(t, err)
	must(t, s.Close())
	must(t, s.Close())
	if _, open := <-messages; open {
		t.Error("a message came out of a closed store")
	}
	if _, err := other.Subscribe(ctx, "email"); !errors.Is(err, errClosed) {
		t.Errorf("Subscribe: %v", err)
	}
	if err := s.Plan(ctx, Plan{Through: Checkpoint{Position: "1"}}); !errors.Is(err, errClosed) {
		t.Errorf("Plan: %v", err)
	}
	if _, err := s.Retry(ctx, "email-a"); !errors.Is(err, errClosed) {
		t.Errorf("Retry: %v", err)
	}
	if err := s.Own(); !errors.Is(err, errClosed) {
		t.Errorf("Own: %v", err)
	}
}
