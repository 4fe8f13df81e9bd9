package delivery_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"lobby.example/delivery"
	"lobby.example/delivery/hook"
	"lobby.example/delivery/mail"
	"lobby.example/delivery/mail/mailtest"
	"lobby.example/delivery/queue"
	"lobby.example/domain"
	"lobby.example/domain/catalogue"
	"lobby.example/domain/connection"
	"lobby.example/domain/person"
	"lobby.example/domain/scenario"
	"lobby.example/domain/webhook"
	"lobby.example/eventlog"
	"lobby.example/eventlog/sqlitelog"
)

// patience bounds every wait of these tests; what is waited for comes in milliseconds.
const patience = 30 * time.Second

var (
	greta = scenario.ID("greta")
	jonas = scenario.ID("jonas")
	amara = scenario.ID("amara")
)

// world is a log with what is delivered from it: a real mail server, and a store.
type world struct {
	t         testing.TB
	log       *sqlitelog.Log
	path      string // of the store
	store     *queue.Store
	mails     *mailtest.Server
	delivery  *delivery.Delivery
	registry  *prometheus.Registry
	writing   sync.Mutex
	revisions map[string]eventlog.Revision
	options   delivery.Options
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, revisions: map[string]eventlog.Revision{}}
	var err error
	if w.log, err = sqlitelog.Open(filepath.Join(t.TempDir(), "log.sqlite"), sqlitelog.Options{Categories: catalogue.Categories()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.log.Close() })
	w.path = filepath.Join(t.TempDir(), "delivery.sqlite")
	if w.store, err = queue.Open(w.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	if w.mails, err = mailtest.Listen(mailtest.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.mails.Close() })
	sender, err := mail.New(mail.Options{Server: w.mails.URL(), From: "lobby@example.org", Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close() })
	unsubscribe, err := delivery.NewUnsubscribe(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	w.options = delivery.Options{
		Log: w.log, Store: w.store, Mail: sender,
		Hook:        hook.New(hook.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
		PublicURL:   "https://lobby.example.org",
		Unsubscribe: unsubscribe,
		Retries:     delivery.Retries{Attempts: 3, Backoff: func(int) time.Duration { return time.Millisecond }},
		Logger:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, p := range []struct {
		id   uuid.UUID
		name string
	}{{greta, "Greta Lindqvist"}, {jonas, "Jonas Weber"}, {amara, "Amara Okafor"}} {
		w.write(person.Stream(p.id), person.Registered{Person: p.id, Role: person.Tenant, Profile: person.Profile{Name: p.name, Email: p.name[:5] + "@example.org"}})
	}
	for _, other := range []uuid.UUID{jonas, amara} {
		w.write(channel(other), connection.InvitationSent{From: connection.Party{Person: greta, Role: "landlord"}, To: connection.Party{Person: other, Role: "tenant"}})
		w.write(channel(other), connection.InvitationAccepted{By: other, Other: greta})
	}
	return w
}

// channel is that of somebody with greta.
func channel(other uuid.UUID) string { return connection.Stream(connection.Between(greta, other)) }

// start begins to deliver.
func (w *world) start() {
	w.t.Helper()
	d, err := delivery.Start(w.t.Context(), w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.delivery, w.registry = d, prometheus.NewRegistry()
	d.Collect(w.registry)
	w.t.Cleanup(func() { d.Close() })
}

// stop ends delivery as a clean shutdown does.
func (w *world) stop() {
	w.t.Helper()
	if err := w.delivery.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// write appends one event as a command would, now.
func (w *world) write(stream string, event interface{ Kind() string }) eventlog.Position {
	return w.writeAt(stream, event, time.Now())
}

func (w *world) writeAt(stream string, event interface{ Kind() string }, at time.Time) eventlog.Position {
	w.t.Helper()
	data, err := json.Marshal(event)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.append(stream, event.Kind(), data, at)
}

func (w *world) append(stream, kind string, data []byte, at time.Time) eventlog.Position {
	w.t.Helper()
	w.writing.Lock()
	defer w.writing.Unlock()
	command := uuid.New()
	metadata, err := json.Marshal(domain.Metadata{Command: command, Actor: greta, Correlation: command, Causation: command, OccurredAt: domain.MomentOf(at), Schema: domain.MetadataSchema})
	if err != nil {
		w.t.Fatal(err)
	}
	expected, ok := w.revisions[stream]
	if !ok {
		expected = eventlog.NoStream
	}
	appended, err := w.log.Append(w.t.Context(), stream, expected, []eventlog.Event{{ID: uuid.New(), Kind: kind, Data: data, Metadata: metadata}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.revisions[stream] = appended.Revision
	return appended.Positions[0]
}

// send writes a message of greta's with a copy by email.
func (w *world) send(to uuid.UUID, text string) uuid.UUID {
	w.t.Helper()
	message := uuid.New()
	w.write(channel(to), connection.MessageSent{Message: message, From: greta, To: to, Text: text, EmailCopy: true})
	return message
}

// subscribe makes a webhook with a secret.
func (w *world) subscribe(url string, kinds ...string) uuid.UUID {
	w.t.Helper()
	id, secret := uuid.New(), uuid.New()
	if err := w.store.KeepSecret(w.t.Context(), secret, id, secretText); err != nil {
		w.t.Fatal(err)
	}
	w.write(webhook.Stream(id), webhook.Created{Webhook: id, URL: url, Kinds: kinds, Secret: secret})
	return id
}

const secretText = "0123456789abcdef0123456789abcdef"

// letters waits for n letters and returns them parsed, by recipient.
func (w *world) letters(n int) map[string][]mailtest.Message {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	all, err := w.mails.Wait(ctx, n)
	if err != nil {
		w.t.Fatal(err)
	}
	parsed := map[string][]mailtest.Message{}
	for _, l := range all {
		m, err := l.Parse()
		if err != nil {
			w.t.Fatal(err)
		}
		parsed[l.To] = append(parsed[l.To], m)
	}
	return parsed
}

// outcomes is how often something came of items of a topic.
func (w *world) outcomes(topic, outcome string) int {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "lobby_deliveries_total" {
			continue
		}
		for _, m := range f.Metric {
			labels := map[string]string{}
			for _, l := range m.Label {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["topic"] == topic && labels["outcome"] == outcome {
				return int(m.Counter.GetValue())
			}
		}
	}
	return 0
}

// until asks again and again whether something is so.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for again := time.NewTicker(time.Millisecond); ; <-again.C {
		if so() {
			return
		}
		if ctx.Err() != nil {
			w.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// empty waits until nothing is left to deliver.
func (w *world) empty() {
	w.t.Helper()
	w.until("the queue is empty", func() bool {
		recipients, err := w.store.Recipients(w.t.Context(), false, "", 10)
		if err != nil {
			w.t.Fatal(err)
		}
		return len(recipients) == 0
	})
}

// receiver is an HTTP server of another program.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []delivery.Called
	heads  []http.Header
	answer func(called delivery.Called, w http.ResponseWriter) // nil: 204
}

func newReceiver(t testing.TB) *receiver {
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		var called delivery.Called
		if err := json.Unmarshal(body, &called); err != nil {
			t.Errorf("body %q: %v", body, err)
		}
		if err := hook.Verify(secretText, request.Header, body, time.Now(), time.Minute); err != nil {
			t.Errorf("signature: %v", err)
		}
		r.mu.Lock()
		r.bodies, r.heads = append(r.bodies, called), append(r.heads, request.Header)
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(called, w)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	return r
}

// answers says how the receiver answers from now on.
func (r *receiver) answers(answer func(delivery.Called, http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// called are the calls so far.
func (r *receiver) called() []delivery.Called {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivery.Called(nil), r.bodies...)
}
