package hook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"

	"lobby.example/domain"
)

// Reach connects to where deliveries to the URL would go, and sends no request. It
// refuses the field url with a *domain.Refusal: not_a_webhook_url, target_not_allowed
// or target_unreachable. When the context ends first, its error says so.
func (c *Client) Reach(ctx context.Context, url string) error {
	u, err := target(url)
	if err != nil {
		return domain.Bad("url", "not_a_webhook_url", "The URL is none that events can be sent to.")
	}
	attempt, cancel := c.within(ctx)
	defer cancel()
	conn, err := c.transport.NewClientConn(attempt, u.Scheme, net.JoinHostPort(u.Hostname(), u.Port()))
	switch {
	case err == nil:
		_ = conn.Close() // that it opened is all there was to learn
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("hook: reach: %w", context.Cause(ctx))
	}
	c.logger.WarnContext(ctx, "hook: a URL was refused", "host", u.Host, "err", printable(err.Error()))
	if errors.Is(err, ErrNotAllowed) {
		return domain.Bad("url", "target_not_allowed", "Events may not be sent to the address of this URL.")
	}
	return domain.Bad("url", "target_unreachable", "The URL cannot be reached: "+obstacle(err)+".")
}

// obstacle says in words of ours what is in the way, and nothing of our network.
func obstacle(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "there is no such host"
		}
		return "its host could not be looked up"
	}
	if late(err) {
		return "it took too long"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not trusted"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "the connection was refused"
	}
	return "the connection failed"
}
