package readapi_test

import (
	"fmt"
	"slices"
	"testing"

	"lobby.example/readapi"
	"lobby.example/readmodel/readmodeltest/engines"
)

// Pages have everything once and in order, while new messages come.
func TestPagesOfMessagesHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s, channel, first := two(t)
		want := []string{first.String()}
		for i := range 22 {
			want = append(want, s.send("Ben", "Anna", fmt.Sprint(i)).String())
		}
		slices.Reverse(want)
		for _, limit := range []int{1, 7, 22, 23, 24, 100} {
			var got []string
			newer := 0
			for _, page := range pages(t, func(path string) answer {
				a := s.get("Anna", path+"&"+s.after())
				s.send("Ben", "Anna", "meanwhile")
				newer++
				return a
			}, fmt.Sprintf("/v1/channels/%s/messages?limit=%d", channel, limit), func(p readapi.Messages) string { return p.NextCursor }) {
				if len(page.Messages) > limit || len(page.Messages) == 0 {
					t.Errorf("a page of %d with %d", limit, len(page.Messages))
				}
				for _, m := range page.Messages {
					got = append(got, m.Message)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d: %q, want %q", limit, got, want)
			}
			// What came meanwhile is there the next time.
			page := read[readapi.Messages](t, s.get("Anna", fmt.Sprintf("/v1/channels/%s/messages?limit=%d&%s", channel, newer, s.after())))
			for _, m := range slices.Backward(page.Messages) {
				want = slices.Insert(want, 0, m.Message)
			}
		}
	})
}

// Pages of the inbox have each channel once, and miss only what moved to the top
// meanwhile.
func TestPagesOfTheInboxHaveEverythingOnce(t *testing.T) {
	engines.Each(t, func(t *testing.T) {
		s := site0(t)
		s.register("Anna", "Anna")
		var others, want []string
		for i := range 9 {
			other := fmt.Sprint("Tenant ", i)
			s.register(other, other)
			want = append(want, s.connect("Anna", other))
			others = append(others, other)
		}
		slices.Reverse(want)
		inbox := func(between func(page int)) (got []string) {
			n := 0
			for _, page := range pages(t, func(path string) answer {
				a := s.get("Anna", path+"&"+s.after())
				between(n)
				n++
				return a
			}, "/v1/inbox?limit=4", func(p readapi.Inbox) string { return p.NextCursor }) {
				for _, c := range page.Channels {
					got = append(got, c.Channel)
				}
			}
			return got
		}
		if got := inbox(func(int) {}); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		got := inbox(func(page int) {
			if page == 0 {
				s.send(others[0], "Anna", "now I am at the top")
				s.send(others[8], "Anna", "and I, who was shown already")
			}
		})
		moved := channelOf("Anna", others[0])
		if without := slices.DeleteFunc(slices.Clone(want), func(c string) bool { return c == moved }); !slices.Equal(got, without) {
			t.Errorf("got %q, want %q", got, without)
		}
		if got := inbox(func(int) {}); len(got) != 9 || got[1] != moved {
			t.Errorf("the next time: %q", got)
		}
	})
}
