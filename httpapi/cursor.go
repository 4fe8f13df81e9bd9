package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"lobby.example/domain"
)

const (
	cursorSum      = 8 // bytes of checksum before the value
	maxCursorBytes = 1024
)

var cursorText = base64.RawURLEncoding.Strict()

// EncodeCursor writes where a page ended as opaque text that fits a URL. It can
// be read by the same operation only. The value must be one that encoding/json
// can write.
func EncodeCursor[T any](operation string, value T) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("httpapi: a cursor of %T: %v", value, err))
	}
	sum := sumCursor(operation, data)
	return cursorText.EncodeToString(append(sum[:cursorSum:cursorSum], data...))
}

// DecodeCursor reads what EncodeCursor of the same operation wrote. Anything
// else is refused with "invalid_cursor". The checksum is no signature: a value
// is still input, and what it selects passes the same permission checks.
func DecodeCursor[T any](operation, text string) (T, error) {
	var value, none T
	refused := domain.Bad("cursor", "invalid_cursor", "this is no cursor of this list")
	if len(text) > maxCursorBytes {
		return none, refused
	}
	raw, err := cursorText.DecodeString(text)
	if err != nil || len(raw) < cursorSum {
		return none, refused
	}
	data := raw[cursorSum:]
	if sum := sumCursor(operation, data); string(sum[:cursorSum]) != string(raw[:cursorSum]) {
		return none, refused
	}
	if json.Unmarshal(data, &value) != nil {
		return none, refused
	}
	return value, nil
}

func sumCursor(operation string, data []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(operation+"\x00"), data...))
}
