package domain_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

func TestAnEventIsReadAsItWasWritten(t *testing.T) {
	scenario.Given(t, lamps, lit{Lamp: hall, Watt: 40}, wentOut{Lamp: hall}).
		When(light{Lamp: hall}).Then(lit{Lamp: hall}).Again().Nothing()
}

func TestKindsAreInTheOrderOfTheCatalogue(t *testing.T) {
	want := []string{"lamp_lit", "lamp_went_out", "lamp_kindled"}
	kinds := lamps.Facts.Kinds()
	if !slices.Equal(kinds, want) {
		t.Errorf("kinds %q", kinds)
	}
	kinds[0] = "changed"
	if !slices.Equal(lamps.Facts.Kinds(), want) {
		t.Error("the catalogue can be changed from outside")
	}
}

func TestAnOldKindIsReadAsTheEventThatTookItsPlace(t *testing.T) {
	data := []byte(`{"lamp":"00000000-0000-4000-8000-000000000001","candlewick":true}`)
	for _, decode := range []func(string, []byte) (any, error){
		lamps.Facts.DecodeAny,
		func(kind string, data []byte) (any, error) { return lamps.Facts.Decode(kind, data) },
	} {
		e, err := decode("lamp_kindled", data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(any(lit{Lamp: hall, Watt: 1}), e); diff != "" {
			t.Errorf("read (-want +got):\n%s", diff)
		}
	}
}

func TestFieldsThatAreUnknownOrMissingAreTolerated(t *testing.T) {
	for _, data := range []string{
		`{"lamp":"00000000-0000-4000-8000-000000000001","watt":40,"colour":{"warm":true}}`,
		`{"watt":40,"lamp":"00000000-0000-4000-8000-000000000001"}`,
	} {
		if e, err := lamps.Facts.Decode("lamp_lit", []byte(data)); err != nil || e != (lit{Lamp: hall, Watt: 40}) {
			t.Errorf("%s is read as %+v, %v", data, e, err)
		}
	}
	if e, err := lamps.Facts.Decode("lamp_lit", []byte(`{}`)); err != nil || e != (lit{}) {
		t.Errorf("{} is read as %+v, %v", e, err)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for _, kind := range []string{"", "lamp_broken", "LAMP_LIT"} {
		if _, err := lamps.Facts.Decode(kind, []byte("{}")); !errors.Is(err, domain.ErrUnknownKind) {
			t.Errorf("kind %q: %v", kind, err)
		}
	}
	for _, kind := range lamps.Facts.Kinds() {
		for _, data := range []string{"", "{", `[]`, `{"lamp":"somewhere"}`, `{"lamp":1}`} {
			e, err := lamps.Facts.Decode(kind, []byte(data))
			if err == nil || errors.Is(err, domain.ErrUnknownKind) || e != nil {
				t.Errorf("%s %s: %v, %v", kind, data, e, err)
			}
		}
	}
}

// impostor has the kind of an event of the catalogue, and is none of it.
type impostor struct{ lit }

// unlisted is an event that somebody forgot to list.
type unlisted struct{ lit }

func (unlisted) Kind() string { return "lamp_unlisted" }

func TestOnlyEventsOfTheCatalogueAreWritten(t *testing.T) {
	for _, e := range []lampEvent{impostor{}, unlisted{}, &lit{}} {
		if data, err := lamps.Facts.Encode(e); !errors.Is(err, domain.ErrUnknownKind) {
			t.Errorf("%T is written as %s, %v", e, data, err)
		}
	}
	t.Run("and never under an old kind", func(t *testing.T) {
		e, err := lamps.Facts.Decode("lamp_kindled", []byte("{}"))
		if err != nil || e.Kind() != "lamp_lit" {
			t.Errorf("read as %v, %v", e, err)
		}
	})
}

func TestTwoFactsOfOneKindPanic(t *testing.T) {
	for name, all := range map[string]func(){
		"the same event":         func() { domain.All(domain.Of[lit], domain.Of[wentOut], domain.Of[lit]) },
		"another event":          func() { domain.All(domain.Of[lit], domain.Of[impostor]) },
		"an old kind, read once": func() { domain.All(domain.Of[lit], domain.Upcast(func(old lit) lit { return old })) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r != `domain: two facts of kind "lamp_lit"` {
					t.Errorf("panic %v", r)
				}
			}()
			all()
		})
	}
}
