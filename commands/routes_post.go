package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/post"
)

// PostIn is the path that commands on a post come by.
type PostIn struct {
	KeyHeader
	Post string `path:"post" maxLength:"100" doc:"the post"`
}

// id reads the name of a post. The name of something else is that of no post.
func (in *PostIn) id() (uuid.UUID, error) {
	category, id, err := domain.ParseStream("post", in.Post)
	if err == nil && category != post.Noun.Category {
		err = post.NotFound
	}
	return id, err
}

// OwnPostIn is the same for what only the landlord of the board does.
type OwnPostIn struct {
	PostIn
	ForLandlord
}

// read finds out which post it is and who does it. It refuses those who see the
// post and may not do this; whoever does not see it, the command refuses.
func (in *OwnPostIn) read(ctx context.Context, s *Service, c *call) (id, by uuid.UUID, err error) {
	if id, err = in.id(); err != nil {
		return id, by, err
	}
	if by, err = c.landlordOf(in.Landlord); err != nil || c.Platform {
		return id, by, err
	}
	there, visitor, err := s.visit(ctx, id, c)
	if err == nil && there.Landlord != by && there.Sees(visitor) {
		err = post.NotTheLandlord
	}
	return id, by, err
}

// ContentBody is what a post says.
type ContentBody struct {
	Category post.Category `json:"category" enum:"job,for_sale,wanted,lost_and_found,notice,announcement" doc:"what it is about"`
	Title    string        `json:"title" doc:"1 to 200 characters"`
	Body     string        `json:"body" doc:"at most 20,000 characters, not blank unless something is attached"`
}

type publishPostIn struct {
	KeyHeader
	ForLandlord
	Body struct {
		ContentBody
		Attachments []uuid.UUID `json:"attachments,omitempty" maxItems:"10" doc:"files that the landlord has uploaded"`
		Audience    struct {
			All        bool        `json:"all,omitempty" doc:"all tenants of the landlord"`
			Properties []uuid.UUID `json:"properties,omitempty" doc:"or those of 1 to 100 properties"`
		} `json:"audience" doc:"to whom it is addressed, for good"`
		Comments *bool `json:"comments,omitempty" default:"true" doc:"whether it takes comments"`
	}
}

func (s *Service) publishPost(ctx context.Context, c *call, in *publishPostIn) (Execution, error) {
	landlord, err := c.landlordOf(in.Landlord)
	if err != nil {
		return nil, err
	}
	party, err := s.party(ctx, "landlord", landlord)
	if err != nil {
		return nil, err
	}
	id, err := s.newStream(ctx, c, post.Noun.Category)
	return onWith(s, s.posts, post.Publish{
		Post:         id,
		Landlord:     landlord,
		Role:         party.Role,
		Category:     in.Body.Category,
		Title:        in.Body.Title,
		Body:         in.Body.Body,
		Attachments:  in.Body.Attachments,
		Audience:     post.Audience(in.Body.Audience),
		CommentsOpen: in.Body.Comments == nil || *in.Body.Comments,
	}, landlord, id, in.Body.Attachments), err
}

type editPostIn struct {
	OwnPostIn
	Body ContentBody
}

func (s *Service) editPost(ctx context.Context, c *call, in *editPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.Edit{Post: id, By: by, Category: in.Body.Category, Title: in.Body.Title, Body: in.Body.Body}), err
}

func (s *Service) removePost(ctx context.Context, c *call, in *OwnPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.Remove{Post: id, By: by}), err
}

func (s *Service) pinPost(ctx context.Context, c *call, in *OwnPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.Pin{Post: id, By: by}), err
}

func (s *Service) unpinPost(ctx context.Context, c *call, in *OwnPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.Unpin{Post: id, By: by}), err
}

func (s *Service) closeComments(ctx context.Context, c *call, in *OwnPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.CloseComments{Post: id, By: by}), err
}

func (s *Service) openComments(ctx context.Context, c *call, in *OwnPostIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.OpenComments{Post: id, By: by}), err
}
