// Package delivery is the one door by which anything leaves Lobby: copies of
// messages by email, and events to the webhooks of other programs.
//
// It promises that what is to leave is written down together with how far the log
// has been read, so that nothing is planned twice and nothing is passed over; that
// each recipient gets things in the order of the log, at least once and under an
// id that is the same in every attempt; that right before something is sent the
// streams are read again, and nothing goes to somebody who has lost the right to
// it; and that what cannot be delivered is parked, where an operator sees it.
//
// It follows a checkpoint of its own, so a replay of read models sends nothing. It
// never decides a rule of the business, never asks a read model, and never keeps
// the content of an event: what waits names its place in the log.
package delivery

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"lobby.example/delivery/hook"
	"lobby.example/delivery/mail"
	"lobby.example/delivery/queue"
	"lobby.example/eventlog"
)

// CopyLapse is how old a message may be for a copy of it to be sent. Nobody wants
// the mail of last month because a file was lost or a log was imported.
const CopyLapse = 24 * time.Hour

// Options say what is delivered, and how.
type Options struct {
	Log   eventlog.Log
	Store *queue.Store
	// Mail sends copies of messages; without it there are none.
	Mail *mail.Sender
	// Hook calls webhooks; without it events wait.
	Hook *hook.Client
	// PublicURL is where people reach this server, without a slash at the end: the
	// links in mails begin with it.
	PublicURL string
	// Unsubscribe signs the links by which people opt out of copies.
	Unsubscribe *Unsubscribe
	// Gone puts on the record that a webhook has said it wants nothing more.
	Gone func(ctx context.Context, webhook uuid.UUID, now time.Time) error
	// Elect waits until this process may deliver, where others could, too, and
	// answers with a context that ends when it may not any more, and with what lets
	// another one deliver. Nil means that nobody else could but by the same store.
	Elect func(ctx context.Context) (context.Context, func(), error)
	// Retries says how often what fails is tried again, and when; the zero value
	// is the queue's choice.
	Retries Retries
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger gets what fails; nil means slog.Default.
	Logger *slog.Logger
}

// Retries say how often what fails is tried, and how long to wait in between.
type Retries struct {
	Attempts int                             // until it is parked
	Backoff  func(attempt int) time.Duration // after that attempt
}

// Delivery is at work from Start to Close.
type Delivery struct {
	Options
	metrics metrics
	running atomic.Bool

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// ownEvery is how often it is tried to become the one who delivers.
const ownEvery = time.Second

// Start begins to deliver where it was left, or from now on where it never was.
// While another process delivers from the same store it waits to take over. It
// fails when the stored checkpoint is no place in the log.
func Start(ctx context.Context, options Options) (*Delivery, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Retries.Attempts <= 0 {
		options.Retries.Attempts = queue.DefaultAttempts
	}
	d := &Delivery{Options: options, metrics: newMetrics()}
	if options.Elect == nil {
		if err := d.own(ctx); err != nil && !errors.Is(err, queue.ErrOwned) {
			return nil, err
		}
	}
	ctx, d.cancel = context.WithCancel(context.WithoutCancel(ctx))
	d.done.Go(func() { d.run(ctx) })
	return d, nil
}

// own makes this process the one who delivers, and finds where to begin.
func (d *Delivery) own(ctx context.Context) error {
	if err := d.Store.Own(); err != nil {
		return err
	}
	return d.begin(ctx)
}

// run delivers until the context ends. Whatever breaks off is begun anew, from
// what is stored.
func (d *Delivery) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.turn(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, queue.ErrOwned) {
			d.Logger.Error("delivery interrupted", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(ownEvery):
		}
	}
}

// turn delivers for as long as this process is the one who does.
func (d *Delivery) turn(ctx context.Context) error {
	if d.Elect != nil {
		elected, release, err := d.Elect(ctx)
		if err != nil {
			return err
		}
		defer release()
		ctx = elected
	}
	if err := d.own(ctx); err != nil {
		return err
	}
	return d.deliver(ctx)
}

// deliver runs the router once, until the context or one of its handlers ends:
// they belong together, and the others must not go on as if all were well.
func (d *Delivery) deliver(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := d.route(ctx)
	if err != nil {
		return err
	}
	ran := make(chan error, 1)
	go func() { ran <- r.Run(ctx) }()
	select {
	case <-r.Running():
	case err := <-ran:
		return err
	}
	d.running.Store(true)
	defer d.running.Store(false)
	for _, h := range r.handlers {
		go func() {
			<-h.Stopped()
			cancel()
		}()
	}
	d.tidyUntil(ctx)
	return errors.Join(<-ran, r.failed())
}

// Running reports whether this process is the one who delivers.
func (d *Delivery) Running() bool { return d.running.Load() }

// Close lets what is on its way finish, within closeTimeout, and stops. It does
// not close the store, nor the senders.
func (d *Delivery) Close() error {
	d.cancel()
	d.done.Wait()
	return nil
}

// Collect gives the figures of delivery to a registry.
func (d *Delivery) Collect(registry prometheus.Registerer) { d.metrics.register(registry, d) }
