package projections

import (
	"strings"

	"lobby.example/domain/webhook"
	"lobby.example/readmodel"
)

var webhooks = &readmodel.Table{
	Name: "webhooks",
	Doc:  "the subscriptions of other programs, ended ones included; never a secret",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "webhook", Type: readmodel.Identifier},
		{Name: "url", Type: readmodel.Text},
		{Name: "kinds", Type: readmodel.Text, Doc: "of event, in the order in which they were named, with a space between"},
		{Name: "created_at", Type: readmodel.Time},
		{Name: "rotated_at", Type: readmodel.Time, Null: true, Doc: "when its secret became another, the last time"},
		{Name: "ended_at", Type: readmodel.Time, Null: true},
		{Name: "reason", Type: readmodel.Text, Doc: "why it ended: deleted or gone; empty while it has not"},
	},
	Indexes: []readmodel.Index{
		{Columns: []string{"created_at", "webhook"}, Doc: "a page, the newest first"},
	},
}

var (
	addWebhook    = webhooks.Upsert("webhook", "url", "kinds", "created_at")
	rotateWebhook = webhooks.Upsert("webhook", "rotated_at")
	endWebhook    = webhooks.Upsert("webhook", "ended_at", "reason")
)

// theWebhooks is the tag of all webhooks, which are only ever shown together.
const theWebhooks = "webhooks"

func projectWebhooks(f fact, c *changes) {
	switch e := f.event.(type) {
	case webhook.Created:
		c.add(addWebhook.Row(e.Webhook, e.URL, strings.Join(e.Kinds, " "), f.at))
		c.touch(theWebhooks)
	case webhook.SecretRotated:
		c.add(rotateWebhook.Row(e.Webhook, f.at))
		c.touch(theWebhooks)
	case webhook.Ended:
		c.add(endWebhook.Row(e.Webhook, f.at, string(e.Reason)))
		c.touch(theWebhooks)
	}
}
