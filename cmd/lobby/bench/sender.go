package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"lobby.example/eventlog"
)

// senders send commands that write something, and keep count of what they sent.
type senders struct {
	server     *child
	operations []operation
	prefix     string // of the idempotency keys
	keys, sent atomic.Int64
	by         []*sender
}

// sender is one client.
type sender struct {
	*client
	last eventlog.Position
}

// command is a request that is sent over and over, each time under a new key.
type command struct {
	path, token string
	body        []byte
}

// toChannel is the command that writes a message.
func toChannel(channel, token string) command {
	return command{"/v1/channels/" + channel + "/messages", token, messageBody("Message to " + channel)}
}

// newSenders makes senders whose keys nobody has used before.
func newSenders(server *child) *senders {
	return &senders{server: server, prefix: uuid.NewString() + "-"}
}

// add adds a client that sends the commands in turn. It may be told what was
// written: the id of what came of the command with that index.
func (s *senders) add(commands []command, sent func(command int, id string)) {
	by := &sender{client: newClient(s.server.base)}
	requests := make([]*request, len(commands))
	for i, c := range commands {
		requests[i] = by.request(http.MethodPost, c.path, c.token, c.body)
	}
	next := len(s.by)
	s.by = append(s.by, by)
	s.operations = append(s.operations, func() error {
		i := next % len(requests)
		next++
		response, answer, err := requests[i].keyed(s.prefix, int(s.keys.Add(1))).send(http.StatusCreated)
		if err != nil {
			return err
		}
		s.sent.Add(1)
		if sent != nil {
			id, err := sentID(answer)
			if err != nil {
				return err
			}
			sent(i, id)
		}
		by.last, err = eventlog.ParsePosition(response.Header.Get("Lobby-Position"))
		return err
	})
}

// sentID is the id of what was written.
func sentID(answer []byte) (string, error) {
	var a struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(answer, &a)
	return a.ID, err
}

// settle waits until all that was sent is visible.
func (s *senders) settle(token string) error {
	var last eventlog.Position
	for _, by := range s.by {
		if by.last.Compare(last) > 0 {
			last = by.last
		}
	}
	c := newClient(s.server.base)
	defer c.close()
	_, _, err := c.request(http.MethodGet, "/v1/me?after="+last.String(), token, nil).send(http.StatusOK)
	return err
}

// close ends the connections and tells how much was sent.
func (s *senders) close() int {
	for _, by := range s.by {
		by.close()
	}
	return int(s.sent.Load())
}

// unread is the answer of UnreadCounts.
type unread struct {
	Total    int `json:"total"`
	Channels []struct {
		Channel string `json:"channel"`
		Unread  int    `json:"unread"`
	} `json:"channels"`
}

// bubble is the number of unread messages of a person, which must be the sum of
// the channels.
func bubble(server *child, token string) (int, error) {
	c := newClient(server.base)
	defer c.close()
	var u unread
	if err := c.request(http.MethodGet, "/v1/unread", token, nil).read(&u, http.StatusOK); err != nil {
		return 0, err
	}
	sum := 0
	for _, c := range u.Channels {
		sum += c.Unread
	}
	if sum != u.Total {
		return 0, fmt.Errorf("the bubble is %d, and its channels have %d", u.Total, sum)
	}
	return sum, nil
}

// markSeen marks messages as seen by the person, and waits until that is visible.
func markSeen(c *client, channel, token string, messages []string) error {
	for chunk := range slices.Chunk(messages, 500) {
		body := encoded(map[string]any{"entries": chunk})
		response, _, err := c.request(http.MethodPost, "/v1/channels/"+channel+"/seen", token, body).send(http.StatusOK)
		if err != nil {
			return err
		}
		after := "/v1/unread?after=" + response.Header.Get("Lobby-Position")
		if _, _, err := c.request(http.MethodGet, after, token, nil).send(http.StatusOK); err != nil {
			return err
		}
	}
	return nil
}
