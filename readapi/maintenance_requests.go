package readapi

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/httpapi"

	"lobby.example/readmodel"
)

type requestsIn struct {
	Reading
	httpapi.Page
	Status   string    `query:"status" enum:"new,in_progress,in_review,resolved,canceled,archived" doc:"only requests of this status"`
	Property uuid.UUID `query:"property" doc:"only requests about this property"`
	Person   uuid.UUID `query:"person" doc:"only requests in which this person takes part"`
}

// Requests is a page of the maintenance requests that the caller takes part in.
type Requests struct {
	Requests   []Request `json:"requests" doc:"the newest first"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// Request is one maintenance request.
type Request struct {
	Request      string    `json:"request" doc:"its id, which is also its channel"`
	Title        string    `json:"title" doc:"1 to 200 characters"`
	Property     string    `json:"property" doc:"the property's id in the host product"`
	PropertyName string    `json:"property_name" doc:"what the landlord calls the property"`
	Status       string    `json:"status" enum:"new,in_progress,in_review,resolved,canceled,archived" doc:"how far it has come"`
	StatusAt     time.Time `json:"status_at" doc:"when the status became so, UTC"`
	OpenedAt     time.Time `json:"opened_at" doc:"when it was submitted or opened, UTC"`
	Submitter    *string   `json:"submitter,omitempty" doc:"the tenant who submitted it; absent where the landlord opened it"`
	Landlord     Party     `json:"landlord" doc:"who decides about it"`
	SharedWith   []Party   `json:"shared_with" doc:"who else takes part, by name"`
	Unread       int       `json:"unread" doc:"messages by others that the caller has not seen; 0 once it is closed"`
}

// requestCursor is the last request of a page.
type requestCursor struct {
	At      time.Time `json:"a"`
	Request string    `json:"r"`
}

func maintenanceRequests(v *view, in *requestsIn) (*Requests, error) {
	from := requestCursor{At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[requestCursor]("MaintenanceRequests", in.Cursor); err != nil {
			return nil, err
		}
	}
	q := &filter{args: []any{v.person, from.At, readmodel.ID(from.Request), in.Limit + 1}}
	q.and(in.Status != "", `r.status = `, in.Status)
	q.and(in.Property != uuid.Nil, `r.property = `, in.Property)
	if in.Person != uuid.Nil {
		q.and(true, `exists (select 1 from inbox o where o.channel = r.channel and o.listed = true and o.person = `, in.Person)
		q.where += `)`
	}
	v.dependsOnRequests()
	page := Requests{Requests: []Request{}}
	err := v.rows(func(scan func(...any) error) error {
		var r Request
		err := scan(&r.Request, &r.Title, &r.Property, &r.PropertyName, &r.Status, &r.StatusAt, &r.OpenedAt, &r.Submitter,
			&r.Landlord.Person, &r.Landlord.Name, &r.Landlord.Role, &r.Landlord.Active, &r.Unread)
		page.Requests = append(page.Requests, r)
		return err
	}, `
		select r.channel, r.title, r.property, r.property_name, r.status, r.status_at, r.opened_at, r.submitter,
			w.person, w.name, w.role, not w.deactivated, `+entriesOf+`
		from (`+entered+` and i.listed = true) x join requests r on r.channel = x.channel join people w on w.person = r.landlord
		where (r.opened_at, r.channel) < ($2, $3)`+q.where+`
		order by r.opened_at desc, r.channel desc limit $4`, q.args...)
	if err != nil {
		return nil, err
	}
	if len(page.Requests) > in.Limit {
		page.Requests = page.Requests[:in.Limit]
		last := page.Requests[in.Limit-1]
		page.NextCursor = httpapi.EncodeCursor("MaintenanceRequests", requestCursor{At: last.OpenedAt, Request: last.Request})
	}
	for i := range page.Requests {
		r := &page.Requests[i]
		if r.SharedWith, err = v.sharers(r.Request, r.Landlord.Person); err != nil {
			return nil, err
		}
	}
	return &page, nil
}

// sharers are those who share a request that the caller takes part in.
func (v *view) sharers(request, landlord string) ([]Party, error) {
	people := []Party{}
	err := v.rows(func(scan func(...any) error) error {
		var p Party
		err := scan(&p.Person, &p.Name, &p.Role, &p.Active)
		people = append(people, p)
		return err
	}, `select w.person, w.name, w.role, not w.deactivated from inbox i join people w on w.person = i.person
		where i.channel = $1 and i.listed = true and i.person <> $2 order by w.name_key, w.person`, readmodel.ID(request), readmodel.ID(landlord))
	return people, err
}
