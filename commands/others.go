package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
)

// What commands need to know of other streams than their own is read here, from
// the newest state of the stream itself. What it means is for the noun to decide.

// party looks up what a person brings into a connection.
func (s *Service) party(ctx context.Context, field string, id uuid.UUID) (party connection.Party, err error) {
	err = s.people.Look(ctx, person.Stream(id), func(p person.State) error {
		if !p.Active() {
			return &domain.Refusal{Reason: domain.NotFound, Code: "person_not_found", Message: "There is no such person.", Field: field}
		}
		party = connection.Party{Person: id, Role: string(p.Role)}
		return nil
	})
	return party, answerable(err)
}

// visitor is the caller with the properties that they lease from a landlord today.
func (s *Service) visitor(ctx context.Context, c *call, landlord uuid.UUID) (post.Visitor, error) {
	by := post.Visitor{Person: c.Person}
	if landlord == c.Person {
		return by, nil
	}
	err := s.connections.Look(ctx, connection.Stream(connection.Between(landlord, c.Person)), func(state connection.State) error {
		by.Properties = nil
		for _, lease := range state.ActiveLeases(c.today()) {
			if state.Rents(c.Person) {
				by.Properties = append(by.Properties, lease.Property)
			}
		}
		return nil
	})
	return by, answerable(err)
}

// visit looks at a post, and at what the caller leases from its landlord.
func (s *Service) visit(ctx context.Context, id uuid.UUID, c *call) (there post.State, by post.Visitor, err error) {
	err = s.posts.Look(ctx, post.Stream(id), func(state post.State) error {
		there = post.State{Landlord: state.Landlord, Published: state.Published, Removed: state.Removed, Audience: state.Audience}
		return nil
	})
	if err == nil && !there.Published {
		err = post.NotFound
	}
	if err != nil {
		return there, by, answerable(err)
	}
	by, err = s.visitor(ctx, c, there.Landlord)
	return there, by, err
}

// participant is a person as they stand to the landlord of a request. Whoever is
// none is refused by the command, after a retry has been recognised: they may have
// been one when they sent it first.
func (s *Service) participant(ctx context.Context, request, person uuid.UUID) (by maintenance.Participant, err error) {
	var landlord uuid.UUID // nobody where there is no such request
	err = s.requests.Look(ctx, maintenance.Stream(request), func(state maintenance.State) error { landlord = state.Landlord; return nil })
	if err != nil {
		return by, answerable(err)
	}
	by = maintenance.Participant{Person: person, Connected: person == landlord}
	if !by.Connected && landlord != uuid.Nil {
		by.Connected, err = s.connected(ctx, landlord, person)
	}
	return by, err
}

// connected tells whether two people are connected now.
func (s *Service) connected(ctx context.Context, a, b uuid.UUID) (connected bool, err error) {
	err = s.connections.Look(ctx, connection.Stream(connection.Between(a, b)), func(state connection.State) error {
		connected = state.Status == connection.Connected
		return nil
	})
	return connected, answerable(err)
}
