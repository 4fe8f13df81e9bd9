package queue

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// ErrOtherSecret refuses another secret than the one that is kept under the id.
var ErrOtherSecret = errors.New("queue: another secret is kept under this id")

// KeepSecret keeps a webhook's secret under an id, so that events can name it. It
// is on disk when this returns. Keeping the same again is nothing.
func (s *Store) KeepSecret(ctx context.Context, id, webhook uuid.UUID, secret string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.writer.durably(func(tx *transaction) error {
		added, err := tx.exec("insert into secret (id, webhook, secret) values ($1, $2, $3) on conflict (id) do nothing",
			id[:], webhook[:], secret)
		if err != nil {
			return fmt.Errorf("queue: keep a secret: %w", err)
		}
		if added == 1 {
			return nil
		}
		var same bool
		err = tx.row("select webhook = $2 and secret = $3 from secret where id = $1", id[:], webhook[:], secret).Scan(&same)
		switch {
		case err != nil:
			return fmt.Errorf("queue: keep a secret: %w", err)
		case !same:
			return ErrOtherSecret
		}
		return nil
	})
}

// Secret is the one under the id; false when there is none, or no more.
func (s *Store) Secret(ctx context.Context, id uuid.UUID) (string, bool, error) {
	var secret string
	err := s.read.QueryRowContext(ctx, "select secret from secret where id = $1", id[:]).Scan(&secret)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("queue: read a secret: %w", err)
	}
	return secret, true, nil
}

// Key answers 32 random bytes, the same ever after under this name: made, and on
// disk, when they are asked for first.
func (s *Store) Key(ctx context.Context, name string) ([]byte, error) {
	var key []byte
	err := s.read.QueryRowContext(ctx, "select key from key where name = $1", name).Scan(&key)
	if !errors.Is(err, sql.ErrNoRows) {
		if err != nil {
			return nil, fmt.Errorf("queue: read a key: %w", err)
		}
		return key, nil
	}
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	err = s.writer.durably(func(tx *transaction) error {
		if _, err := tx.exec("insert into key (name, key) values ($1, $2) on conflict (name) do nothing", name, fresh); err != nil {
			return err
		}
		return tx.row("select key from key where name = $1", name).Scan(&key)
	})
	if err != nil {
		return nil, fmt.Errorf("queue: make a key: %w", err)
	}
	return key, nil
}
