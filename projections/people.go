package projections

import (
	"github.com/google/uuid"

	"lobby.example/domain/person"
	"lobby.example/readmodel"
)

var people = &readmodel.Table{
	Name: "people",
	Doc:  "everybody who was ever registered",
	Key:  1,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier, Doc: "the person's id"},
		{Name: "role", Type: readmodel.Text, Doc: "landlord, tenant or service_pro"},
		{Name: "name", Type: readmodel.Text},
		{Name: "name_key", Type: readmodel.Text, Doc: "the name folded for ordering and searching"},
		{Name: "email", Type: readmodel.Text, Doc: "shown to the person only; empty where there is none"},
		{Name: "no_email_copies", Type: readmodel.Boolean},
		{Name: "no_desktop_notifications", Type: readmodel.Boolean},
		{Name: "deactivated", Type: readmodel.Boolean},
	},
}

var peopleWords = &readmodel.Table{
	Name: "people_words",
	Doc:  "the words of each name, folded, for finding people by how a word begins",
	Key:  2,
	Columns: []readmodel.Column{
		{Name: "person", Type: readmodel.Identifier},
		{Name: "word", Type: readmodel.Text},
	},
}

var (
	registerPerson   = people.Upsert("person", "role", "name", "name_key", "email")
	updateProfile    = people.Upsert("person", "name", "name_key", "email")
	setPreferences   = people.Upsert("person", "no_email_copies", "no_desktop_notifications")
	deactivatePerson = people.Upsert("person", "deactivated")
	nameWord         = peopleWords.Upsert("person", "word")
)

func projectPeople(f fact, c *changes) {
	switch e := f.event.(type) {
	case person.Registered:
		c.add(registerPerson.Row(e.Person, string(e.Role), e.Name, readmodel.Fold(e.Name), e.Email))
		addWords(e.Person, e.Name, c)
		c.touch(id(e.Person))
	case person.ProfileUpdated:
		c.add(updateProfile.Row(e.Person, e.Name, readmodel.Fold(e.Name), e.Email))
		c.add(readmodel.Statement(`delete from people_words where person = $1`, e.Person))
		addWords(e.Person, e.Name, c)
		c.all = true // whoever sees the name
	case person.PreferencesSet:
		c.add(setPreferences.Row(e.Person, e.NoEmailCopies, e.NoDesktopNotifications))
		c.touch(id(e.Person))
	case person.Deactivated:
		c.add(deactivatePerson.Row(e.Person, true))
		c.all = true
	}
}

func addWords(person uuid.UUID, name string, c *changes) {
	for _, word := range readmodel.Words(name) {
		c.add(nameWord.Row(person, word))
	}
}
