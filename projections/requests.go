package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/maintenance"
	"lobby.example/readmodel"
)

var requests = &readmodel.Table{
	Name: "requests",
	Doc:  "the maintenance requests; who shares each stands in inbox",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "channel", Type: readmodel.Identifier, Doc: "the request, which is also its channel"},
		{Name: "landlord", Type: readmodel.Identifier},
		{Name: "submitter", Type: readmodel.Identifier, Null: true, Doc: "the tenant; null where the landlord opened it"},
		{Name: "property", Type: readmodel.Identifier},
		{Name: "property_name", Type: readmodel.Text},
		{Name: "title", Type: readmodel.Text},
		{Name: "status", Type: readmodel.Text, Doc: "new, in_progress, in_review, resolved, canceled or archived"},
		{Name: "opened_at", Type: readmodel.Time},
		{Name: "status_at", Type: readmodel.Time, Doc: "when the status became so"},
	},
}

var (
	addRequest = requests.Upsert("channel", "landlord", "submitter", "property", "property_name", "title", "status", "opened_at", "status_at")
	setStatus  = requests.Upsert("channel", "status", "status_at")
)

func projectRequests(f fact, c *changes) {
	add := func(landlord uuid.UUID, submitter any, property uuid.UUID, name, title string) {
		c.add(addRequest.Row(f.stream, landlord, submitter, property, name, title, string(maintenance.New), f.at, f.at))
		c.touch(f.stream)
	}
	switch e := f.event.(type) {
	case maintenance.RequestSubmitted:
		add(e.Landlord, e.By, e.Property, e.PropertyName, e.Title)
	case maintenance.RequestOpened:
		add(e.Landlord, nil, e.Property, e.PropertyName, e.Title)
	case maintenance.StatusSet:
		c.add(setStatus.Row(f.stream, string(e.Status), f.at))
	}
}
