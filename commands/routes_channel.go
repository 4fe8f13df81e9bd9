package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/domain/reader"
)

type sendMessageIn struct {
	ChannelIn
	Body struct {
		Text      string `json:"text" doc:"at most 10,000 characters, not blank"`
		EmailCopy bool   `json:"email_copy,omitempty" doc:"the sender asks for a copy to the recipient's email address; this version records the wish and sends nothing"`
	}
}

func (s *Service) sendMessage(_ context.Context, c *call, in *sendMessageIn) (Execution, error) {
	id, err := connectionID("channel", in.Channel)
	if err != nil {
		return nil, err
	}
	return on(s.connections, connection.SendMessage{
		Connection: id,
		Message:    c.newID(in.Channel),
		From:       c.Person,
		Text:       in.Body.Text,
		EmailCopy:  in.Body.EmailCopy,
	}), nil
}

type deleteMessageIn struct {
	ChannelIn
	Message uuid.UUID `path:"message" doc:"the message"`
}

func (s *Service) deleteMessage(_ context.Context, c *call, in *deleteMessageIn) (Execution, error) {
	id, err := connectionID("channel", in.Channel)
	return on(s.connections, connection.DeleteMessage{Connection: id, Message: in.Message, By: c.Person}), err
}

type markSeenIn struct {
	ChannelIn
	Body struct {
		Entries []uuid.UUID `json:"entries" minItems:"1" maxItems:"500" doc:"the entries that were displayed to the caller"`
	}
}

func (s *Service) markSeen(_ context.Context, c *call, in *markSeenIn) (Execution, error) {
	id, err := connectionID("channel", in.Channel)
	return on(s.connections, connection.MarkSeen{Connection: id, By: c.Person, Entries: in.Body.Entries}), err
}

type markUnreadIn struct {
	ChannelIn
	Body struct {
		Unread bool `json:"unread" doc:"true puts the mark on the channel, false takes it away"`
	}
}

func (s *Service) markUnread(ctx context.Context, c *call, in *markUnreadIn) (Execution, error) {
	err := s.canRead(ctx, c.Person, in.Channel)
	return on(s.readers, reader.MarkUnread{Person: c.Person, Channel: in.Channel, Unread: in.Body.Unread}), err
}

type muteChannelIn struct {
	ChannelIn
	Body struct {
		Muted bool `json:"muted" doc:"true mutes the channel, false lifts that"`
	}
}

func (s *Service) muteChannel(ctx context.Context, c *call, in *muteChannelIn) (Execution, error) {
	err := s.canRead(ctx, c.Person, in.Channel)
	return on(s.readers, reader.MuteChannel{Person: c.Person, Channel: in.Channel, Muted: in.Body.Muted}), err
}

// canRead refuses a channel that is not there for the person.
func (s *Service) canRead(ctx context.Context, person uuid.UUID, channel string) error {
	id, err := connectionID("channel", channel)
	if err != nil {
		return err
	}
	return answerable(s.connections.Look(ctx, connection.Stream(id), func(c connection.State) error {
		if !c.Has(person) {
			return connection.NotFound
		}
		return nil
	}))
}
