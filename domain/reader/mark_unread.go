package reader

import "github.com/google/uuid"

// MarkUnread sets or clears the mark of a channel (rule 2).
type MarkUnread struct {
	Person  uuid.UUID
	Channel string
	Unread  bool
}

func (c MarkUnread) Stream() string { return Stream(c.Person) }

func (c MarkUnread) Decide(s State) ([]Event, error) {
	switch {
	case s.Unread[c.Channel] == c.Unread:
		return nil, nil
	case c.Unread:
		return []Event{ChannelMarkedUnread{Person: c.Person, Channel: c.Channel}}, nil
	}
	return []Event{ChannelUnreadCleared{Person: c.Person, Channel: c.Channel}}, nil
}

// ChannelMarkedUnread: the person wants to come back to the channel.
type ChannelMarkedUnread struct {
	Person  uuid.UUID `json:"person"`
	Channel string    `json:"channel"`
}

func (ChannelMarkedUnread) Kind() string { return "channel_marked_unread" }

func (e ChannelMarkedUnread) Evolve(s State) State {
	s.Unread = set(s.Unread, e.Channel)
	return s
}

// ChannelUnreadCleared: the person has come back to it.
type ChannelUnreadCleared struct {
	Person  uuid.UUID `json:"person"`
	Channel string    `json:"channel"`
}

func (ChannelUnreadCleared) Kind() string { return "channel_unread_cleared" }

func (e ChannelUnreadCleared) Evolve(s State) State {
	delete(s.Unread, e.Channel)
	return s
}
