package person

import (
	"strings"
	"testing"

	"lobby.example/domain"
	"lobby.example/domain/scenario"
)

var (
	lena       = scenario.ID("lena")
	profile    = Profile{Name: "Lena Berg", Email: "lena@example.org"}
	registered = Registered{Person: lena, Role: Landlord, Profile: profile}
	shutOut    = Deactivated{Person: lena}
)

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

func register(p Profile) Register { return Register{Person: lena, Role: Landlord, Profile: p} }

func update(p Profile) UpdateProfile { return UpdateProfile{Person: lena, Profile: p} }

func TestRule2_ANameHas1To200Characters(t *testing.T) {
	for _, name := range []string{"L", "Lena Berg", "李娜", strings.Repeat("é", domain.MaxNameLength)} {
		given(t).When(register(Profile{Name: name})).Then(Registered{Person: lena, Role: Landlord, Profile: Profile{Name: name}})
	}
	for name, code := range map[string]string{
		"":                       "blank",
		" \u00a0\u200b":          "blank",
		strings.Repeat("é", 201): "too_long",
		"Lena\nBerg":             "control_character",
		"Lena\tBerg":             "control_character",
		"Lena\x00":               "control_character",
		"Lena\xff":               "not_utf8",
	} {
		r := given(t).When(register(Profile{Name: name})).Refused(domain.Invalid, code)
		r2 := given(t, registered).When(update(Profile{Name: name})).Refused(domain.Invalid, code)
		if r.Field != "name" || r2.Field != "name" {
			t.Errorf("%q: fields %q, %q", name, r.Field, r2.Field)
		}
	}
}

func TestRule2_AnEmailAddressIsABareAddress(t *testing.T) {
	longest := strings.Repeat("l", 64) + "@" + strings.Repeat("example.", 23) + "other" // 254 bytes
	for _, email := range []string{"", "lena@example.org", "o'neil+flat_4@mail.example.co.uk", "jürgen@example.org", longest} {
		p := Profile{Name: "Lena", Email: email}
		given(t).When(register(p)).Then(Registered{Person: lena, Role: Landlord, Profile: p})
	}
	for email, code := range map[string]string{
		"lena":                                     "not_an_email_address",
		"lena@":                                    "not_an_email_address",
		"@example.org":                             "not_an_email_address",
		"<lena@example.org>":                       "not_an_email_address",
		"Lena <lena@example.org>":                  "not_an_email_address",
		" lena@example.org":                        "not_an_email_address",
		"lena@example.org\n":                       "not_an_email_address",
		"le na@example.org":                        "not_an_email_address",
		"lena@example.org, tom@example.org":        "not_an_email_address",
		"l" + longest:                              "too_long",
		strings.Repeat("l", 65) + "@example.org":   "not_an_email_address",
		"lena@[127.0.0.1]":                         "not_an_email_address",
		`"le na"@example.org`:                      "not_an_email_address",
		"lena@example.org\r\nBcc: tom@example.org": "control_character",
		"lena\x00@example.org":                     "control_character",
		"lena\u0085@example.org":                   "control_character",
		"lena\xff@example.org":                     "not_utf8",
	} {
		p := Profile{Name: "Lena", Email: email}
		r := given(t).When(register(p)).Refused(domain.Invalid, code)
		r2 := given(t, registered).When(update(p)).Refused(domain.Invalid, code)
		if r.Field != "email" || r2.Field != "email" {
			t.Errorf("%q: fields %q, %q", email, r.Field, r2.Field)
		}
	}
}

func TestRule4_OnlyWhoIsRegisteredAndNotDeactivatedIsActive(t *testing.T) {
	for _, c := range []struct {
		events []Event
		active bool
	}{{nil, false}, {[]Event{registered}, true}, {[]Event{registered, shutOut}, false}} {
		if got := domain.Fold(State{}, c.events...).Active(); got != c.active {
			t.Errorf("active after %v: %t", c.events, got)
		}
	}
}

func TestGoldenFold(t *testing.T) {
	scenario.GoldenFold(t, Noun, registered,
		ProfileUpdated{Person: lena, Profile: Profile{Name: "Lena Berg-Lund"}},
		PreferencesSet{Person: lena, Preferences: Preferences{NoEmailCopies: true}},
		PreferencesSet{Person: lena, Preferences: Preferences{NoDesktopNotifications: true}},
		shutOut,
	)
}
