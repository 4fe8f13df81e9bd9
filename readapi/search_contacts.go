package readapi

import (
	"strconv"
	"strings"
	"time"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

type searchContactsIn struct {
	Reading
	httpapi.Page
	Name   string `query:"name" maxLength:"200" doc:"how words of the name begin, in any order, without regard to case and accents"`
	Status string `query:"status" enum:"connected,invited,inviting,declined,disconnected" default:"connected" doc:"how the contact stands to the caller: invited is an invitation that waits for the caller"`
}

// Contacts is a page of the caller's contacts, by name.
type Contacts struct {
	Contacts   []Contact `json:"contacts" doc:"by name"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// Contact is a person whom the caller is or was connected with, or an invitation.
type Contact struct {
	Party
	Channel string    `json:"channel" doc:"the connection, which is also the channel of the two"`
	Status  string    `json:"status" doc:"how the contact stands to the caller: connected, invited, inviting, declined or disconnected"`
	Since   time.Time `json:"since" doc:"when the status became so"`
	Leases  []Lease   `json:"leases" doc:"that the two share and that have not ended, by first day"`
	key     string
}

// Lease is a lease that two people share.
type Lease struct {
	Lease        string      `json:"lease" doc:"its id"`
	Property     string      `json:"property" doc:"the property's id in the host product"`
	PropertyName string      `json:"property_name" doc:"what the landlord calls the property"`
	Start        domain.Date `json:"start" doc:"the first day"`
	End          domain.Date `json:"end" doc:"the last day"`
	Active       bool        `json:"active" doc:"today is one of its days, in UTC"`
}

// contactCursor is the last contact of a page.
type contactCursor struct {
	Key    string `json:"k"`
	Person string `json:"p"`
}

// maxWords bounds the words of one search.
const maxWords = 5

func searchContacts(v *view, in *searchContactsIn) (*Contacts, error) {
	var from contactCursor
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[contactCursor]("SearchContacts", in.Cursor); err != nil {
			return nil, err
		}
	}
	words := readmodel.Words(in.Name)
	if len(words) > maxWords {
		return nil, domain.Bad("name", "too_many_words", "A search has at most 5 words.")
	}
	if len(words) == 0 && strings.TrimSpace(in.Name) != "" {
		return &Contacts{Contacts: []Contact{}}, nil // no name has such words
	}
	args := []any{v.person, in.Status, from.Key, readmodel.ID(from.Person), in.Limit + 1}
	var named strings.Builder
	for _, word := range words {
		n := len(args)
		named.WriteString(` and exists (select 1 from people_words w where w.person = k.other and w.word >= $` +
			strconv.Itoa(n+1) + ` and w.word < $` + strconv.Itoa(n+2) + `)`)
		args = append(args, word, word+"\U0010FFFF")
	}
	page := Contacts{Contacts: []Contact{}}
	err := v.rows(func(scan func(...any) error) error { return page.add(v, scan) }, `
		select k.*, l.lease, l.property, l.property_name, l.first_day, l.last_day from (
			select p.name_key, k.other, p.name, p.role, not p.deactivated, k.channel, k.status, k.since
			from contacts k join people p on p.person = k.other
			where k.person = $1 and k.status = $2 and (p.name_key, k.other) > ($3, $4)`+named.String()+`
			order by p.name_key, k.other limit $5) k
		left join leases l on l.channel = k.channel and l.ended = ''
		order by k.name_key, k.other, l.first_day, l.lease`, args...)
	if err != nil {
		return nil, err
	}
	if len(page.Contacts) > in.Limit {
		page.Contacts = page.Contacts[:in.Limit]
		last := page.Contacts[in.Limit-1]
		page.NextCursor = httpapi.EncodeCursor("SearchContacts", contactCursor{Key: last.key, Person: last.Person})
	}
	return &page, nil
}

// add takes up a row: a contact, with one of its leases.
func (p *Contacts) add(v *view, scan func(...any) error) error {
	var c Contact
	var lease, property, name, start, end *string
	if err := scan(&c.key, &c.Person, &c.Name, &c.Role, &c.Active, &c.Channel, &c.Status, &c.Since,
		&lease, &property, &name, &start, &end); err != nil {
		return err
	}
	if n := len(p.Contacts); n == 0 || p.Contacts[n-1].Person != c.Person {
		c.Leases = []Lease{}
		p.Contacts = append(p.Contacts, c)
	}
	if lease == nil {
		return nil
	}
	l := connection.Lease{Start: domain.Date(*start), End: domain.Date(*end)}
	if l.Over(v.today) {
		return nil // its event is on the way
	}
	last := &p.Contacts[len(p.Contacts)-1]
	last.Leases = append(last.Leases, Lease{Lease: *lease, Property: *property, PropertyName: *name, Start: l.Start, End: l.End, Active: l.Active(v.today)})
	return nil
}
