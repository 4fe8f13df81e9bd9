package commands

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
)

// RequestIn is the path that commands on a maintenance request come by.
type RequestIn struct {
	KeyHeader
	ForLandlord
	Request string `path:"request" maxLength:"100" doc:"the maintenance request, which is the id of its channel"`
}

// read finds out which request it is and as whom the caller takes part in it.
func (in *RequestIn) read(ctx context.Context, s *Service, c *call) (id uuid.UUID, by maintenance.Participant, err error) {
	category, id, err := domain.ParseStream("request", in.Request)
	if err == nil && category != maintenance.Noun.Category {
		err = maintenance.NotFound
	}
	if err != nil {
		return id, by, err
	}
	person, err := c.landlordOf(in.Landlord)
	if err != nil {
		return id, by, err
	}
	by, err = s.participant(ctx, id, person)
	if c.Platform {
		by.Connected = false // it acts for the landlord, and for nobody else who takes part
	}
	return id, by, err
}

// DescriptionBody is what somebody wants mended.
type DescriptionBody struct {
	Title       string      `json:"title" doc:"1 to 200 characters"`
	Text        string      `json:"text" doc:"the first message of the request: at most 10,000 characters, not blank unless something is attached"`
	Attachments []uuid.UUID `json:"attachments,omitempty" maxItems:"10" doc:"files that the caller has uploaded"`
}

// firstMessage is the id of the description of a new request.
func firstMessage(request uuid.UUID) uuid.UUID { return uuid.NewSHA1(request, []byte("description")) }

type submitRequestIn struct {
	KeyHeader
	Body struct {
		Connection string    `json:"connection" maxLength:"100" doc:"the connection with the landlord"`
		Property   uuid.UUID `json:"property" doc:"the property, of which the caller has an active lease"`
		DescriptionBody
	}
}

func (s *Service) submitRequest(ctx context.Context, c *call, in *submitRequestIn) (Execution, error) {
	with, err := connectionID("connection", in.Body.Connection)
	if err != nil {
		return nil, err
	}
	id, err := s.newStream(ctx, c, maintenance.Noun.Category)
	if err != nil {
		return nil, err
	}
	submit := maintenance.Submit{
		Request:     id,
		Message:     firstMessage(id),
		By:          c.Person,
		Property:    in.Body.Property,
		Title:       in.Body.Title,
		Text:        in.Body.Text,
		Attachments: in.Body.Attachments,
	}
	err = s.connections.Look(ctx, connection.Stream(with), func(state connection.State) error {
		if !state.Has(c.Person) {
			return connection.NotFound
		}
		leases := state.LeasesOf(c.Person, c.today())
		i := slices.IndexFunc(leases, func(l connection.Lease) bool { return l.Property == in.Body.Property })
		submit.Landlord = state.Other(c.Person).Person
		if submit.Leased = i >= 0; submit.Leased {
			submit.PropertyName = leases[i].Name
		}
		return nil
	})
	return onWith(s, s.requests, submit, c.Person, submit.Message, submit.Attachments), err
}

type openRequestIn struct {
	KeyHeader
	ForLandlord
	Body struct {
		Property     uuid.UUID `json:"property" doc:"the property's id in the host product"`
		PropertyName string    `json:"property_name" doc:"1 to 200 characters"`
		DescriptionBody
	}
}

func (s *Service) openRequest(ctx context.Context, c *call, in *openRequestIn) (Execution, error) {
	landlord, err := c.landlordOf(in.Landlord)
	if err != nil {
		return nil, err
	}
	id, err := s.newStream(ctx, c, maintenance.Noun.Category)
	if err != nil {
		return nil, err
	}
	party, err := s.party(ctx, "landlord", landlord)
	return onWith(s, s.requests, maintenance.Open{
		Request:      id,
		Message:      firstMessage(id),
		Landlord:     landlord,
		Role:         party.Role,
		Property:     in.Body.Property,
		PropertyName: in.Body.PropertyName,
		Title:        in.Body.Title,
		Text:         in.Body.Text,
		Attachments:  in.Body.Attachments,
	}, landlord, firstMessage(id), in.Body.Attachments), err
}

type shareRequestIn struct {
	RequestIn
	Person uuid.UUID  `path:"person" doc:"with whom"`
	Body   *ShareBody `required:"false"`
}

// ShareBody may be left out.
type ShareBody struct {
	History string `json:"history,omitempty" enum:"all,from_now" default:"all" doc:"whether the person sees the messages from before"`
}

func (s *Service) shareRequest(ctx context.Context, c *call, in *shareRequestIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	if err != nil {
		return nil, err
	}
	party, err := s.party(ctx, "person", in.Person)
	share := maintenance.Share{Request: id, By: by, With: maintenance.Party(party)}
	if in.Body != nil {
		share.History = in.Body.History
	}
	if err == nil {
		share.Connected, err = s.connected(ctx, by.Person, in.Person)
		return on(s.requests, share), err
	}
	// Who may not share the request is told that, and not whom there is.
	refused := s.requests.Look(ctx, share.Stream(), func(state maintenance.State) error {
		_, err := maintenance.Unshare{Request: id, By: by, Person: in.Person}.Decide(state)
		return err
	})
	return on(s.requests, share), cmp.Or(refused, err)
}

type unshareRequestIn struct {
	RequestIn
	Person uuid.UUID `path:"person" doc:"whom it is shared with"`
}

func (s *Service) unshareRequest(ctx context.Context, c *call, in *unshareRequestIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.requests, maintenance.Unshare{Request: id, By: by, Person: in.Person}), err
}

type setStatusIn struct {
	RequestIn
	Body struct {
		Status maintenance.Status `json:"status" enum:"new,in_progress,in_review,resolved,canceled,archived" doc:"how far it has come"`
	}
}

func (s *Service) setStatus(ctx context.Context, c *call, in *setStatusIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.requests, maintenance.SetStatus{Request: id, By: by, Status: in.Body.Status}), err
}
