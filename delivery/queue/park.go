package queue

import (
	"database/sql"
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

var (
	errBrokenOff = errors.New("the attempt was broken off, and is made again")
	errRetried   = errors.New("an operator wants it to be tried again")
)

// Publish fails where the message is none of a Subscriber's. It also fails where the
// attempt was broken off by the end of the subscription, or an operator's Retry came
// during it: the middleware then has it answered with a Nack, as an Ack would say
// that it was delivered. A message that is not the recipient's first any more parks
// nothing.
func (p parker) Publish(_ string, messages ...*message.Message) error {
	for _, msg := range messages {
		item, attempt, err := ItemOf(msg)
		if err != nil {
			return err
		}
		claim, err := strconv.ParseInt(msg.Metadata.Get(claimKey), 10, 64)
		if err != nil || claim == 0 {
			return fmt.Errorf("queue: message %s is not being delivered", msg.UUID)
		}
		if brokenOff(msg) {
			return fmt.Errorf("queue: park %s: %w", item.Recipient, errBrokenOff)
		}
		// The reason is known, also where a middleware ended the message's context.
		err = p.store.writer.change(func(tx *transaction) error {
			return tx.parkFirst(item, claim, attempt, readable(msg.Metadata.Get(middleware.ReasonForPoisonedKey)), time.Now())
		})
		if err != nil {
			return fmt.Errorf("queue: park %s: %w", item.Recipient, err)
		}
	}
	return nil
}

func (tx *transaction) parkFirst(i Item, claim int64, attempt int, reason string, now time.Time) error {
	if reason == "" {
		return errors.New("an item is parked for a reason")
	}
	var recipient int64
	var attempts int
	err := tx.row(`
		select id, attempts from recipient
		where name = $1 and claim = $2 and (select id from item where recipient = recipient.id order by seq limit 1) = $3`,
		i.Recipient, claim, i.ID[:]).Scan(&recipient, &attempts)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case attempts != attempt: // see settle
		return errRetried
	}
	return tx.park(recipient, reason, now)
}

// Close implements message.Publisher. There is nothing to close.
func (parker) Close() error { return nil }
