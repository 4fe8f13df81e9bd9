package readapi

import (
	"slices"
	"strings"
)

type unreadIn struct{ Reading }

// Unread is the bubble, and what it is made of.
type Unread struct {
	Total    int             `json:"total" doc:"the bubble: the sum over the channels that are not muted"`
	Channels []ChannelUnread `json:"channels" doc:"the channels with unread entries or a mark"`
}

// ChannelUnread is the number of one channel.
type ChannelUnread struct {
	Channel      string `json:"channel" doc:"its id"`
	Section      string `json:"section" enum:"messages,board,maintenance" doc:"where the inbox shows it"`
	Unread       int    `json:"unread" doc:"entries by others that the caller has not seen: messages; of a board posts, or for its landlord comments"`
	Muted        bool   `json:"muted" doc:"keeps its number, but out of the bubble"`
	MarkedUnread bool   `json:"marked_unread" doc:"the caller's own mark; it counts nothing"`
}

// unreadChannels are the channels where something waits, those that are marked, and
// maybe others, each with its number, and its section and flags as one text.
var unreadChannels = func() string {
	kind := func(section, row string) string {
		return section + ` || case when ` + row + `.muted then ' muted' else '' end || case when ` + row + `.marked_unread then ' marked' else '' end`
	}
	return `
		select x.channel, ` + entriesOf + `, ` + kind("x.section", "x") + ` from ` + listed + `
		union all select n.channel, n.entries, ` + counting(kind("c.section", "i")) + ` from ` + unreadBy + `
		union all select x.channel, ` + postsOf + `, ` + kind("x.section", "x") + ` from (` + boards + `) x
		union all select x.channel, 0, ` + kind("x.section", "x") + ` from (` + enteredBy + whoHasMany + ` and ` + connectedVia + ` and i.listed = true and i.marked_unread = true) x
			where not (x.open and exists (select 1 from unread u where u.person = $1 and u.channel = x.channel))
		order by 1`
}()

func unreadCounts(v *view, _ *unreadIn) (*Unread, error) {
	v.dependsOnBoards()
	u := Unread{Channels: []ChannelUnread{}}
	err := v.rows(func(scan func(...any) error) error {
		var c ChannelUnread
		var kind *string // its section, then the flags
		if err := scan(&c.Channel, &c.Unread, &kind); err != nil {
			return err
		}
		if kind == nil { // it counts nothing
			return nil
		}
		words := strings.Fields(*kind)
		c.Section, c.Muted, c.MarkedUnread = words[0], slices.Contains(words, "muted"), slices.Contains(words, "marked")
		if c.Unread == 0 && !c.MarkedUnread {
			return nil
		}
		if !c.Muted {
			u.Total += c.Unread
		}
		u.Channels = append(u.Channels, c)
		return nil
	}, unreadChannels, v.person, string(v.today))
	return &u, err
}
