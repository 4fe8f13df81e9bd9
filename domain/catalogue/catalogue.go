// Package catalogue knows every noun's facts, for whoever reads the whole log.
//
// It promises that whatever a noun can write, a reader of the log can decode,
// knowing nothing but the stream's name. It never decides anything.
package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lobby.example/domain"
	"lobby.example/domain/attachment"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
	"lobby.example/domain/webhook"
)

// facts is one noun's catalogue, without its state's type.
type facts interface {
	Kinds() []string
	DecodeAny(kind string, data []byte) (any, error)
}

// nouns is all there is, by category of stream.
var nouns = map[string]facts{
	person.Noun.Category:      person.Facts,
	connection.Noun.Category:  connection.Facts,
	post.Noun.Category:        post.Facts,
	maintenance.Noun.Category: maintenance.Facts,
	attachment.Noun.Category:  attachment.Facts,
	reader.Noun.Category:      reader.Facts,
	webhook.Noun.Category:     webhook.Facts,
}

// Categories lists the categories of streams, in order.
func Categories() []string { return slices.Sorted(maps.Keys(nouns)) }

// Kinds lists the kinds of event in streams of a category, in catalogue order.
func Kinds(category string) []string {
	if noun, ok := nouns[category]; ok {
		return noun.Kinds()
	}
	return nil
}

// Decode reads a stored event of a stream as the noun's own event type. It fails
// with domain.ErrUnknownKind for a stream or kind that no noun has.
func Decode(stream, kind string, data []byte) (any, error) {
	category, _, _ := strings.Cut(stream, "-")
	noun, ok := nouns[category]
	if !ok {
		return nil, fmt.Errorf("%w: %q in stream %s", domain.ErrUnknownKind, kind, stream)
	}
	return noun.DecodeAny(kind, data)
}
