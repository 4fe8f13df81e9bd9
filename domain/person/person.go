// Package person is one person: who they are to others and what they prefer.
//
//  1. The platform registers people; a person has one role for good.
//  2. A name is 1 to 200 characters; an email address, where there is one, is a
//     bare address at a domain name.
//  3. Only the person, or the platform, changes a profile or preferences.
//  4. A deactivated person changes nothing any more, and nobody gets in as them.
//
// It never knows whom the person is connected to.
package person

import (
	"net/mail"
	"strings"

	"github.com/google/uuid"

	"lobby.example/domain"
)

// Role is what a person is in the properties that Lobby serves.
type Role string

const (
	Landlord   Role = "landlord"
	Tenant     Role = "tenant"
	ServicePro Role = "service_pro"
)

// State is what decisions need to know of a person.
type State struct {
	Registered  bool
	Deactivated bool
	Role        Role
	Profile     Profile
	Preferences Preferences
}

// Profile is what others see of a person, but for the email address, which only
// ever serves to send copies there.
type Profile struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// Preferences are a person's own choices. The zero value is what a new person has.
type Preferences struct {
	NoEmailCopies          bool `json:"no_email_copies,omitempty"`
	NoDesktopNotifications bool `json:"no_desktop_notifications,omitempty"`
}

// Event is a fact about one person.
type Event = domain.Event[State]

// Facts is everything that can be in a person's stream.
var Facts = domain.All(
	domain.Of[Registered],
	domain.Of[ProfileUpdated],
	domain.Of[PreferencesSet],
	domain.Of[Deactivated],
)

// Noun describes people to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "person", Version: 1, Facts: Facts}

// Stream names a person's stream.
func Stream(id uuid.UUID) string { return domain.StreamOf(Noun.Category, id) }

// Active reports whether the person may act and be reached.
func (s State) Active() bool { return s.Registered && !s.Deactivated }

var (
	notRegistered = domain.Refuse(domain.NotFound, "person_not_found", "There is no such person.")
	deactivated   = domain.Refuse(domain.Conflict, "person_deactivated", "This person has been deactivated.")
)

// checkActive is rule 4, and that there is a person at all.
func (s State) checkActive() error {
	switch {
	case !s.Registered:
		return notRegistered
	case s.Deactivated:
		return deactivated
	}
	return nil
}

// check is rule 2.
func (p Profile) check() error {
	if err := domain.CheckName("name", p.Name); err != nil {
		return err
	}
	if p.Email == "" {
		return nil
	}
	if err := domain.CheckText("email", p.Email, 254); err != nil {
		return err
	}
	local, host, _ := strings.Cut(p.Email, "@") // a bare address has one
	if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > 254 || len(local) > 64 || strings.HasPrefix(host, "[") {
		return domain.Bad("email", "not_an_email_address", "An email address is written as someone@example.org.")
	}
	return nil
}
