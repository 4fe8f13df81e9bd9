package domain

import (
	"strings"

	"github.com/google/uuid"
)

// StreamOf names the stream of one thing of a category: connection-4c2e….
func StreamOf(category string, id uuid.UUID) string { return category + "-" + id.String() }

// ParseStream takes the name of a stream apart. It refuses what StreamOf never
// made; the field is the one at fault.
func ParseStream(field, name string) (category string, id uuid.UUID, err error) {
	category, text, _ := strings.Cut(name, "-")
	if id, err = uuid.Parse(text); err != nil || category == "" || StreamOf(category, id) != name {
		return "", uuid.Nil, Bad(field, "not_an_id", "This is not an id as Lobby gives them out, like connection-1b4e28ba-2fa1-51d2-883f-0016d3cca427.")
	}
	return category, id, nil
}
