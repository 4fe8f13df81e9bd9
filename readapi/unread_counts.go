package readapi

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

func unreadCounts(v *view, _ *unreadIn) (*Unread, error) {
	if err := v.dependsOnBoards(); err != nil {
		return nil, err
	}
	u := Unread{Channels: []ChannelUnread{}}
	err := v.rows(func(scan func(...any) error) error {
		var c ChannelUnread
		if err := scan(&c.Channel, &c.Section, &c.Unread, &c.Muted, &c.MarkedUnread); err != nil {
			return err
		}
		if !c.Muted {
			u.Total += c.Unread
		}
		u.Channels = append(u.Channels, c)
		return nil
	}, `
		with n as materialized ( -- or each number is counted once to choose, and once to show
			select x.channel, x.section, `+unreadOf+` as entries, x.muted, x.marked_unread from `+mine+` x)
		select * from n
		where n.entries > 0 or n.marked_unread
		order by n.channel`, v.person, string(v.today))
	return &u, err
}
