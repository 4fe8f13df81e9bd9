package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The headers of a delivery.
const (
	DeliveryHeader  = "Lobby-Delivery"  // the same in every attempt: how a repeat is recognised
	AttemptHeader   = "Lobby-Attempt"   // from 1
	EventHeader     = "Lobby-Event"     // the kind of event
	TimestampHeader = "Lobby-Timestamp" // of the attempt, Unix seconds
	SignatureHeader = "Lobby-Signature" // "v1=<hex>", one for each secret
)

const userAgent = "Lobby-Webhook/1"

// Request is one attempt of a delivery.
type Request struct {
	URL     string
	ID      uuid.UUID // of the delivery
	Attempt int       // from 1
	Kind    string    // of the event
	Body    []byte    // JSON
	Secrets []string  // newest first; the attempt is signed with each
}

// Deliver makes one attempt. The status decides: with a 2xx the delivery is
// taken, whatever else the answer says. It fails with ErrGone for a 410 and with a
// *PermanentError for a URL that is none. Anything else may pass, ErrNotAllowed
// included. One receiver's silence holds up nobody else's delivery.
func (c *Client) Deliver(ctx context.Context, r Request) error {
	u, err := target(r.URL)
	if err != nil {
		return &PermanentError{err}
	}
	if len(r.Secrets) == 0 || slices.Contains(r.Secrets, "") {
		return errors.New("hook: there is no secret to sign with")
	}
	now := time.Now()
	signatures := make([]string, len(r.Secrets))
	for i, secret := range r.Secrets {
		signatures[i] = Sign(secret, now, r.Body)
	}
	attempt, cancel := c.within(ctx)
	defer cancel()
	post, err := http.NewRequestWithContext(attempt, http.MethodPost, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return &PermanentError{errors.New("hook: the URL makes no request")}
	}
	post.Header = http.Header{
		"Content-Type":  {"application/json"},
		"User-Agent":    {userAgent},
		DeliveryHeader:  {r.ID.String()},
		AttemptHeader:   {strconv.Itoa(r.Attempt)},
		EventHeader:     {r.Kind},
		TimestampHeader: {strconv.FormatInt(now.Unix(), 10)},
		SignatureHeader: {strings.Join(signatures, " ")},
	}
	answer, err := c.transport.RoundTrip(post)
	if err != nil {
		return c.failed(ctx, r, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return refused(answer.StatusCode, "") // what follows is no answer, and may never end
	}
	// What can be quoted, then the rest, so that the connection can be used again.
	// That an answer breaks off or comes too slowly changes nothing: we have the status.
	said, _ := io.ReadAll(io.LimitReader(answer.Body, min(c.maxResponse, quotable)))
	_, _ = io.CopyN(io.Discard, answer.Body, c.maxResponse-int64(len(said)))
	switch {
	case answer.StatusCode == http.StatusGone:
		return ErrGone
	case answer.StatusCode/100 == 2:
		return nil
	}
	return refused(answer.StatusCode, quote(said, r))
}

// refused tells the status in our words: the receiver's are its own.
func refused(status int, said string) error {
	text := fmt.Sprintf("hook: the receiver answers %d %s", status, http.StatusText(status))
	return errors.New(strings.TrimSpace(text) + said)
}
