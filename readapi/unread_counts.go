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
	Unread       int    `json:"unread" doc:"entries by others that the caller has not seen"`
	Muted        bool   `json:"muted" doc:"keeps its number, but out of the bubble"`
	MarkedUnread bool   `json:"marked_unread" doc:"the caller's own mark; it counts nothing"`
}

func unreadCounts(v *view, _ *unreadIn) (*Unread, error) {
	u := Unread{Channels: []ChannelUnread{}}
	err := v.rows(func(scan func(...any) error) error {
		var c ChannelUnread
		if err := scan(&c.Channel, &c.Unread, &c.Muted, &c.MarkedUnread); err != nil {
			return err
		}
		if !c.Muted {
			u.Total += c.Unread
		}
		u.Channels = append(u.Channels, c)
		return nil
	}, `
		select * from (
			select i.channel, (select count(*) from unread u where u.person = i.person and u.channel = i.channel) as entries, i.muted, i.marked_unread
			from inbox i join channels c on c.channel = i.channel
			where i.person = $1 and i.listed = true and c.open) n
		where n.entries > 0 or n.marked_unread
		order by n.channel`, v.person)
	return &u, err
}
