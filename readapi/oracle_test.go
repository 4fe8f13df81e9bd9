package readapi_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"lobby.example/eventlog"
)

// oracle is what people may see, computed from the log by the rules as they stand
// in the design, with no look at how the projections or queries do it.
type oracle struct {
	active   map[string]bool // of everybody who was registered
	names    map[string]string
	channels map[string]*oracleChannel
	muted    map[[2]string]bool // person, channel
	marked   map[[2]string]bool
}

type oracleChannel struct {
	between  [2]string
	open     bool // the two are connected
	listed   bool // they have been at some time
	status   map[string]string
	activity time.Time
	messages []*oracleMessage
	leases   []string // that have not ended
}

type oracleMessage struct {
	id, author, to, text string
	revision             int64
	deleted, seen        bool // by the one it is for
}

func (m *oracleMessage) waitsFor(person string) bool { return m.to == person && !m.deleted && !m.seen }

func (c *oracleChannel) has(person string) bool {
	return c != nil && (c.between[0] == person || c.between[1] == person)
}

func (c *oracleChannel) other(person string) string {
	if c.between[0] == person {
		return c.between[1]
	}
	return c.between[0]
}

func (c *oracleChannel) there() (messages []*oracleMessage) {
	for _, m := range slices.Backward(c.messages) {
		if !m.deleted {
			messages = append(messages, m)
		}
	}
	return messages
}

func (c *oracleChannel) unread(person string) (n int) {
	for _, m := range c.messages {
		if c.open && m.waitsFor(person) {
			n++
		}
	}
	return n
}

func (o *oracle) bubble(person string) (n int) {
	for name, c := range o.channels {
		if c.has(person) && !o.muted[[2]string{person, name}] {
			n += c.unread(person)
		}
	}
	return n
}

// inbox is the channels of a person, by last activity.
func (o *oracle) inbox(person string) (names []string) {
	for name, c := range o.channels {
		if c.has(person) && c.listed {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if c := o.channels[b].activity.Compare(o.channels[a].activity); c != 0 {
			return c
		}
		return strings.Compare(b, a)
	})
	return names
}

func newOracle(t testing.TB, log eventlog.Log) *oracle {
	t.Helper()
	o := &oracle{map[string]bool{}, map[string]string{}, map[string]*oracleChannel{}, map[[2]string]bool{}, map[[2]string]bool{}}
	for r, err := range log.ReadAll(t.Context(), eventlog.Position{}, eventlog.Forward, 0) {
		if err != nil {
			t.Fatal(err)
		}
		var data struct {
			Person, Name, Channel, By, To, Other, Message, Text, Lease string
			From                                                       json.RawMessage
			Messages                                                   []string
		}
		var invited struct{ From, To struct{ Person string } }
		var metadata struct {
			At time.Time `json:"occurred_at"`
		}
		if r.Kind == "invited" {
			err = json.Unmarshal(r.Data, &invited)
		} else {
			err = json.Unmarshal(r.Data, &data)
		}
		if err == nil {
			err = json.Unmarshal(r.Metadata, &metadata)
		}
		if err != nil {
			t.Fatalf("%s: %v", r.Data, err)
		}
		c := o.channels[r.Stream]
		if c == nil && strings.HasPrefix(r.Stream, "connection-") {
			c = &oracleChannel{status: map[string]string{}}
			o.channels[r.Stream] = c
		}
		both := func(status string) { c.status[c.between[0]], c.status[c.between[1]] = status, status }
		find := func(id string) *oracleMessage {
			i := slices.IndexFunc(c.messages, func(m *oracleMessage) bool { return m.id == id })
			return c.messages[i]
		}
		flag := [2]string{data.Person, data.Channel}
		switch r.Kind {
		case "person_registered":
			o.active[data.Person], o.names[data.Person] = true, data.Name
		case "profile_updated":
			o.names[data.Person] = data.Name
		case "preferences_set":
		case "person_deactivated":
			o.active[data.Person] = false
		case "channel_muted":
			o.muted[flag] = true
		case "channel_unmuted":
			o.muted[flag] = false
		case "channel_marked_unread":
			o.marked[flag] = true
		case "channel_unread_cleared":
			o.marked[flag] = false
		case "invited":
			c.between = [2]string{invited.From.Person, invited.To.Person}
			c.open, c.status[invited.From.Person], c.status[invited.To.Person] = false, "inviting", "invited"
		case "invitation_accepted":
			c.open, c.listed, c.activity = true, true, metadata.At
			both("connected")
		case "invitation_declined":
			c.open = false
			both("declined")
		case "disconnected":
			c.open, c.leases = false, nil
			both("disconnected")
		case "lease_shared":
			c.leases = append(c.leases, data.Lease)
		case "lease_ended":
			c.leases = slices.DeleteFunc(c.leases, func(l string) bool { return l == data.Lease })
		case "message_sent":
			var from string
			if err := json.Unmarshal(data.From, &from); err != nil {
				t.Fatal(err)
			}
			c.activity = metadata.At
			c.messages = append(c.messages, &oracleMessage{id: data.Message, author: from, to: data.To, text: data.Text, revision: int64(r.Revision)})
		case "messages_seen":
			for _, id := range data.Messages {
				if m := find(id); m.to == data.By {
					m.seen = true
				}
			}
		case "message_deleted":
			find(data.Message).deleted = true
		default:
			t.Fatalf("the oracle knows no %s", r.Kind)
		}
	}
	return o
}
