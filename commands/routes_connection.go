package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
)

type inviteIn struct {
	KeyHeader
	Body struct {
		Person uuid.UUID `json:"person" doc:"whom to connect with"`
	}
}

func (s *Service) invite(ctx context.Context, c *call, in *inviteIn) (Execution, error) {
	from, err := s.party(ctx, "", c.Person)
	to, refused := s.party(ctx, "person", in.Body.Person)
	if err == nil {
		err = refused
	}
	from.Person, to.Person = c.Person, in.Body.Person // which say the stream, also where they are refused
	return on(s.connections, connection.Invite{From: from, To: to}), err
}

func (s *Service) acceptInvitation(_ context.Context, c *call, in *ConnectionIn) (Execution, error) {
	id, err := connectionID("connection", in.Connection)
	return on(s.connections, connection.AcceptInvitation{Connection: id, By: c.Person}), err
}

func (s *Service) declineInvitation(_ context.Context, c *call, in *ConnectionIn) (Execution, error) {
	id, err := connectionID("connection", in.Connection)
	return on(s.connections, connection.DeclineInvitation{Connection: id, By: c.Person}), err
}

func (s *Service) disconnect(_ context.Context, c *call, in *ConnectionIn) (Execution, error) {
	id, err := connectionID("connection", in.Connection)
	return on(s.connections, connection.Disconnect{Connection: id, By: c.Person}), err
}

type shareLeaseIn struct {
	ConnectionIn
	Body struct {
		Landlord     *uuid.UUID `json:"landlord,omitempty" doc:"for whom the platform does it; for nobody else to send"`
		Property     uuid.UUID  `json:"property" doc:"the property's id in the host product"`
		PropertyName string     `json:"property_name" doc:"1 to 200 characters"`
		Start        string     `json:"start" example:"2026-11-01" doc:"the first day"`
		End          string     `json:"end" example:"2027-10-31" doc:"the last day"`
	}
}

func (s *Service) shareLease(_ context.Context, c *call, in *shareLeaseIn) (Execution, error) {
	id, err := connectionID("connection", in.Connection)
	if err != nil {
		return nil, err
	}
	landlord, err := c.landlord(in.Body.Landlord)
	if err != nil {
		return nil, err
	}
	start, err := domain.ParseDate("start", in.Body.Start)
	if err != nil {
		return nil, err
	}
	end, err := domain.ParseDate("end", in.Body.End)
	if err != nil {
		return nil, err
	}
	return on(s.connections, connection.ShareLease{
		Connection: id,
		By:         landlord,
		Today:      c.today(),
		Lease: connection.Lease{
			ID:       c.newID(connection.Stream(id)),
			Property: in.Body.Property,
			Name:     in.Body.PropertyName,
			Start:    start,
			End:      end,
		},
	}), nil
}

type endLeaseIn struct {
	ConnectionIn
	ForLandlord
	Lease uuid.UUID `path:"lease" doc:"the lease"`
}

func (s *Service) endLease(_ context.Context, c *call, in *endLeaseIn) (Execution, error) {
	id, err := connectionID("connection", in.Connection)
	if err != nil {
		return nil, err
	}
	landlord, err := c.landlordOf(in.Landlord)
	return on(s.connections, connection.EndLease{Connection: id, Lease: in.Lease, By: landlord, Today: c.today()}), err
}
