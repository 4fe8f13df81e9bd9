package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
)

// probe is one person who writes to another, and the other's client, which
// watches the unread count.
type probe struct {
	channel, token string // of the one who reads
	sender, reader *client
	send, poll     *request
	prefix         string
	keys           int
	etag           string
	unseen         []string // messages that the reader has not seen
}

func newProbe(server *child, channel, sender, reader string) *probe {
	p := &probe{channel: channel, token: reader, sender: newClient(server.base), reader: newClient(server.base), prefix: uuid.NewString() + "-"}
	p.send = p.sender.request(http.MethodPost, "/v1/channels/"+channel+"/messages", sender, messageBody("Do you see this?"))
	p.poll = p.reader.request(http.MethodGet, "/v1/unread", reader, nil)
	return p
}

func (p *probe) close() {
	p.sender.close()
	p.reader.close()
}

// seeEvery is how many messages the reader lets wait: an unread count of nobody
// has thousands.
const seeEvery = 20

// wait sends a message and returns how long after the answer the reader's count
// had it.
func (p *probe) wait(see func(position string) (unread, error)) (time.Duration, error) {
	if len(p.unseen) >= seeEvery {
		if err := markSeen(p.reader, p.channel, p.token, p.unseen); err != nil {
			return 0, err
		}
		p.unseen = p.unseen[:0]
	}
	p.keys++
	response, answer, err := p.send.keyed(p.prefix, p.keys).send(http.StatusCreated)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	id, err := sentID(answer)
	if err != nil {
		return 0, err
	}
	p.unseen = append(p.unseen, id)
	for {
		u, err := see(response.Header.Get("Lobby-Position"))
		took := time.Since(began)
		switch {
		case err != nil:
			return 0, err
		case u.Total == len(p.unseen):
			return took, nil
		case u.Total > len(p.unseen):
			return 0, fmt.Errorf("%d messages wait, and %d are unread", len(p.unseen), u.Total)
		case took > 10*time.Second:
			return 0, fmt.Errorf("a message is not visible after %s", took)
		}
	}
}

// after reads once, behind the position of the message.
func (p *probe) after(position string) (u unread, err error) {
	p.poll.http.URL.RawQuery = url.Values{"after": {position}}.Encode()
	if err := p.poll.with("If-None-Match", `"none"`).read(&u, http.StatusOK); err != nil {
		return u, err
	}
	if u.Total != len(p.unseen) {
		err = fmt.Errorf("after the position of a message %d are unread, not %d", u.Total, len(p.unseen))
	}
	return u, err
}

// changed reads what there is, and nothing when it is what there was.
func (p *probe) changed(string) (u unread, err error) {
	p.poll.http.URL.RawQuery = ""
	response, answer, err := p.poll.with("If-None-Match", p.etag).send(http.StatusOK, http.StatusNotModified)
	if err != nil || response.StatusCode == http.StatusNotModified {
		return unread{Total: -1}, err
	}
	p.etag = response.Header.Get("ETag")
	err = json.Unmarshal(answer, &u)
	return u, err
}

// probe measures both ways of watching for a step's time each.
func (r *run) probe(p *probe, name string) error {
	for _, way := range []struct {
		name string
		see  func(string) (unread, error)
	}{{name, p.after}, {name + ", polled", p.changed}} {
		p.etag = `"none"`
		var took []time.Duration
		for began := time.Now(); time.Since(began) < r.Duration; {
			d, err := p.wait(way.see)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			took = append(took, d)
		}
		slices.Sort(took)
		row := r.report.row(way.name, 0)
		row.add("p50", "ms", milliseconds(percentile(took, 0.50)))
		row.add("p99", "ms", milliseconds(percentile(took, 0.99)))
	}
	return nil
}
