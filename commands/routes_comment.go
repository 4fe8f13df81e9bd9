package commands

import (
	"context"

	"github.com/google/uuid"

	"lobby.example/domain/post"
)

type addCommentIn struct {
	PostIn
	Body struct {
		Text        string      `json:"text" doc:"at most 10,000 characters, not blank unless something is attached"`
		Attachments []uuid.UUID `json:"attachments,omitempty" maxItems:"10" doc:"files that the caller has uploaded"`
	}
}

func (s *Service) addComment(ctx context.Context, c *call, in *addCommentIn) (Execution, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	_, by, err := s.visit(ctx, id, c)
	if err != nil {
		return nil, err
	}
	comment := c.newID(in.Post)
	return onWith(s, s.posts, post.AddComment{
		Post:        id,
		Comment:     comment,
		By:          by,
		Text:        in.Body.Text,
		Attachments: in.Body.Attachments,
	}, c.Person, comment, in.Body.Attachments), nil
}

type deleteCommentIn struct {
	PostIn
	Comment uuid.UUID `path:"comment" doc:"the comment"`
}

func (s *Service) deleteComment(ctx context.Context, c *call, in *deleteCommentIn) (Execution, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	_, by, err := s.visit(ctx, id, c)
	return on(s.posts, post.DeleteComment{Post: id, Comment: in.Comment, By: by}), err
}

type removeCommentIn struct {
	OwnPostIn
	Comment uuid.UUID `path:"comment" doc:"the comment"`
}

func (s *Service) removeComment(ctx context.Context, c *call, in *removeCommentIn) (Execution, error) {
	id, by, err := in.read(ctx, s, c)
	return on(s.posts, post.RemoveComment{Post: id, Comment: in.Comment, By: by}), err
}
