package domain_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain"
)

func TestParseStreamTakesApartWhatStreamOfMade(t *testing.T) {
	category, id, err := domain.ParseStream("field", domain.StreamOf("lamp", hall))
	if category != "lamp" || id != hall || err != nil {
		t.Errorf("taken apart as %q, %s, %v", category, id, err)
	}
	for _, name := range []string{
		"", "lamp", "lamp-", "-" + hall.String(), hall.String(), "lamp-1", "lamp" + hall.String(),
		"lamp-{" + hall.String() + "}", "lamp-urn:uuid:" + hall.String(), "lamp-" + hall.String() + " ",
		"lamp-ABCDEF00-0000-4000-8000-000000000001", "lamp-" + strings.ReplaceAll(hall.String(), "-", ""), "a-b-" + hall.String(),
	} {
		category, id, err := domain.ParseStream("field", name)
		if err == nil || category != "" || id != uuid.Nil {
			t.Errorf("%q is taken apart as %q, %s", name, category, id)
		}
		checkBad(t, name, err, "not_an_id")
	}
}
