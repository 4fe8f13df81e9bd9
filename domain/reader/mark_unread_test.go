package reader

import (
	"testing"

	"lobby.example/domain/thread"
)

func TestRule3_AMarkThatIsSetIsNotSetAgain(t *testing.T) {
	mark, clear := MarkUnread{Person: tom, Channel: channel, Unread: true}, MarkUnread{Person: tom, Channel: channel}
	given(t).When(mark).Then(marked).Again().Nothing()
	given(t, marked).When(clear).Then(cleared).Again().Nothing()
	given(t).When(clear).Nothing()
	given(t, marked, cleared).When(mark).Then(marked)
}

func TestRule2_AMarkIsOfOneChannel(t *testing.T) {
	given(t, marked).When(MarkUnread{Person: tom, Channel: board, Unread: true}).Then(ChannelMarkedUnread{Person: tom, Channel: board})
	given(t, marked).When(MarkUnread{Person: tom, Channel: board}).Nothing()
	given(t, muted).When(MarkUnread{Person: tom, Channel: channel}).Nothing()
}

// P23: a mark says nothing that a thread would listen to.
func TestRule2_P23_AMarkNeverTouchesAThread(t *testing.T) {
	for _, e := range []Event{marked, cleared} {
		switch e.(type) {
		case thread.Sent, thread.Seen, thread.Deleted:
			t.Errorf("%s tells threads something", e.Kind())
		}
	}
}
