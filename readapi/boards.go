package readapi

import "time"

type boardsIn struct{ Reading }

// Boards is the property boards that the caller sees.
type Boards struct {
	Boards []BoardHead `json:"boards" doc:"the caller's own first, then by the landlord's name"`
}

// BoardHead is one landlord's board.
type BoardHead struct {
	Board        string    `json:"board" doc:"its id, which is also its channel in the inbox"`
	Landlord     Party     `json:"landlord" doc:"whose it is"`
	Posts        int       `json:"posts" doc:"that the caller sees"`
	LastActivity time.Time `json:"last_activity" doc:"of the last post that the caller sees; for the landlord also of the last comment, UTC"`
	Unread       int       `json:"unread" doc:"posts that the caller has not seen; for the landlord, comments"`
	Muted        bool      `json:"muted" doc:"keeps its number, but out of the bubble"`
	MarkedUnread bool      `json:"marked_unread" doc:"the caller's own mark; it counts nothing"`
}

func readBoards(v *view, _ *boardsIn) (*Boards, error) {
	v.dependsOnBoards()
	list := Boards{Boards: []BoardHead{}}
	err := v.rows(func(scan func(...any) error) error {
		var b BoardHead
		err := scan(&b.Board, &b.Landlord.Person, &b.Landlord.Name, &b.Landlord.Role, &b.Landlord.Active,
			&b.Posts, &b.LastActivity, &b.Unread, &b.Muted, &b.MarkedUnread)
		list.Boards = append(list.Boards, b)
		return err
	}, `
		select x.channel, w.person, w.name, w.role, not w.deactivated,
			(select count(*) from posts p where p.board = x.channel and `+visiblePost+`),
			x.last_activity, `+unreadOf+`, x.muted, x.marked_unread
		from `+mine+` x join people w on w.person = coalesce(x.other, $1)
		where x.section = 'board'
		order by x.visited, w.name_key, x.channel`, v.person, string(v.today))
	return &list, err
}
