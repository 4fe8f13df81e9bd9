package person

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// Register makes a person known to Lobby. Registering the same person in the
// same way again does nothing.
type Register struct {
	Person  uuid.UUID
	Role    Role
	Profile Profile
}

func (c Register) Stream() string { return Stream(c.Person) }

func (c Register) Decide(s State) ([]Event, error) {
	switch c.Role {
	case Landlord, Tenant, ServicePro:
	default:
		return nil, domain.Bad("role", "unknown_role", "A role is landlord, tenant or service_pro.")
	}
	if err := c.Profile.check(); err != nil {
		return nil, err
	}
	if s.Registered {
		if s.Active() && s.Role == c.Role && s.Profile == c.Profile {
			return nil, nil
		}
		return nil, domain.Refuse(domain.Conflict, "already_registered", "This person is registered already, with other particulars.")
	}
	return []Event{Registered{Person: c.Person, Role: c.Role, Profile: c.Profile}}, nil
}

// Registered: a person has become known to Lobby.
type Registered struct {
	Person uuid.UUID `json:"person"`
	Role   Role      `json:"role"`
	Profile
}

func (Registered) Kind() string { return "person_registered" }

func (e Registered) Evolve(s State) State {
	s.Registered, s.Role, s.Profile = true, e.Role, e.Profile
	return s
}
