package reader

import "testing"

func TestRule3_AMutedChannelIsNotMutedAgain(t *testing.T) {
	mute, unmute := MuteChannel{Person: tom, Channel: channel, Muted: true}, MuteChannel{Person: tom, Channel: channel}
	given(t).When(mute).Then(muted).Again().Nothing()
	given(t, muted).When(unmute).Then(unmuted).Again().Nothing()
	given(t).When(unmute).Nothing()
	given(t, muted, unmuted).When(mute).Then(muted)
}

func TestRule1_MutingIsOfOneChannel(t *testing.T) {
	given(t, muted).When(MuteChannel{Person: tom, Channel: board, Muted: true}).Then(ChannelMuted{Person: tom, Channel: board})
	given(t, marked).When(MuteChannel{Person: tom, Channel: channel}).Nothing()
}
