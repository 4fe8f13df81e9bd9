// Package reader is what one person keeps about the channels they read: posts
// seen, muted, marked unread. It is a stream of its own, so that a thousand people doing this
// never wait for each other or for those who write.
//
//  1. These are personal flags. No other person sees them.
//  2. Marking a channel unread puts a mark on it and nothing else: no entry
//     becomes unseen by it, so no closed delete window opens again.
//  3. Setting a flag that is set does nothing.
//  4. A post is seen once, when it is displayed for the first time. Who may delete
//     what never depends on it: posts are removed by their landlord, seen or not.
//
// It never knows whether a channel exists or who may read it: that is checked at
// the edge, on the channel's own stream.
package reader

import (
	"github.com/google/uuid"

	"lobby.example/domain"
)

// State is what decisions need to know: the flags that are set.
type State struct {
	Unread map[string]bool // by channel
	Muted  map[string]bool
	Posts  map[uuid.UUID]bool // seen
}

// Event is a fact about one reader.
type Event = domain.Event[State]

// Facts is everything that can be in a reader's stream.
var Facts = domain.All(
	domain.Of[ChannelMarkedUnread],
	domain.Of[ChannelUnreadCleared],
	domain.Of[ChannelMuted],
	domain.Of[ChannelUnmuted],
	domain.Of[PostSeen],
)

// Noun describes readers to the rooms that load and store them.
var Noun = domain.Noun[State]{Category: "reader", Version: 2, Facts: Facts}

// Stream names what a person keeps.
func Stream(person uuid.UUID) string { return domain.StreamOf(Noun.Category, person) }

func set[K comparable](flags map[K]bool, key K) map[K]bool {
	if flags == nil {
		flags = make(map[K]bool)
	}
	flags[key] = true
	return flags
}
