package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"lobby.example/delivery"
	"lobby.example/delivery/mail/sink"
)

// outside is the world beside a server that is killed: a mail server and another
// program, which both kill it in the middle of what it delivers.
type outside struct {
	mu    sync.Mutex
	got   map[string][]arrived // by recipient, in the order in which it came
	armed string               // letter or call: the next of them, but for some, kills
	spare int
	hit   chan struct{} // the server is to be killed now
	dead  chan struct{} // and has been
}

// arrived is one delivery: under which id, and what it says.
type arrived struct{ id, text string }

func (o *outside) take(kind, recipient string, a arrived) {
	o.mu.Lock()
	o.got[recipient] = append(o.got[recipient], a)
	kill := o.armed == kind && o.spare == 0
	if kill {
		o.armed = ""
	} else if o.armed == kind {
		o.spare--
	}
	o.mu.Unlock()
	if kill {
		o.hit <- struct{}{}
		<-o.dead // before anything is answered
	}
}

func (o *outside) arm(kind string, spare int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed, o.spare = kind, spare
}

// texts are what a recipient got, each in the order in which it first came, and
// how often something came again.
func (o *outside) texts(t *testing.T, recipient string) (texts []string, repeats int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids := map[string]string{}
	for _, a := range o.got[recipient] {
		if slices.Contains(texts, a.text) {
			repeats++
			if ids[a.text] != a.id {
				t.Errorf("%s got %q under the ids %s and %s", recipient, a.text, ids[a.text], a.id)
			}
			continue
		}
		texts, ids[a.text] = append(texts, a.text), a.id
	}
	return texts, repeats
}

// Killed between a delivery and the note of it, at least once, in order for each
// recipient, and a repeat is recognised by its id. Without a kill, exactly once.
func TestKilledWhileDelivering(t *testing.T) {
	t.Parallel()
	const kills = 30
	o := &outside{got: map[string][]arrived{}, hit: make(chan struct{}), dead: make(chan struct{})}
	mails, err := sink.Listen(sink.Options{Received: func(l sink.Letter) {
		m, err := l.Parse()
		if err != nil {
			t.Error(err)
		}
		o.take("letter", l.To, arrived{m.Field("Message-ID"), regexp.MustCompile(`Message \d+\.`).FindString(m.Text)})
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer mails.Close()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var called delivery.Called
		var sent struct{ Text string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &called)
		}
		if err == nil {
			err = json.Unmarshal(called.Data, &sent)
		}
		if err != nil {
			t.Error(err)
		}
		o.take("call", "webhook", arrived{r.Header.Get("Lobby-Delivery"), sent.Text})
	}))
	defer receiver.Close()

	data := t.TempDir()
	args := []string{"--smtp", mails.URL(), "--smtp-from", "lobby@example.org", "--public-url", "http://lobby.example.org", "--webhook-allow", "127.0.0.1"}
	p := serve(t, data, args...)
	platform := tokenOf(t, data, uuid.New(), true)
	_, landlord := p.person(data, "landlord", "Greta Lindqvist")
	var channels, addresses []string
	for i := range 4 {
		address := fmt.Sprintf("tenant%d@example.org", i)
		tenant := p.must(platform, http.MethodPost, "/persons", fmt.Sprintf(`{"role":"tenant","name":"Tenant %d","email":%q}`, i, address))
		id := uuid.MustParse(tenant.ID)
		channels = append(channels, p.connect(landlord, tokenOf(t, data, id, false), id))
		addresses = append(addresses, address)
	}
	p.must(platform, http.MethodPost, "/webhooks", fmt.Sprintf(`{"url":%q,"kinds":["message_sent"],"secret":%q}`, receiver.URL, strings.Repeat("s", 32)))

	var sent []string
	byRecipient := map[string][]string{}
	send := func(to int) {
		text := fmt.Sprintf("Message %d.", len(sent))
		p.must(landlord, http.MethodPost, "/channels/"+channels[to]+"/messages", fmt.Sprintf(`{"text":%q,"email_copy":true}`, text))
		sent, byRecipient[addresses[to]] = append(sent, text), append(byRecipient[addresses[to]], text)
	}
	arrive := func() {
		t.Helper()
		until(t, "everything was delivered", func() bool {
			texts, _ := o.texts(t, "webhook")
			done := len(texts) == len(sent)
			for _, address := range addresses {
				texts, _ := o.texts(t, address)
				done = done && len(texts) == len(byRecipient[address])
			}
			return done
		})
		until(t, "nothing waits", func() bool { // what a kill left in delivery comes again after a pause
			out, err := exec.Command("lobby", "delivery", "list", "--all", "--data", data).CombinedOutput()
			return err == nil && string(out) == "nothing waits\n"
		})
	}
	random := rand.New(rand.NewPCG(4, 30))
	for round := range kills {
		kind := []string{"letter", "call"}[round%2]
		o.arm(kind, random.IntN(4))
		for range 6 {
			send(random.IntN(4))
		}
		<-o.hit
		p.signal(syscall.SIGKILL)
		o.dead <- struct{}{}
		p = serve(t, data, args...)
	}
	arrive()
	check := func() (repeats int) {
		for recipient, want := range byRecipient {
			texts, again := o.texts(t, recipient)
			if repeats += again; !slices.Equal(texts, want) {
				t.Errorf("%s got\n%q\nfor\n%q", recipient, texts, want)
			}
		}
		texts, again := o.texts(t, "webhook")
		if repeats += again; !slices.Equal(texts, sent) {
			t.Errorf("the webhook got\n%q\nfor\n%q", texts, sent)
		}
		return repeats
	}
	repeats := check()
	t.Logf("%d kills, %d messages, %d repeats", kills, len(sent), repeats)
	if repeats == 0 {
		t.Error("no kill came between a delivery and its note")
	}

	// P08, E03: read models that are built anew send nothing.
	if code := p.signal(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p = serve(t, data, append(args, "--rebuild")...)
	for to := range addresses {
		send(to)
	}
	arrive()
	if code := p.signal(syscall.SIGTERM); code != 0 { // with all that is on its way
		t.Errorf("exit code %d", code)
	}
	if again := check(); again != repeats {
		t.Errorf("%d repeats without a kill", again-repeats)
	}
}
