package queue

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

func TestSecretsAreKeptUnderTheirIds(t *testing.T) {
	ctx, path := context.Background(), place(t)
	s := open(t, path) // any process keeps secrets
	id, webhook := uuid.New(), uuid.New()
	if _, ok, err := s.Secret(ctx, id); ok || err != nil {
		t.Errorf("there is a secret: %v", err)
	}
	must(t, s.KeepSecret(ctx, id, webhook, "one"))
	must(t, s.KeepSecret(ctx, id, webhook, "one"))
	must(t, s.KeepSecret(ctx, uuid.New(), webhook, "two"))
	for name, err := range map[string]error{
		"another secret":  s.KeepSecret(ctx, id, webhook, "two"),
		"another webhook": s.KeepSecret(ctx, id, uuid.New(), "one"),
	} {
		if !errors.Is(err, ErrOtherSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.Close())
	if secret, ok, err := open(t, path).Secret(ctx, id); secret != "one" || !ok || err != nil {
		t.Errorf("the secret is %q, %v, %v", secret, ok, err)
	}
}

func TestARemovedSecretIsNotInTheFile(t *testing.T) {
	ctx, path := context.Background(), place(t)
	s := owner(t, path)
	webhook := uuid.New()
	const secret = "a secret that nobody may find afterwards"
	inFiles := func() bool {
		files, err := filepath.Glob(path + "*")
		must(t, err)
		for _, f := range files {
			data, err := os.ReadFile(f)
			must(t, err)
			if bytes.Contains(data, []byte(secret)) {
				return true
			}
		}
		return false
	}
	must(t, s.KeepSecret(ctx, uuid.New(), webhook, secret))
	if !inFiles() {
		t.Fatal("the secret is not in the file in the first place")
	}
	must(t, s.Plan(ctx, Plan{Through: Checkpoint{Position: "1"}, Ended: []uuid.UUID{webhook}}))
	must(t, s.Close()) // which writes the log of changes into the file
	if inFiles() {
		t.Error("the secret is in the file")
	}
}

func TestAKeyIsMadeOnce(t *testing.T) {
	ctx, path := context.Background(), place(t)
	s, other := open(t, path), open(t, path)
	one, err := s.Key(ctx, "unsubscribe")
	must(t, err)
	again, err := other.Key(ctx, "unsubscribe")
	must(t, err)
	another, err := s.Key(ctx, "another")
	must(t, err)
	if len(one) != 32 || !bytes.Equal(one, again) || bytes.Equal(one, another) || bytes.Equal(one, make([]byte, 32)) {
		t.Errorf("the keys are %x, %x, %x", one, again, another)
	}
}
