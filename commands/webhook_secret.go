package commands

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"lobby.example/domain/webhook"
)

// Webhooks is what the commands on webhooks need of the room that delivers. It is
// safe for concurrent use.
type Webhooks interface {
	// Reach finds out whether a target can be told of anything: a *domain.Refusal
	// says why it cannot.
	Reach(ctx context.Context, url string) error
	// KeepSecret keeps what a webhook's deliveries are signed with, under an id, before
	// anything refers to it. The same again is fine; another secret under the id is
	// refused with an error that matches ErrOtherSecret, and the first one stays. No
	// error repeats the secret.
	KeepSecret(ctx context.Context, id, webhook uuid.UUID, secret string) error
}

// ErrOtherSecret says that another secret is kept under the id.
var ErrOtherSecret = errors.New("commands: another secret is kept under this id")

// Secret is what signs the deliveries to a webhook. Wherever a request is written,
// to be logged or to be hashed, it is left out.
type Secret string

const hidden = "(secret)"

func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }

// keeping is a command that refers to a secret. The secret is kept before the event
// that names its id: a crash in between leaves a secret that signs nothing, never a
// webhook whose deliveries nobody can sign.
type keeping struct {
	execution[webhook.State]
	delivery Webhooks
	webhook  uuid.UUID
	secret   Secret
	id       func(command uuid.UUID) uuid.UUID // under which the secret is kept
	target   string                            // that has to be reached first, if any
}

// Run reaches nothing and keeps nothing for what would be refused. A retry reaches
// nothing either, but has to bring the same secret, which no hash of what was asked
// tells.
func (k keeping) Run(ctx context.Context, request Request) (Result, error) {
	earlier, ok, err := k.remembered(ctx, request)
	if ok || err != nil {
		return earlier, err
	}
	if refused := k.prepare(ctx, request); refused != nil {
		// The same request, sent twice at once, may have been executed meanwhile.
		if earlier, ok, err := k.remembered(ctx, request); ok || err != nil {
			return earlier, err
		}
		return Result{}, refused
	}
	return k.execution.Run(ctx, request)
}

// remembered is what an earlier request left behind, if it had the same secret. One
// that has ended has no secrets any more, and must not get one again.
func (k keeping) remembered(ctx context.Context, request Request) (Result, bool, error) {
	earlier, ok, err := k.Remembered(ctx, request)
	if !ok || err != nil {
		return earlier, ok, err
	}
	var active bool
	if err := k.streams.Look(ctx, k.Stream(), func(w webhook.State) error { active = w.Active; return nil }); err != nil {
		return Result{}, false, err
	}
	if active {
		err = k.keep(ctx, earlier.Command)
	}
	return earlier, err == nil, err
}

func (k keeping) prepare(ctx context.Context, request Request) error {
	err := k.streams.Look(ctx, k.Stream(), func(state webhook.State) error {
		_, err := k.Decide(state)
		return err
	})
	if err == nil && k.target != "" {
		err = k.delivery.Reach(ctx, k.target)
	}
	if err != nil {
		return err
	}
	return k.keep(ctx, request.Command)
}

func (k keeping) keep(ctx context.Context, command uuid.UUID) error {
	err := k.delivery.KeepSecret(ctx, k.id(command), k.webhook, string(k.secret))
	if errors.Is(err, ErrOtherSecret) {
		return KeyReused
	}
	return err
}
