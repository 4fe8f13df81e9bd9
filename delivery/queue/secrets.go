package queue

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ErrOtherSecret refuses another secret than the one that is kept under the id.
var ErrOtherSecret = errors.New("queue: another secret is kept under this id")

// KeepSecret keeps a webhook's secret under an id, so that events can name it. It
// is on disk when this returns. Keeping the same again makes it one kept just now,
// as an event that names it may be about to come; see ForgetSecrets.
func (s *Store) KeepSecret(ctx context.Context, id, webhook uuid.UUID, secret string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.writer.durably(func(tx *transaction) error {
		kept, err := tx.exec(`
			insert into secret (id, webhook, secret, kept) values ($1, $2, $3, $4)
			on conflict (id) do update set kept = excluded.kept where webhook = excluded.webhook and secret = excluded.secret`,
			id[:], webhook[:], secret, time.Now().UnixMicro())
		switch {
		case err != nil:
			return fmt.Errorf("queue: keep a secret: %w", err)
		case kept == 0:
			return ErrOtherSecret
		}
		return nil
	})
}

// ForgetSecrets removes the secrets of a webhook that were kept before a moment,
// but for some. The moment leaves those alone that no event names yet.
func (s *Store) ForgetSecrets(ctx context.Context, webhook uuid.UUID, keep []uuid.UUID, before time.Time) error {
	ids := make([]string, len(keep))
	for i, id := range keep {
		ids[i] = hex.EncodeToString(id[:])
	}
	err := s.change(ctx, func(tx *transaction) error {
		_, err := tx.exec("delete from secret where webhook = $1 and kept < $2 and instr($3, lower(hex(id))) = 0",
			webhook[:], before.UnixMicro(), strings.Join(ids, " "))
		return err
	})
	if err != nil {
		return fmt.Errorf("queue: forget secrets of %s: %w", webhook, err)
	}
	return nil
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
