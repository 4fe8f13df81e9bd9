package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// E06: an event that crashes the process is not retried for ever. Its attempts are
// counted before the handler runs, and it is parked; what is beside it is delivered.
func TestE06AnItemThatCrashesTheProcessIsParked(t *testing.T) {
	path := place(t)
	s := owner(t, path)
	plan(t, s, item("email", "email-crash", 1), item("email", "email-crash", 2), item("email", "email-other", 1))
	must(t, s.Close())
	var said []string
	for process := 1; ; process++ {
		if process > 6 {
			t.Fatalf("the item crashes one process after another: %q", said)
		}
		out, err := child("deliver", path).Output()
		said = append(said, strings.Fields(string(out))...)
		if err == nil {
			break
		}
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("the process was not killed: %v, %s", err, out)
		}
	}
	crashes := slices.DeleteFunc(slices.Clone(said), func(line string) bool { return !strings.HasPrefix(line, "email-crash") })
	if want := []string{"email-crash/1/1", "email-crash/1/2", "email-crash/1/3"}; !slices.Equal(crashes, want) {
		t.Errorf("the item was handed out as %q; want %q", crashes, want)
	}
	all := waiting(t, open(t, path))
	if len(all) != 1 || all[0].Recipient != "email-crash" || !all[0].Parked || all[0].Items != 2 || all[0].Attempts != 3 || all[0].Reason != crashed {
		t.Errorf("there is %+v; the processes said %q", all, said)
	}
}

// E10: a poison queue outside of what retries keeps the order. What comes later
// for the same recipient waits behind the parked item; other recipients go on.
func TestE10WhatComesLaterParksBehindThePoison(t *testing.T) {
	s := owner(t, place(t))
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NewSlogLogger(slog.New(slog.DiscardHandler)))
	must(t, err)
	poison, err := middleware.PoisonQueue(s.Parker(), "parked")
	must(t, err)
	router.AddMiddleware(poison, middleware.Retry{MaxRetries: 2, InitialInterval: time.Millisecond}.Middleware, middleware.Recoverer)
	var mu sync.Mutex
	healed := false
	tried := map[string]int{}
	delivered := make(chan string, 100)
	router.AddConsumerHandler("send", "email", NewSubscriber(s, SubscriberOptions{}), func(msg *message.Message) error {
		i, _, err := ItemOf(msg)
		if err != nil {
			return err
		}
		name := fmt.Sprint(i.Recipient, "/", i.Revision)
		mu.Lock()
		defer mu.Unlock()
		if tried[name]++; name == "email-a/2" && !healed {
			panic("550 there is no such mailbox")
		}
		delivered <- name
		return nil
	})
	ran := make(chan error, 1)
	go func() { ran <- router.Run(context.Background()) }()
	<-router.Running()
	take := func(n int) (all []string) {
		for range n {
			all = append(all, <-delivered)
		}
		return all
	}
	for n := 1; n <= 4; n++ {
		plan(t, s, item("email", "email-a", n), item("email", "email-b", n))
	}
	got := take(5)
	of := func(recipient string) (all []string) {
		for _, name := range got {
			if strings.HasPrefix(name, recipient) {
				all = append(all, name)
			}
		}
		return all
	}
	if a, b := of("email-a"), of("email-b"); !slices.Equal(a, []string{"email-a/1"}) || !slices.Equal(b, []string{"email-b/1", "email-b/2", "email-b/3", "email-b/4"}) {
		t.Errorf("before the retry %q were delivered", got)
	}
	parked := waitFor(t, s, func(r Recipient) bool { return r.Parked })
	if parked.Recipient != "email-a" || parked.Items != 3 || parked.First.Revision != 2 || !strings.Contains(parked.Reason, "550 there is no such mailbox") {
		t.Errorf("there is %+v", parked)
	}
	mu.Lock()
	healed = true
	if tried["email-a/2"] != 3 || tried["email-a/3"] != 0 {
		t.Errorf("the handler was asked %v", tried)
	}
	mu.Unlock()
	if found, err := s.Retry(context.Background(), "email-a"); !found || err != nil {
		t.Fatal(found, err)
	}
	if got := take(3); !slices.Equal(got, []string{"email-a/2", "email-a/3", "email-a/4"}) {
		t.Errorf("after the retry %q were delivered", got)
	}
	must(t, router.Close())
	must(t, <-ran)
	if all := waiting(t, s); len(all) != 0 {
		t.Errorf("there is %+v", all)
	}
}

// waitFor looks again and again until some recipient is as wanted.
func waitFor(t *testing.T, s *Store, is func(Recipient) bool) Recipient {
	t.Helper()
	look, enough := time.NewTicker(time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for {
		for _, r := range waiting(t, s) {
			if is(r) {
				return r
			}
		}
		select {
		case <-look.C:
		case <-enough:
			t.Fatalf("it did not come to be; there is %+v", waiting(t, s))
		}
	}
}
