package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"lobby.example/commands"
	"lobby.example/delivery"
	"lobby.example/delivery/hook"
	"lobby.example/delivery/mail"
	"lobby.example/delivery/queue"
	"lobby.example/eventlog"
	"lobby.example/readmodel"
)

// outward are the settings of what leaves Lobby.
type outward struct {
	smtp         string // URL of the mail server; no copies are sent where empty
	passwordFile string
	from         string
	publicURL    string
	allow        []string // ranges of addresses that webhooks may have although they are private
}

func (o *outward) flags(f *pflag.FlagSet) {
	f.StringVar(&o.smtp, "smtp", "", "mail server for copies of messages: smtp://user@host:587 (STARTTLS), smtps://user@host:465 (TLS), smtp+plain://127.0.0.1:25; no copies where empty")
	f.StringVar(&o.passwordFile, "smtp-password-file", "", "file with the password of its user")
	f.StringVar(&o.from, "smtp-from", "", "address that copies come from, like lobby@example.org")
	f.StringVar(&o.publicURL, "public-url", "", "where people reach this server, like https://lobby.example.org; links in mails begin with it")
	f.StringSliceVar(&o.allow, "webhook-allow", nil, "address or range, like 10.1.0.0/16, that webhooks may have although it is private or loopback")
}

// sender is what sends mail; nil where none is to be sent.
func (o *outward) sender(p *program) (*mail.Sender, error) {
	if o.smtp == "" {
		return nil, nil
	}
	if o.from == "" || o.publicURL == "" {
		return nil, errors.New("--smtp needs --smtp-from and --public-url as well: copies come from somewhere, and let people opt out")
	}
	if u, err := url.Parse(o.publicURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("--public-url %q is no http or https URL", o.publicURL)
	}
	var password string
	if o.passwordFile != "" {
		content, err := os.ReadFile(o.passwordFile)
		if err != nil {
			return nil, fmt.Errorf("--smtp-password-file: %w", err)
		}
		password = strings.TrimRight(string(content), "\r\n")
	}
	return mail.New(mail.Options{Server: o.smtp, Password: password, From: o.from, Connections: delivery.LettersAtOnce, Logger: p.logger})
}

// allowed are the ranges of --webhook-allow.
func (o *outward) allowed() (ranges []netip.Prefix, err error) {
	for _, text := range o.allow {
		if address, err := netip.ParseAddr(text); err == nil {
			ranges = append(ranges, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		r, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--webhook-allow: %w", err)
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}

// webhooks is what commands ask of the room that calls them.
type webhooks struct {
	*hook.Client
	store *queue.Store
}

func (w webhooks) KeepSecret(ctx context.Context, id, webhook uuid.UUID, secret string) error {
	err := w.store.KeepSecret(ctx, id, webhook, secret)
	if errors.Is(err, queue.ErrOtherSecret) {
		return fmt.Errorf("%w: %w", commands.ErrOtherSecret, err)
	}
	return err
}

// openStore opens what delivery keeps, and what commands need of it.
func (p *program) openStore(ctx context.Context, s settings) (commands.Options, error) {
	var options commands.Options
	if !s.engines.works() { // the store is where it is delivered from
		return options, nil
	}
	ranges, err := s.outward.allowed()
	if err != nil {
		return options, err
	}
	p.hook = hook.New(hook.Options{Allow: ranges, Logger: p.logger})
	p.closed = append(p.closed, p.hook.Close)
	if p.store, err = queue.Open(filepath.Join(s.data, deliveryFile)); err != nil {
		return options, err
	}
	p.closed = append(p.closed, p.store.Close)
	if p.unsubscribe, err = delivery.NewUnsubscribe(ctx, p.store); err != nil {
		return options, err
	}
	options.Webhooks = webhooks{p.hook, p.store}
	options.Unsubscribe = func(_ context.Context, token string) (uuid.UUID, bool) { return p.unsubscribe.Person(token) }
	return options, nil
}

// deliver begins to deliver.
func (p *program) deliver(ctx context.Context, s settings) error {
	sender, err := s.outward.sender(p)
	if err != nil {
		return err
	}
	if sender != nil {
		p.closed = append(p.closed, sender.Close)
	}
	options := delivery.Options{
		Log:         p.log,
		Store:       p.store,
		Mail:        sender,
		Hook:        p.hook,
		PublicURL:   strings.TrimRight(s.outward.publicURL, "/"),
		Unsubscribe: p.unsubscribe,
		Gone:        p.commands.EndWebhook,
		Logger:      p.logger,
	}
	if shared, ok := p.engine.(readmodel.Shared); ok {
		options.Elect = func(ctx context.Context) (context.Context, func(), error) { return elect(ctx, shared) }
	}
	if p.delivery, err = delivery.Start(ctx, options); err != nil {
		return err
	}
	p.closed = append(p.closed, p.delivery.Close)
	return nil
}

// checkFrom refuses what is no place to deliver from.
func checkFrom(from string) error {
	if from == delivery.FromHead || from == delivery.FromStart {
		return nil
	}
	if _, err := eventlog.ParsePosition(from); err != nil {
		return fmt.Errorf("--from is head, start or a position: %w", err)
	}
	return nil
}
