package readapi_test

import (
	"fmt"
	"sync"
	"testing"

	"lobby.example/readmodel/readmodeltest/engines"
)

// P06: unread is counted in one way for who has up to 300 channels and in another for
// who has more. Invitations that nobody answers take Anna from one to the other, and
// nothing that she sees changes by them.
func TestP06BothWaysOfCountingComeToTheSame(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := building(t)
		s.write("Ben", channelOf("Anna", "Ben"), "one")
		s.write("Ben", channelOf("Anna", "Ben"), "two")
		s.write("Cleo", channelOf("Anna", "Cleo"), "muted")
		s.done("Anna", "PUT", "/v1/channels/"+channelOf("Anna", "Cleo")+"/mute", map[string]any{"muted": true})
		s.done("Anna", "PUT", "/v1/channels/"+channelOf("Anna", "Dora")+"/unread", map[string]any{"unread": true}) // nothing waits in it
		s.register("Fritz", "Fritz")
		gone := s.connect("Anna", "Fritz")
		s.write("Fritz", gone, "goodbye")
		s.done("Anna", "PUT", "/v1/channels/"+gone+"/unread", map[string]any{"unread": true}) // something does, but it is closed
		s.done("Fritz", "DELETE", "/v1/connections/"+gone, nil)
		s.submit("The lock", "does not lock")
		s.comment("Ben", s.publish("Party", "on Friday"), "I come")
		seen := func() string {
			return string(s.get("Anna", "/v1/me?"+s.after()).Body) + string(s.get("Anna", "/v1/unread?"+s.after()).Body)
		}
		wanted := seen()
		var invited sync.WaitGroup
		for i := range 300 {
			invited.Go(func() {
				name := fmt.Sprint("Stranger ", i)
				s.register(name, name)
				s.done("Anna", "POST", "/v1/connections", map[string]any{"person": idOf(name)})
			})
		}
		invited.Wait()
		if got := seen(); got != wanted {
			t.Errorf("with 300 invitations Anna sees\n%s\nand without\n%s", got, wanted)
		}
	})
}
