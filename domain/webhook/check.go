package webhook

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lobby.example/domain"
)

const (
	maxURLLength    = 2_000 // in characters
	maxKinds        = 100
	minSecretLength = 32
	maxSecretLength = 200
)

// checkURL is rule 1. Whether the target may be reached, and can be, the edge has
// to find out.
func checkURL(target string) error {
	if isTarget(target) {
		return nil
	}
	return domain.Bad("url", "not_a_webhook_url",
		"The target is an http or https URL of at most 2,000 characters, with a host and without user, fragment and white space.")
}

func isTarget(target string) bool {
	if !utf8.ValidString(target) || utf8.RuneCountInString(target) > maxURLLength {
		return false
	}
	// A fragment is never sent, be it empty. What cannot be seen is there to deceive.
	if strings.Contains(target, "#") || strings.ContainsFunc(target, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) {
		return false
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
		return false
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Port() == "" || err == nil && port > 0
}

// checkKinds is rule 2.
func checkKinds(kinds, known []string) error {
	if len(kinds) < 1 || len(kinds) > maxKinds {
		return domain.Bad("kinds", "kinds_count", fmt.Sprintf("A webhook names 1 to %d kinds of event.", maxKinds))
	}
	for i, kind := range kinds {
		if !slices.Contains(known, kind) {
			return domain.Bad("kinds", "unknown_kind", "There is no such kind of event.")
		}
		if slices.Contains(kinds[:i], kind) {
			return domain.Bad("kinds", "kind_twice", "A kind of event is named twice.")
		}
	}
	return nil
}

// CheckSecret is rule 3, to be asked before the secret is kept. The refusal does
// not repeat it.
func CheckSecret(secret string) error {
	switch {
	case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		return domain.Bad("secret", "not_a_secret", "A secret is printable ASCII without spaces.")
	case len(secret) < minSecretLength:
		return domain.Bad("secret", "secret_too_short", fmt.Sprintf("A secret has at least %d characters.", minSecretLength))
	case len(secret) > maxSecretLength:
		return domain.Bad("secret", "not_a_secret", fmt.Sprintf("A secret has at most %d characters.", maxSecretLength))
	}
	return nil
}
