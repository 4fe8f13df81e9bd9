package queue

import (
	"time"

	"github.com/google/uuid"
)

// Item is one thing to deliver: an event, to a recipient. It has no content. Who
// sends it reads the event again, and looks again whether it may.
type Item struct {
	// ID is the delivery's, the same in every attempt and after a restart, so that
	// the other side can tell a repeat. It is ItemID of recipient and event.
	ID          uuid.UUID `json:"id"`
	Topic       string    `json:"topic"`     // the way it goes: "email", "webhook"
	Recipient   string    `json:"recipient"` // in whose order it goes, for example "webhook-<uuid>"; of one topic
	Event       uuid.UUID `json:"event"`
	Stream      string    `json:"stream"`
	Revision    int64     `json:"revision"`
	Position    string    `json:"position"`
	Kind        string    `json:"kind"`
	Time        time.Time `json:"time"` // when the event happened
	Correlation string    `json:"correlation,omitempty"`
}

// deliveries is the namespace of the ids of items.
var deliveries = uuid.MustParse("0e4f6a3c-5d0b-5f0e-9a51-6f1c1d7e2b84")

// ItemID is the id of the delivery of an event to a recipient.
func ItemID(recipient string, event uuid.UUID) uuid.UUID {
	return uuid.NewSHA1(deliveries, []byte(event.String()+" "+recipient))
}
