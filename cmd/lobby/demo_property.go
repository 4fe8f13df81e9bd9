package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

//go:embed demo.txt
var conversationsText string

// demoPerson is somebody of the sample property.
type demoPerson struct {
	ID    uuid.UUID
	Name  string
	Role  string
	Token string
}

// demoPeople live and work in the sample property: the landlord first.
var demoPeople = []struct{ name, role string }{
	{"Greta Lindqvist", "landlord"},
	{"Amara Okafor", "tenant"}, {"Jonas Weber", "tenant"}, {"Lucía Fernández", "tenant"},
	{"Noor Haddad", "tenant"}, {"Piotr Zieliński", "tenant"}, {"Yuki Tanaka", "tenant"},
	{"Marta Kovács", "service_pro"}, {"Samuel Adeyemi", "service_pro"}, {"Ilse de Vries", "service_pro"},
}

// demoProperty fills an empty Lobby by the commands that anybody would use, over
// HTTP, and counts what it sent.
type demoProperty struct {
	base     string // of the API
	key      httpapi.Key
	platform string // token of the host product
	people   []demoPerson
	messages int
	unseen   int
}

func (d *demoProperty) fill(ctx context.Context) (err error) {
	if d.platform, err = d.mint(httpapi.Caller{Person: uuid.New(), Platform: true}); err != nil {
		return err
	}
	for _, p := range demoPeople {
		answer, err := d.call(ctx, d.platform, http.MethodPost, "/persons", map[string]any{"name": p.name, "role": p.role})
		if err != nil {
			return err
		}
		person := demoPerson{ID: *answer.ID, Name: p.name, Role: p.role}
		if person.Token, err = d.mint(httpapi.Caller{Person: person.ID}); err != nil {
			return err
		}
		d.people = append(d.people, person)
	}
	landlord := d.people[0]
	for i, other := range d.people[1:] {
		channel, err := d.connect(ctx, landlord, other)
		if err != nil {
			return err
		}
		if other.Role == "tenant" {
			if err := d.shareLease(ctx, landlord, channel, i); err != nil {
				return err
			}
		}
		if err := d.converse(ctx, channel, landlord, other, 8, i); err != nil {
			return err
		}
	}
	for i, tenant := range d.people[1:4] {
		pro := d.people[7+i]
		channel, err := d.connect(ctx, pro, tenant)
		if err != nil {
			return err
		}
		if err := d.converse(ctx, channel, pro, tenant, 2, i); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoProperty) mint(caller httpapi.Caller) (string, error) {
	return d.key.Mint(caller, time.Now(), 7*24*time.Hour)
}

func (d *demoProperty) connect(ctx context.Context, a, b demoPerson) (channel string, err error) {
	answer, err := d.call(ctx, a.Token, http.MethodPost, "/connections", map[string]any{"person": b.ID})
	if err != nil {
		return "", err
	}
	_, err = d.call(ctx, b.Token, http.MethodPost, "/connections/"+answer.Stream+"/accept", nil)
	return answer.Stream, err
}

func (d *demoProperty) shareLease(ctx context.Context, landlord demoPerson, channel string, i int) error {
	today := time.Now().UTC()
	_, err := d.call(ctx, landlord.Token, http.MethodPost, "/connections/"+channel+"/leases", map[string]any{
		"property":      uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/demo/property")),
		"property_name": fmt.Sprintf("Linden Street 12, flat %d", i+1),
		"start":         today.AddDate(0, -3-i, 0).Format(time.DateOnly),
		"end":           today.AddDate(1, i, 0).Format(time.DateOnly),
	})
	return err
}

// converse lets two people write through some of the conversations for their
// roles. Each sees what the other wrote before answering; the last lines of every
// third pair stay unseen.
func (d *demoProperty) converse(ctx context.Context, channel string, a, b demoPerson, count, offset int) error {
	all := conversations(a.Role, b.Role)
	var waiting []uuid.UUID // for whoever does not speak
	var last *demoPerson
	for n := range count {
		for _, line := range all[(n+offset)%len(all)] {
			speaker := &a
			if line.second {
				speaker = &b
			}
			if last != nil && last != speaker && len(waiting) > 0 {
				if _, err := d.call(ctx, speaker.Token, http.MethodPost, "/channels/"+channel+"/seen", map[string]any{"entries": waiting}); err != nil {
					return err
				}
				waiting = nil
			}
			answer, err := d.call(ctx, speaker.Token, http.MethodPost, "/channels/"+channel+"/messages", map[string]any{"text": line.text})
			if err != nil {
				return err
			}
			waiting, last = append(waiting, *answer.ID), speaker
			d.messages++
		}
	}
	if offset%3 == 0 {
		d.unseen += len(waiting)
		return nil
	}
	reader := a
	if last == &a {
		reader = b
	}
	_, err := d.call(ctx, reader.Token, http.MethodPost, "/channels/"+channel+"/seen", map[string]any{"entries": waiting})
	return err
}

// spoken is one line of a conversation, by the first or the second person.
type spoken struct {
	second bool
	text   string
}

// conversations finds those between two roles in demo.txt.
func conversations(first, second string) (found [][]spoken) {
	for _, block := range strings.Split(strings.TrimSpace(conversationsText), "\n\n") {
		heading, lines, _ := strings.Cut(block, "\n")
		if heading != "# "+first+" "+second {
			continue
		}
		var conversation []spoken
		for _, line := range strings.Split(lines, "\n") {
			who, text, _ := strings.Cut(line, ": ")
			conversation = append(conversation, spoken{second: who == "b", text: text})
		}
		found = append(found, conversation)
	}
	return found
}

// demoAnswer is what the demo needs of a command's answer.
type demoAnswer struct {
	ID       *uuid.UUID
	Stream   string
	Position string
}

// call sends one command and fails with what the server said against it.
func (d *demoProperty) call(ctx context.Context, token, method, path string, body any) (demoAnswer, error) {
	var answer demoAnswer
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return answer, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, d.base+"/v1"+path, &content)
	if err != nil {
		return answer, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		var problem struct{ Code, Detail string }
		err := json.NewDecoder(response.Body).Decode(&problem)
		return answer, fmt.Errorf("%s %s: %s: %s %s %v", method, path, response.Status, problem.Code, problem.Detail, err)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}
