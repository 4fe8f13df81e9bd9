package readapi

import (
	"time"

	"lobby.example/domain"
	"lobby.example/domain/post"

	"lobby.example/readmodel"
)

// PostIn is the path of everything about one post.
type PostIn struct {
	Reading
	Post string `path:"post" maxLength:"100" doc:"the post"`
}

func (in *PostIn) about() string { return in.Post }

func (in *PostIn) check() error {
	_, _, err := domain.ParseStream("post", in.Post)
	return err
}

// BoardPost is a post as the caller sees it.
type BoardPost struct {
	Post           string     `json:"post" doc:"its id, which is also its channel"`
	Board          string     `json:"board" doc:"the board that it is on"`
	Author         Party      `json:"author" doc:"the landlord who published it"`
	Category       string     `json:"category" enum:"job,for_sale,wanted,lost_and_found,notice,announcement" doc:"what it is about"`
	Title          string     `json:"title" doc:"1 to 200 characters"`
	Body           string     `json:"body" doc:"all of it"`
	Pinned         bool       `json:"pinned" doc:"stays at the top of the board"`
	CommentsOpen   bool       `json:"comments_open" doc:"takes comments; otherwise show: Commenting this post is not available"`
	Comments       int        `json:"comments" doc:"how many there are"`
	UnreadComments int        `json:"unread_comments" doc:"for its landlord: comments of others that they have not seen; 0 for everybody else"`
	At             time.Time  `json:"at" doc:"when it was published, UTC"`
	EditedAt       *time.Time `json:"edited_at,omitempty" doc:"when it was edited last, UTC"`
	Unread         bool       `json:"unread" doc:"the caller has not seen it, and had the lease by which they see it when it was published: what the board's number counts"`
	Audience       *Audience  `json:"audience,omitempty" doc:"to whom it is addressed; for its landlord only"`
	Attachments    []File     `json:"attachments" doc:"what is attached"`
	entry          string
	files          int
	all            bool
}

// Audience is to whom a post is addressed.
type Audience struct {
	All        bool     `json:"all" doc:"all tenants of the landlord"`
	Properties []string `json:"properties" doc:"or those of these properties"`
}

// postColumns and postJoins select a BoardPost from a row p of posts.
const (
	postColumns = `p.post, p.entry, p.board, w.person, w.name, w.role, not w.deactivated, p.category, p.title, p.body, p.pinned, p.comments_open,
		(select count(*) from messages m where m.channel = p.post),
		(case when p.landlord <> $1 then 0 else (select count(*) from messages m where m.channel = p.post
			and exists (select 1 from unread u where u.person = $1 and u.channel = p.board and u.entry = m.entry` + each + `)) end),
		p.at, p.edited_at, (p.landlord <> $1 and ` + waitingPost + `), p.all_tenants, p.files`
	postJoins = ` join people w on w.person = p.landlord`
)

func (b *BoardPost) scan(scan func(...any) error) error {
	return scan(&b.Post, &b.entry, &b.Board, &b.Author.Person, &b.Author.Name, &b.Author.Role, &b.Author.Active, &b.Category, &b.Title, &b.Body,
		&b.Pinned, &b.CommentsOpen, &b.Comments, &b.UnreadComments, &b.At, &b.EditedAt, &b.Unread, &b.all, &b.files)
}

// complete reads what stands in other tables than a row.
func (b *BoardPost) complete(v *view) (err error) {
	if b.Attachments, err = v.files(b.Post, b.entry, b.files); err != nil || b.Author.Person != string(v.person) {
		return err
	}
	b.Audience = &Audience{All: b.all, Properties: []string{}}
	return v.rows(func(scan func(...any) error) error {
		var property string
		err := scan(&property)
		b.Audience.Properties = append(b.Audience.Properties, property)
		return err
	}, `select property from post_properties where post = $1 order by property`, readmodel.ID(b.Post))
}

func readPost(v *view, in *PostIn) (*BoardPost, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var found *BoardPost
	err := v.rows(func(scan func(...any) error) error {
		found = new(BoardPost)
		return found.scan(scan)
	}, `select `+postColumns+` from posts p `+postJoins+` where p.post = $3 and `+visiblePost, v.person, string(v.today), readmodel.ID(in.Post))
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, post.NotFound
	}
	return found, found.complete(v)
}

// maySee refuses a post that is not there for the caller.
func (v *view) maySee(name string) {
	v.must(post.NotFound, `select count(*) from posts p where p.post = $3 and `+visiblePost, v.person, string(v.today), readmodel.ID(name))
}
