package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"
)

// demoPerson is somebody of the sample property.
type demoPerson struct {
	ID    uuid.UUID
	Name  string
	Role  string
	Token string

	flat    int    // that a tenant rents; 0 for others
	channel string // with the landlord, who has none
}

// demoPeople live and work in the sample property: the landlord first, and then
// the tenants, by flat.
var demoPeople = []struct{ name, role string }{
	{"Greta Lindqvist", "landlord"},
	{"Amara Okafor", "tenant"}, {"Jonas Weber", "tenant"}, {"Lucía Fernández", "tenant"},
	{"Noor Haddad", "tenant"}, {"Piotr Zieliński", "tenant"}, {"Yuki Tanaka", "tenant"},
	{"Marta Kovács", "service_pro"}, {"Samuel Adeyemi", "service_pro"}, {"Ilse de Vries", "service_pro"},
}

// demoProperty fills an empty Lobby by the commands that anybody would use, over
// HTTP, and counts what it sent.
type demoProperty struct {
	base       string   // of the API
	eventStore net.Addr // for its clients; nil where there is none
	key        httpapi.Key
	platform   string // token of the host product
	people     []*demoPerson
	files      map[string]uuid.UUID // the last one of each name

	messages, posts, comments, requests, uploads int

	unseen         map[uuid.UUID]bool // messages that only their author has seen
	unseenComments map[uuid.UUID]bool // that the landlord has not seen
}

func newDemoProperty(base string, key httpapi.Key) *demoProperty {
	return &demoProperty{base: base, key: key,
		files: map[string]uuid.UUID{}, unseen: map[uuid.UUID]bool{}, unseenComments: map[uuid.UUID]bool{}}
}

func (d *demoProperty) fill(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.moveIn, d.writeMessages, d.sendCopies, d.fillBoard, d.mend} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveIn registers everybody, and connects them with the landlord.
func (d *demoProperty) moveIn(ctx context.Context) (err error) {
	if d.platform, err = d.mint(httpapi.Caller{Person: uuid.New(), Platform: true}); err != nil {
		return err
	}
	for i, p := range demoPeople {
		answer, err := d.call(ctx, d.platform, http.MethodPost, "/persons", map[string]any{"name": p.name, "role": p.role, "email": emailOf(p.name)})
		if err != nil {
			return err
		}
		person := &demoPerson{ID: *answer.ID, Name: p.name, Role: p.role}
		if person.Token, err = d.mint(httpapi.Caller{Person: person.ID}); err != nil {
			return err
		}
		d.people = append(d.people, person)
		if i == 0 {
			continue
		}
		if person.channel, err = d.connect(ctx, d.landlord(), person); err != nil {
			return err
		}
		if p.role == "tenant" {
			person.flat = i
			if err := d.shareLease(ctx, person); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *demoProperty) landlord() *demoPerson { return d.people[0] }

// who finds somebody by their first name.
func (d *demoProperty) who(first string) (*demoPerson, error) {
	for _, p := range d.people {
		if strings.HasPrefix(p.Name, first+" ") {
			return p, nil
		}
	}
	return nil, fmt.Errorf("nobody in the sample property is called %q", first)
}

func (d *demoProperty) connect(ctx context.Context, a, b *demoPerson) (channel string, err error) {
	answer, err := d.call(ctx, a.Token, http.MethodPost, "/connections", map[string]any{"person": b.ID})
	if err != nil {
		return "", err
	}
	_, err = d.call(ctx, b.Token, http.MethodPost, "/connections/"+answer.Stream+"/accept", nil)
	return answer.Stream, err
}

func (d *demoProperty) shareLease(ctx context.Context, tenant *demoPerson) error {
	today := time.Now().UTC()
	_, err := d.call(ctx, d.landlord().Token, http.MethodPost, "/connections/"+tenant.channel+"/leases", map[string]any{
		"property":      propertyID(tenant.flat),
		"property_name": propertyName(tenant.flat),
		"start":         today.AddDate(0, -2-tenant.flat, 0).Format(time.DateOnly),
		"end":           today.AddDate(1, tenant.flat, 0).Format(time.DateOnly),
	})
	return err
}

// propertyID is that of a flat in the host product.
func propertyID(flat int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, "https://lobby.example/demo/flat/", flat))
}

func propertyName(flat int) string { return fmt.Sprintf("Linden Street 12, flat %d", flat) }

// demoBlock is a part of one of the texts that the property is filled with: a
// heading, and the lines up to the next empty one.
type demoBlock struct {
	heading string
	lines   []string
}

func demoBlocks(text string) (blocks []demoBlock) {
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(part, "\n")
		blocks = append(blocks, demoBlock{heading: strings.TrimPrefix(lines[0], "# "), lines: lines[1:]})
	}
	return blocks
}
