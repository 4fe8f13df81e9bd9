package bench

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
)

// coldChannels is how many channels of each kind there are.
const coldChannels = 3

// coldKind is a kind of channel for the first SendMessage after a start.
type coldKind struct {
	name             string
	messages, unseen int
	channels         []string
}

// cold measures the first SendMessage to channels that a process has not touched
// yet: of 100 messages, of many that are all seen, and of many with a fifth
// unseen. Their snapshots come into being as they do in life, when the channel
// was used in an earlier process.
func (r *run) cold() error {
	kinds := []*coldKind{
		{name: "cold, 100 messages", messages: 100},
		{name: "cold, all seen", messages: r.Seed.Cold},
		{name: "cold, a fifth unseen", messages: r.Seed.Cold, unseen: r.Seed.Cold / 5},
	}
	p := &population{people: 2 + coldChannels*len(kinds)}
	add := func(messages, unseen int) string {
		c := conversation(0, len(p.channels)+1, messages, unseen, min(100, messages), r.Seed.Text)
		p.channels = append(p.channels, c)
		return c.name()
	}
	warm := add(300, 0) // enough for a snapshot, so that both ways of loading have been gone
	for _, k := range kinds {
		for range coldChannels {
			k.channels = append(k.channels, add(k.messages, k.unseen))
		}
	}
	r.say("seed %d events for cold channels", p.events())
	at, server, err := r.seeded(p.streams()...)
	if err != nil {
		return err
	}
	defer r.discard(at)
	// Nothing has a snapshot yet, so this folds whole streams, and leaves snapshots.
	if err := r.coldRound(at, server, warm, kinds, ", no snapshot"); err != nil {
		return err
	}
	for round := range r.Rounds {
		r.say("round %d of %d: cold channels", round+1, r.Rounds)
		if server, err = r.serveReady(at); err != nil {
			return err
		}
		if err := r.coldRound(at, server, warm, kinds, ""); err != nil {
			return err
		}
	}
	return nil
}

// coldRound sends one message into each channel and stops the server.
func (r *run) coldRound(at place, server *child, warm string, kinds []*coldKind, suffix string) (err error) {
	defer func() { err = stopped(server, err) }()
	tokens, err := r.bearers(at, 1)
	if err != nil {
		return err
	}
	c := newClient(server.base)
	defer c.close()
	prefix, n := uuid.NewString()+"-", 0
	send := func(channel string) (time.Duration, error) {
		q := c.request(http.MethodPost, "/v1/channels/"+channel+"/messages", tokens[0], messageBody("Is anybody there?"))
		n++
		began := time.Now()
		response, _, err := q.keyed(prefix, n).send(http.StatusCreated)
		took := time.Since(began)
		if err != nil {
			return 0, err
		}
		after := "/v1/me?after=" + response.Header.Get("Lobby-Position") // so that nothing else goes on at the next
		_, _, err = c.request(http.MethodGet, after, tokens[0], nil).send(http.StatusOK)
		return took, err
	}
	for range 50 {
		if _, err := send(warm); err != nil {
			return err
		}
	}
	medians := make([]float64, len(kinds))
	took := make([][]time.Duration, len(kinds))
	for i := range coldChannels * len(kinds) {
		j := (i + i/len(kinds)) % len(kinds) // each kind is first, second and last once
		d, err := send(kinds[j].channels[i/len(kinds)])
		if err != nil {
			return err
		}
		took[j] = append(took[j], d)
	}
	for j, k := range kinds {
		slices.Sort(took[j])
		medians[j] = milliseconds(percentile(took[j], 0.5))
		row := r.report.row(k.name+suffix, 0)
		row.add("p50", "ms", medians[j])
		if j > 0 && suffix == "" {
			row.add("of one with 100", "x", medians[j]/medians[0])
		}
	}
	return nil
}
