package readapi

import (
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

type boardPostsIn struct {
	Reading
	httpapi.Page
	Board    string    `path:"board" maxLength:"100" doc:"the board"`
	Category string    `query:"category" enum:"job,for_sale,wanted,lost_and_found,notice,announcement" doc:"only posts of this category"`
	Property uuid.UUID `query:"property" doc:"only posts addressed to the tenants of this property, or to all; others than the landlord name a property that they lease"`
	Author   uuid.UUID `query:"author" doc:"only posts by this person"`
	From     time.Time `query:"from" doc:"only posts published at this time or later"`
	Until    time.Time `query:"until" doc:"only posts published before this time"`
	Text     string    `query:"text" maxLength:"200" doc:"words of title and body, in any order; the last of each may go on"`
}

func (in *boardPostsIn) about() string { return in.Board }

// Posts is a page of a board.
type Posts struct {
	Posts      []BoardPost `json:"posts" doc:"pinned ones first, then the newest first"`
	NextCursor string      `json:"next_cursor,omitempty" doc:"of the next page; absent on the last"`
}

// postCursor is the last post of a page.
type postCursor struct {
	Pinned bool      `json:"p"`
	At     time.Time `json:"a"`
	Post   string    `json:"i"`
}

func boardPosts(v *view, in *boardPostsIn) (*Posts, error) {
	if _, _, err := domain.ParseStream("board", in.Board); err != nil {
		return nil, err
	}
	from := postCursor{Pinned: true, At: farFuture}
	if in.Cursor != "" {
		var err error
		if from, err = httpapi.DecodeCursor[postCursor]("BoardPosts", in.Cursor); err != nil {
			return nil, err
		}
	}
	v.mayVisit(in.Board)
	q := &filter{args: []any{v.person, string(v.today), readmodel.ID(in.Board), from.Pinned, from.At, readmodel.ID(from.Post), in.Limit + 1}}
	q.and(in.Category != "", `p.category = `, in.Category)
	q.and(in.Author != uuid.Nil, `p.landlord = `, in.Author)
	q.and(!in.From.IsZero(), `p.at >= `, in.From)
	q.and(!in.Until.IsZero(), `p.at < `, in.Until)
	if in.Property != uuid.Nil {
		q.and(true, `(p.all_tenants or exists (select 1 from post_properties a where a.post = p.post and a.property = `, in.Property)
		q.where += `))`
		// To whom else a post is addressed is for its landlord only.
		q.and(true, `(p.landlord = $1 or exists (select 1 from leases l where `+activeLease+` and l.board = $3 and l.property = `, in.Property)
		q.where += `))`
	}
	page := Posts{Posts: []BoardPost{}}
	if found, err := q.search(v, "posts", "p", in.Text); err != nil || !found {
		return &page, err
	}
	err := v.rows(func(scan func(...any) error) error {
		var b BoardPost
		err := b.scan(scan)
		page.Posts = append(page.Posts, b)
		return err
	}, `select `+postColumns+` from (
			select * from posts p where p.board = $3 and (p.pinned, p.at, p.post) < ($4, $5, $6) and `+visibleThere+q.where+`
			order by p.pinned desc, p.at desc, p.post desc limit $7
		) p `+postJoins+` order by p.pinned desc, p.at desc, p.post desc`, q.args...)
	if err != nil {
		return nil, err
	}
	if len(page.Posts) > in.Limit {
		page.Posts = page.Posts[:in.Limit]
		last := page.Posts[in.Limit-1]
		page.NextCursor = httpapi.EncodeCursor("BoardPosts", postCursor{Pinned: last.Pinned, At: last.At, Post: last.Post})
	}
	for i := range page.Posts {
		if err := page.Posts[i].complete(v); err != nil {
			return nil, err
		}
	}
	return &page, nil
}

// mayVisit refuses a board that is not there for the caller. An empty one is, for
// its landlord and for those who have a lease.
func (v *view) mayVisit(board string) {
	v.must(connection.NotFound, `select
		(select count(*) from leases l where `+activeLease+` and l.board = $3)
		+ (select count(*) from people w where w.person = $1 and w.role = 'landlord' and $3 = $4)`,
		v.person, string(v.today), readmodel.ID(board), "board-"+v.person)
}
