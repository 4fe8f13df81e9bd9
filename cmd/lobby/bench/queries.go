package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// pageRows is how many rows a page has that is asked for.
const pageRows = 50

// queries are the reads of one person.
type queries struct {
	server     *child
	token      string
	population *population
}

func (q queries) names() []string { return []string{"inbox", "messages", "unread", "me"} }

// channels are those of the busiest person, who is in each with another.
func (q queries) channels() []*channel {
	for i, c := range q.population.channels {
		if c.a != 0 {
			return q.population.channels[:i]
		}
	}
	return q.population.channels
}

// operations makes clients that ask over and over; done closes them. The
// messages are those of all the person's channels in turn.
func (q queries) operations(name string, clients int) (operations []operation, done func()) {
	var all []*client
	for i := range clients {
		c := newClient(q.server.base)
		all = append(all, c)
		var requests []*request
		paths := map[string]string{"inbox": "/v1/inbox?limit=50", "unread": "/v1/unread", "me": "/v1/me"}
		if path, ok := paths[name]; ok {
			requests = append(requests, c.request(http.MethodGet, path, q.token, nil))
		} else {
			for _, channel := range q.channels() {
				requests = append(requests, c.request(http.MethodGet, "/v1/channels/"+channel.name()+"/messages?limit=50", q.token, nil))
			}
		}
		next := i * len(requests) / clients
		first := true
		operations = append(operations, func() error {
			_, answer, err := requests[next%len(requests)].send(http.StatusOK)
			next++
			if err == nil && first {
				first = false
				err = checkAnswer(name, answer, min(pageRows, len(q.channels())))
			}
			return err
		})
	}
	return operations, func() {
		for _, c := range all {
			c.close()
		}
	}
}

// checkAnswer looks whether an answer holds what is measured.
func checkAnswer(name string, answer []byte, channels int) error {
	var a struct {
		Channels []json.RawMessage `json:"channels"`
		Messages []json.RawMessage `json:"messages"`
		Person   string            `json:"person"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return err
	}
	ok := map[string]bool{
		"inbox":    len(a.Channels) == channels,
		"messages": len(a.Messages) == pageRows,
		"unread":   len(a.Channels) >= channels,
		"me":       a.Person == personID(0).String(),
	}
	if !ok[name] {
		return fmt.Errorf("not the answer to %s: %.200s", name, answer)
	}
	return nil
}
