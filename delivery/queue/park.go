package queue

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// Parker is for Watermill's middleware PoisonQueue, which belongs outside of what
// retries: it parks the message's recipient, with everything behind it, for the
// reason that the middleware found. The Ack that follows leaves it so. The topic
// that it publishes to is of no account.
func (s *Store) Parker() message.Publisher { return parker{s} }

type parker struct{ store *Store }

// Publish fails where the message is none of a Subscriber's. One that is not the
// recipient's first any more, or not that attempt, parks nothing.
func (p parker) Publish(_ string, messages ...*message.Message) error {
	for _, msg := range messages {
		item, _, err := ItemOf(msg)
		if err != nil {
			return err
		}
		claim, err := strconv.ParseInt(msg.Metadata.Get(claimKey), 10, 64)
		if err != nil || claim == 0 {
			return fmt.Errorf("queue: message %s is not being delivered", msg.UUID)
		}
		// The reason is known, also where the message's context has ended.
		err = p.store.writer.change(func(tx *transaction) error {
			return tx.parkFirst(item, claim, readable(msg.Metadata.Get(middleware.ReasonForPoisonedKey)), time.Now())
		})
		if err != nil {
			return fmt.Errorf("queue: park %s: %w", item.Recipient, err)
		}
	}
	return nil
}

func (tx *transaction) parkFirst(i Item, claim int64, reason string, now time.Time) error {
	if reason == "" {
		return errors.New("an item is parked for a reason")
	}
	_, err := tx.exec(`
		update recipient set parked = 1, claim = 0, reason = $4, since = $5
		where name = $1 and claim = $2 and (select id from item where recipient = recipient.id order by seq limit 1) = $3`,
		i.Recipient, claim, i.ID[:], reason, now.UnixMicro())
	return err
}

// Close implements message.Publisher. There is nothing to close.
func (parker) Close() error { return nil }
