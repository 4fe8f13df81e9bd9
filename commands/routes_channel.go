package commands

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/domain/person"
	"lobby.example/domain/post"
	"lobby.example/domain/reader"
)

// board is the category of the channels that have no stream: board-<landlord>.
const board = "board"

type sendMessageIn struct {
	ChannelIn
	Body struct {
		Text        string      `json:"text" doc:"at most 10,000 characters, not blank unless something is attached"`
		Attachments []uuid.UUID `json:"attachments,omitempty" maxItems:"10" doc:"files that the caller has uploaded"`
		EmailCopy   bool        `json:"email_copy,omitempty" doc:"in a channel of two: the sender asks for a copy to the recipient's email address, which nobody can take back; it is sent where the operator has a mail server and the recipient takes copies, and does not count as seen"`
	}
}

func (s *Service) sendMessage(ctx context.Context, c *call, in *sendMessageIn) (Execution, error) {
	category, id, err := domain.ParseStream("channel", in.Channel)
	if err != nil {
		return nil, err
	}
	message := c.newID(in.Channel)
	switch category {
	case connection.Noun.Category:
		return onWith(s, s.connections, connection.SendMessage{
			Connection:  id,
			Message:     message,
			From:        c.Person,
			Text:        in.Body.Text,
			Attachments: in.Body.Attachments,
			EmailCopy:   in.Body.EmailCopy,
		}, c.Person, message, in.Body.Attachments), nil
	case maintenance.Noun.Category:
		by, err := s.participant(ctx, id, c.Person)
		return onWith(s, s.requests, maintenance.SendMessage{
			Request:     id,
			Message:     message,
			By:          by,
			Text:        in.Body.Text,
			Attachments: in.Body.Attachments,
		}, c.Person, message, in.Body.Attachments), err
	}
	return nil, connection.NotFound
}

type deleteMessageIn struct {
	ChannelIn
	Message uuid.UUID `path:"message" doc:"the message"`
}

func (s *Service) deleteMessage(ctx context.Context, c *call, in *deleteMessageIn) (Execution, error) {
	category, id, err := domain.ParseStream("channel", in.Channel)
	if err != nil {
		return nil, err
	}
	switch category {
	case connection.Noun.Category:
		return on(s.connections, connection.DeleteMessage{Connection: id, Message: in.Message, By: c.Person}), nil
	case maintenance.Noun.Category:
		by, err := s.participant(ctx, id, c.Person)
		return on(s.requests, maintenance.DeleteMessage{Request: id, Message: in.Message, By: by}), err
	}
	return nil, connection.NotFound
}

type markSeenIn struct {
	ChannelIn
	Body struct {
		Entries []uuid.UUID `json:"entries" minItems:"1" maxItems:"500" doc:"the entries that were displayed to the caller: messages; of a post, its comments for the landlord, and for everybody else the post itself by its own id"`
	}
}

func (s *Service) markSeen(ctx context.Context, c *call, in *markSeenIn) (Execution, error) {
	category, id, err := domain.ParseStream("channel", in.Channel)
	if err != nil {
		return nil, err
	}
	switch category {
	case connection.Noun.Category:
		return on(s.connections, connection.MarkSeen{Connection: id, By: c.Person, Entries: in.Body.Entries}), nil
	case maintenance.Noun.Category:
		by, err := s.participant(ctx, id, c.Person)
		return on(s.requests, maintenance.MarkSeen{Request: id, By: by, Entries: in.Body.Entries}), err
	case post.Noun.Category:
		return s.markPostSeen(ctx, c, id, in.Body.Entries)
	}
	return nil, connection.NotFound
}

// markPostSeen is about comments for the landlord, and about the post for others.
func (s *Service) markPostSeen(ctx context.Context, c *call, id uuid.UUID, entries []uuid.UUID) (Execution, error) {
	there, by, err := s.visit(ctx, id, c)
	if err == nil && there.Landlord == c.Person {
		return on(s.posts, post.MarkCommentsSeen{Post: id, By: c.Person, Entries: entries}), nil
	}
	if err == nil && !there.Sees(by) {
		err = post.NotFound
	}
	if err == nil && !slices.Contains(entries, id) {
		err = domain.Bad("entries", "not_the_post", "Only the landlord marks comments as seen; name the post by its own id.")
	}
	return on(s.readers, reader.SeePost{Person: c.Person, Post: id, Landlord: there.Landlord}), err
}

type markUnreadIn struct {
	ChannelIn
	Body struct {
		Unread bool `json:"unread" doc:"true puts the mark on the channel, false takes it away"`
	}
}

func (s *Service) markUnread(ctx context.Context, c *call, in *markUnreadIn) (Execution, error) {
	err := s.canRead(ctx, c, in.Channel)
	return on(s.readers, reader.MarkUnread{Person: c.Person, Channel: in.Channel, Unread: in.Body.Unread}), err
}

type muteChannelIn struct {
	ChannelIn
	Body struct {
		Muted bool `json:"muted" doc:"true mutes the channel or board, false lifts that"`
	}
}

func (s *Service) muteChannel(ctx context.Context, c *call, in *muteChannelIn) (Execution, error) {
	err := s.canRead(ctx, c, in.Channel)
	return on(s.readers, reader.MuteChannel{Person: c.Person, Channel: in.Channel, Muted: in.Body.Muted}), err
}

// canRead refuses a channel that is not there for the caller.
func (s *Service) canRead(ctx context.Context, c *call, channel string) error {
	category, id, err := domain.ParseStream("channel", channel)
	if err != nil {
		return err
	}
	there := false
	switch category {
	case connection.Noun.Category:
		err = s.connections.Look(ctx, channel, func(state connection.State) error { there = state.Has(c.Person); return nil })
	case maintenance.Noun.Category:
		var by maintenance.Participant
		if by, err = s.participant(ctx, id, c.Person); err == nil {
			err = s.requests.Look(ctx, channel, func(state maintenance.State) error { there = state.Has(by); return nil })
		}
	case board:
		there, err = s.seesBoard(ctx, c, id)
	}
	if err == nil && !there {
		err = connection.NotFound
	}
	return err
}

// seesBoard tells whether a landlord's board is there for the caller: it is for
// the landlord and for those who have an active lease.
func (s *Service) seesBoard(ctx context.Context, c *call, landlord uuid.UUID) (there bool, err error) {
	if landlord == c.Person {
		err = s.people.Look(ctx, person.Stream(landlord), func(p person.State) error { there = p.Role == person.Landlord; return nil })
		return there, err
	}
	by, err := s.visitor(ctx, c, landlord)
	return len(by.Properties) > 0, err
}
