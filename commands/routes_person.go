package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/person"
)

// ProfileBody is exported because the schema of a body leaves out what is not.
type ProfileBody struct {
	Name  string `json:"name" minLength:"1" doc:"1 to 200 characters"`
	Email string `json:"email,omitempty" doc:"where copies of messages go; shown to nobody else"`
}

func (b ProfileBody) profile() person.Profile { return person.Profile{Name: b.Name, Email: b.Email} }

type registerPersonIn struct {
	KeyHeader
	Body struct {
		Person *uuid.UUID  `json:"person,omitempty" doc:"the person's id in the host product; made up where absent"`
		Role   person.Role `json:"role" enum:"landlord,tenant,service_pro" doc:"what the person is, for good"`
		ProfileBody
	}
}

func (s *Service) registerPerson(_ context.Context, c *call, in *registerPersonIn) (Execution, error) {
	if err := c.platformOnly(); err != nil {
		return nil, err
	}
	id := uuid.New()
	switch {
	case in.Body.Person != nil && *in.Body.Person == uuid.Nil: // which stands for nobody
		return nil, domain.Bad("person", "not_an_id", "This is not the id of a person.")
	case in.Body.Person != nil:
		id = *in.Body.Person
	case c.key != "":
		// without the day: the same person stays the same, however late the retry
		id = uuid.NewSHA1(commandIDs, []byte(c.Person.String()+"\x00"+c.operation+"\x00"+c.key))
	}
	c.made = id
	c.named = true
	return on(s.people, person.Register{Person: id, Role: in.Body.Role, Profile: in.Body.profile()}), nil
}

type PersonIn struct {
	KeyHeader
	Person uuid.UUID `path:"person" doc:"the person"`
}

type updateProfileIn struct {
	PersonIn
	Body ProfileBody
}

func (s *Service) updateProfile(_ context.Context, c *call, in *updateProfileIn) (Execution, error) {
	return on(s.people, person.UpdateProfile{Person: in.Person, Profile: in.Body.profile()}), c.self(in.Person)
}

type setPreferencesIn struct {
	PersonIn
	Body struct {
		EmailCopies          bool `json:"email_copies" doc:"others may send copies of messages to the person's email address"`
		DesktopNotifications bool `json:"desktop_notifications" doc:"new messages show as notifications of the desktop"`
	}
}

func (s *Service) setPreferences(_ context.Context, c *call, in *setPreferencesIn) (Execution, error) {
	return on(s.people, person.SetPreferences{Person: in.Person, Preferences: person.Preferences{
		NoEmailCopies:          !in.Body.EmailCopies,
		NoDesktopNotifications: !in.Body.DesktopNotifications,
	}}), c.self(in.Person)
}

func (s *Service) deactivatePerson(_ context.Context, c *call, in *PersonIn) (Execution, error) {
	return on(s.people, person.Deactivate{Person: in.Person}), c.self(in.Person)
}
