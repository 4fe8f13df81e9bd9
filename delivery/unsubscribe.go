package delivery

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"lobby.example/delivery/queue"
)

// Unsubscribe signs the links by which people opt out of copies by email, without
// having to log in. A link is good for ever, for that one thing.
type Unsubscribe struct{ key []byte }

// NewUnsubscribe signs with the key in the store, made where there is none.
func NewUnsubscribe(ctx context.Context, store *queue.Store) (*Unsubscribe, error) {
	key, err := store.Key(ctx, "unsubscribe")
	return &Unsubscribe{key: key}, err
}

// Token names a person in a link. Only this store's key makes it.
func (u *Unsubscribe) Token(person uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(person[:], u.sign(person)...))
}

// Person is whom a token names.
func (u *Unsubscribe) Person(token string) (uuid.UUID, bool) {
	content, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(content) != 32 {
		return uuid.Nil, false
	}
	person := uuid.UUID(content[:16])
	return person, hmac.Equal(content[16:], u.sign(person))
}

func (u *Unsubscribe) sign(person uuid.UUID) []byte {
	mac := hmac.New(sha256.New, u.key)
	mac.Write(person[:])
	return mac.Sum(nil)[:16]
}
