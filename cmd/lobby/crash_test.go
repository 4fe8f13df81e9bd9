package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// A server that is killed with SIGKILL under load comes back with everything that
// it acknowledged, each time. What was on the way is sent again under its key,
// and is there exactly once, whether or not it had been written (P28, E09).
func TestKilledServerComesBackWithEverythingAcknowledged(t *testing.T) {
	const rounds, channels = 12, 4
	data := t.TempDir()
	p := serve(t, data)
	load := newLoad(p, data, channels)
	retried := 0
	for range rounds {
		load.untilKilled(p, 40+rand.IntN(80))
		if code := p.end(); code != -1 {
			t.Fatalf("not killed but ended with %d\n%s", code, p.stderr)
		}
		p = serve(t, data)
		retried += load.retry(p)
		load.check(p)
	}
	if load.written == 0 {
		t.Errorf("none of the %d requests that got no answer had been written: this proves nothing about retries", retried)
	}
	t.Logf("%d kills, %d messages and marks acknowledged, %d of them after a retry, of which %d had been written", rounds, load.acknowledged, retried, load.written)
}

// load is people who write to each other and see what they got, all at once.
type load struct {
	t            *testing.T
	clients      []*client
	mu           sync.Mutex // of what follows, and of the channels
	newest       eventlog.Position
	acknowledged int
	written      int // before the kill, though the answer never came
	marks        int
	excused      string // code with which requests may be refused, to be sent again
	refused      int
}

// channel is what was acknowledged in one.
type channel struct {
	name string
	sent map[string]sent // by text
}

type sent struct {
	id   string
	by   uuid.UUID
	seen bool // by the other
}

// client sends one request after the other, each under a key of its own.
type client struct {
	id      uuid.UUID
	token   string
	channel *channel
	count   int
	pending *pending // sent, and no answer yet
}

type pending struct{ key, path, body, text string }

func newLoad(p *process, data string, channels int) *load {
	p.t.Helper()
	l := &load{t: p.t}
	for c := range channels {
		a, aToken := p.person(data, "landlord", fmt.Sprint("Landlord ", c))
		b, bToken := p.person(data, "tenant", fmt.Sprint("Tenant ", c))
		channel := &channel{name: p.connect(aToken, bToken, b), sent: map[string]sent{}}
		l.clients = append(l.clients, &client{id: a, token: aToken, channel: channel}, &client{id: b, token: bToken, channel: channel})
	}
	return l
}

// untilKilled lets everybody send until the server is killed, after so many
// acknowledgements.
func (l *load) untilKilled(p *process, after int) {
	enough := make(chan struct{})
	var work sync.WaitGroup
	target := l.acknowledged + after
	for _, c := range l.clients {
		work.Go(func() {
			for {
				c.pending = l.next(c)
				if _, ok := l.send(p, c); !ok {
					return
				}
				l.mu.Lock()
				if l.acknowledged == target {
					close(enough)
				}
				l.mu.Unlock()
			}
		})
	}
	<-enough
	p.cmd.Process.Kill()
	work.Wait()
}

// next is every fourth time a mark for what the other has written, else a message.
func (l *load) next(c *client) *pending {
	c.count++
	key := fmt.Sprint(c.id, " ", c.count)
	if c.count%4 == 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		var entries []string
		for _, m := range c.channel.sent {
			if m.by != c.id && !m.seen && len(entries) < 3 {
				entries = append(entries, m.id)
			}
		}
		if len(entries) > 0 {
			body, _ := json.Marshal(map[string]any{"entries": entries})
			return &pending{key: key, path: "/channels/" + c.channel.name + "/seen", body: string(body)}
		}
	}
	return &pending{key: key, path: "/channels/" + c.channel.name + "/messages", body: fmt.Sprintf(`{"text":%q}`, key), text: key}
}

// send sends what is pending, and keeps what was acknowledged, at which position.
// It is not ok where no answer came, or it was refused for now.
func (l *load) send(p *process, c *client) (position eventlog.Position, ok bool) {
	status, answer, err := p.send(c.token, c.pending.key, http.MethodPost, c.pending.path, c.pending.body)
	if err != nil {
		return position, false
	}
	if status/100 != 2 && l.excused != "" && answer.Code == l.excused {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.refused++
		return position, false
	}
	if status/100 != 2 {
		l.t.Errorf("%s: %d %s", c.pending.path, status, answer.Code)
		return position, false
	}
	if position, err = eventlog.ParsePosition(answer.Position); err != nil {
		l.t.Error(err)
		return position, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged++
	if position.Compare(l.newest) > 0 {
		l.newest = position
	}
	if c.pending.text != "" {
		c.channel.sent[c.pending.text] = sent{id: answer.ID, by: c.id}
	} else {
		for text, m := range c.channel.sent {
			if strings.Contains(c.pending.body, m.id) {
				m.seen = true
				c.channel.sent[text] = m
			}
		}
	}
	c.pending = nil
	return position, true
}

// retry sends again what got no answer, and counts it. What is answered with a
// position before that of a new command had been written before the kill.
func (l *load) retry(p *process) (retried int) {
	l.marks++
	first := l.clients[0]
	mark := p.must(first.token, http.MethodPut, "/channels/"+first.channel.name+"/unread", fmt.Sprintf(`{"unread":%t}`, l.marks%2 == 1))
	fresh, err := eventlog.ParsePosition(mark.Position)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, c := range l.clients {
		if c.pending == nil {
			continue
		}
		retried++
		position, ok := l.send(p, c)
		if !ok {
			l.t.Fatalf("no answer to a retry\n%s", p.stderr)
		}
		if position.Compare(fresh) < 0 {
			l.written++
		}
	}
	return retried
}

// check compares what everybody is shown with what was acknowledged.
func (l *load) check(p *process) {
	l.t.Helper()
	for _, c := range l.clients {
		found := map[string]int{}
		for cursor := ""; ; {
			var page struct {
				Messages   []struct{ Message, Author, Text string }
				NextCursor string `json:"next_cursor"`
			}
			if status := p.get(c.token, "/v1/channels/"+c.channel.name+"/messages?limit=100&after="+l.newest.String()+cursor, &page); status != http.StatusOK {
				l.t.Fatalf("messages: %d", status)
			}
			for _, m := range page.Messages {
				found[m.Text]++
				if want := c.channel.sent[m.Text]; want.id != m.Message || want.by.String() != m.Author {
					l.t.Errorf("%q is %s by %s, but was acknowledged as %s by %s", m.Text, m.Message, m.Author, want.id, want.by)
				}
			}
			if page.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + page.NextCursor
		}
		unread := 0
		for text, m := range c.channel.sent {
			if found[text] != 1 {
				l.t.Errorf("%q was acknowledged and is there %d times", text, found[text])
			}
			if m.by != c.id && !m.seen {
				unread++
			}
		}
		var bubble struct{ Total int }
		if status := p.get(c.token, "/v1/unread?after="+l.newest.String(), &bubble); status != http.StatusOK || bubble.Total != unread {
			l.t.Errorf("status %d, %d unread, sent less seen are %d", status, bubble.Total, unread)
		}
	}
}
