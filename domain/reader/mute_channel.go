package reader

import "github.com/google/uuid"

// MuteChannel mutes a channel or lifts that again. A muted channel does not
// count in the bubble; it keeps its own number.
type MuteChannel struct {
	Person  uuid.UUID
	Channel string
	Muted   bool
}

func (c MuteChannel) Stream() string { return Stream(c.Person) }

func (c MuteChannel) Decide(s State) ([]Event, error) {
	switch {
	case s.Muted[c.Channel] == c.Muted:
		return nil, nil
	case c.Muted:
		return []Event{ChannelMuted{Person: c.Person, Channel: c.Channel}}, nil
	}
	return []Event{ChannelUnmuted{Person: c.Person, Channel: c.Channel}}, nil
}

// ChannelMuted: the person does not want to be told about the channel.
type ChannelMuted struct {
	Person  uuid.UUID `json:"person"`
	Channel string    `json:"channel"`
}

func (ChannelMuted) Kind() string { return "channel_muted" }

func (e ChannelMuted) Evolve(s State) State {
	s.Muted = set(s.Muted, e.Channel)
	return s
}

// ChannelUnmuted: the person wants to be told again.
type ChannelUnmuted struct {
	Person  uuid.UUID `json:"person"`
	Channel string    `json:"channel"`
}

func (ChannelUnmuted) Kind() string { return "channel_unmuted" }

func (e ChannelUnmuted) Evolve(s State) State {
	delete(s.Muted, e.Channel)
	return s
}
