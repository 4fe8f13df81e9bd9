package reader

import (
	"testing"

	"lobby.example/domain/scenario"
)

var (
	tom     = scenario.ID("tom")
	lena    = scenario.ID("lena")
	notice  = scenario.ID("notice")
	other   = scenario.ID("other")
	channel = "connection-" + scenario.ID("lena and tom").String()
	board   = "board-" + scenario.ID("lena").String()

	marked  = ChannelMarkedUnread{Person: tom, Channel: channel}
	cleared = ChannelUnreadCleared{Person: tom, Channel: channel}
	muted   = ChannelMuted{Person: tom, Channel: channel}
	unmuted = ChannelUnmuted{Person: tom, Channel: channel}
)

func given(t *testing.T, events ...Event) *scenario.Past[State] {
	return scenario.Given(t, Noun, events...)
}

func TestGoldenFold(t *testing.T) {
	scenario.GoldenFold(t, Noun, marked, muted, ChannelMarkedUnread{Person: tom, Channel: board}, cleared,
		ChannelMuted{Person: tom, Channel: board}, unmuted, PostSeen{Person: tom, Post: notice, Landlord: lena})
}
