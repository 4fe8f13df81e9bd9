package readapi

import (
	"strings"
	"time"

	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

type webhooksIn struct {
	Reading
	httpapi.Page
}

func (in *webhooksIn) forPlatform() bool { return true }
func (in *webhooksIn) about() string     { return "webhooks" } // as the projection calls them all

// Webhooks is a page of the subscriptions of other programs, ended ones included.
type Webhooks struct {
	Webhooks   []Webhook `json:"webhooks" doc:"the newest first"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// Webhook is one subscription. Its secret is nowhere in what is read.
type Webhook struct {
	Webhook   string     `json:"webhook" doc:"its id"`
	URL       string     `json:"url" doc:"where to"`
	Kinds     []string   `json:"kinds" doc:"of event, as they were named"`
	CreatedAt time.Time  `json:"created_at" doc:"when it was created, UTC"`
	RotatedAt *time.Time `json:"rotated_at,omitempty" doc:"when its secret became another, the last time, UTC; absent where it never did"`
	EndedAt   *time.Time `json:"ended_at,omitempty" doc:"when it ended, UTC; absent while it has not"`
	Reason    string     `json:"reason,omitempty" enum:"deleted,gone" doc:"why it ended: the platform deleted it, or its target answered that it is gone"`
}

// webhookCursor is the last webhook of a page.
type webhookCursor struct {
	At      time.Time `json:"a"`
	Webhook string    `json:"w"`
}

// readWebhooks has no permission inside, since only the platform ever gets here.
func readWebhooks(v *view, in *webhooksIn) (*Webhooks, error) {
	from := webhookCursor{At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[webhookCursor]("Webhooks", in.Cursor); err != nil {
			return nil, err
		}
	}
	page := Webhooks{Webhooks: []Webhook{}}
	err := v.rows(func(scan func(...any) error) error {
		var w Webhook
		var kinds string
		err := scan(&w.Webhook, &w.URL, &kinds, &w.CreatedAt, &w.RotatedAt, &w.EndedAt, &w.Reason)
		w.Kinds = strings.Fields(kinds)
		page.Webhooks = append(page.Webhooks, w)
		return err
	}, `
		select webhook, url, kinds, created_at, rotated_at, ended_at, reason from webhooks
		where (created_at, webhook) < ($1, $2) order by created_at desc, webhook desc limit $3`,
		from.At, readmodel.ID(from.Webhook), in.Limit+1)
	if err != nil {
		return nil, err
	}
	if len(page.Webhooks) > in.Limit {
		page.Webhooks = page.Webhooks[:in.Limit]
		last := page.Webhooks[in.Limit-1]
		page.NextCursor = httpapi.EncodeCursor("Webhooks", webhookCursor{At: last.CreatedAt, Webhook: last.Webhook})
	}
	return &page, nil
}
