package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// AttemptKey is where the metadata of a message says which attempt it is, from 1.
const AttemptKey = "attempt"

const (
	claimKey  = "claim"
	reasonKey = "reason"
)

func newMessage(ctx context.Context, t *taken) *message.Message {
	payload, _ := json.Marshal(t.Item) // Plan took nothing that has no JSON
	msg := message.NewMessageWithContext(ctx, t.ID.String(), payload)
	msg.Metadata.Set(AttemptKey, strconv.Itoa(t.attempt))
	msg.Metadata.Set(claimKey, strconv.FormatInt(t.claim, 10))
	if t.Correlation != "" {
		middleware.SetCorrelationID(t.Correlation, msg)
	}
	return msg
}

// handed is an item in the message that somebody has of it, or is offered.
type handed struct {
	*taken
	message *message.Message
	end     context.CancelFunc // of the message's context
}

func hand(messages context.Context, t *taken) *handed {
	ctx, end := context.WithCancel(messages)
	return &handed{t, newMessage(ctx, t), end}
}

// ItemOf reads the item and the attempt, from 1, out of a message of a Subscriber.
func ItemOf(msg *message.Message) (Item, int, error) {
	var i Item
	if err := json.Unmarshal(msg.Payload, &i); err != nil {
		return Item{}, 0, fmt.Errorf("queue: message %s has no item: %w", msg.UUID, err)
	}
	attempt, err := strconv.Atoi(msg.Metadata.Get(AttemptKey))
	if err != nil {
		return Item{}, 0, fmt.Errorf("queue: message %s has no attempt: %w", msg.UUID, err)
	}
	return i, attempt, nil
}

// Reasons is a middleware that has the store remember why an attempt failed, for
// the operator to see. It goes outside of what makes an error into a success.
func Reasons(h message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		produced, err := h(msg)
		if err != nil {
			msg.Metadata.Set(reasonKey, err.Error())
		}
		return produced, err
	}
}

// maxReason bounds, in bytes, what is kept of an error's text.
const maxReason = 500

// readable makes an error's text, which may quote anybody, one short line.
func readable(reason string) string {
	cut := len(reason) > maxReason
	if cut {
		reason = reason[:maxReason]
	}
	reason = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(reason, ""))
	if cut {
		reason += "…"
	}
	return reason
}
