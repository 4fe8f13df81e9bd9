// Package readapi answers questions: one file per query, with its SQL and its
// route.
//
// It promises that all of one answer is of one moment, that a permission stands
// inside the query that needs it, counts included, and that what one may not see
// is not there. It never changes anything, and never answers from a model that
// has fallen so far behind that rights may have been lost meanwhile.
package readapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lobby.example/blobs"
	"lobby.example/eventlog"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// Model is what queries read from: the serving build, and how far it is.
type Model interface {
	View(ctx context.Context, read func(readmodel.Query) error) (readmodel.Checkpoint, error)
	Wait(ctx context.Context, position eventlog.Position) error
	// Position is that of what View shows; it fails as View does.
	Position() (eventlog.Position, error)
}

// Options say how questions are answered. The zero value is a good choice.
type Options struct {
	// MaxWait bounds how long a read with after= waits; 0 means 5 seconds.
	MaxWait time.Duration
	// Now is the clock that tells which leases are active; nil means time.Now.
	Now func() time.Time
	// Files has the bytes of what was uploaded.
	Files *blobs.Store
	// Head is that of the log, which a file is never served behind.
	Head func(context.Context) (eventlog.Position, error)
	// Logger gets what no caller is told; nil means slog.Default.
	Logger *slog.Logger
}

// API answers queries from a model. It is safe for concurrent use.
type API struct {
	model   Model
	maxWait time.Duration
	now     func() time.Time
	answers *Answers
	files   *blobs.Store
	head    func(context.Context) (eventlog.Position, error)
	logger  *slog.Logger
}

// New makes the API of a model. What is kept in memory is kept in answers, which
// has to be told of the model's commits.
func New(model Model, answers *Answers, options Options) *API {
	if options.MaxWait <= 0 {
		options.MaxWait = 5 * time.Second
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	return &API{model: model, maxWait: options.MaxWait, now: options.Now, answers: answers,
		files: options.Files, head: options.Head, logger: options.Logger}
}

// Register adds the route of every query, one line each. Its name is the
// operation's id.
func (a *API) Register(api *httpapi.API) {
	op := func(name, path, summary string) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodGet, Path: "/v1" + path, Summary: summary}
	}
	route(a, api, op("Me", "/me", "Who the caller is, and their bubble"), me)
	route(a, api, op("SearchContacts", "/contacts", "Find people one is connected with, and invitations"), searchContacts)
	route(a, api, op("Inbox", "/inbox", "The channels by last activity"), readInbox)
	route(a, api, op("UnreadCounts", "/unread", "The bubble, and what it is made of"), unreadCounts)
	route(a, api, op("Channel", "/channels/{channel}", "One channel"), channel)
	route(a, api, op("ChannelMessages", "/channels/{channel}/messages", "The messages of a channel, newest first"), channelMessages)
	route(a, api, op("SearchMessages", "/messages", "Find messages in one's own channels"), searchMessages)
	route(a, api, op("SeenBy", "/channels/{channel}/entries/{entry}/seen", "Who has seen a message, a comment or a post, and when"), seenBy)
	route(a, api, op("Boards", "/boards", "The property boards that the caller sees"), readBoards)
	route(a, api, op("BoardPosts", "/boards/{board}/posts", "The posts of a board, pinned ones first"), boardPosts)
	route(a, api, op("Post", "/posts/{post}", "One post"), readPost)
	route(a, api, op("PostComments", "/posts/{post}/comments", "The comments on a post, oldest first"), postComments)
	httpapi.Register(api, httpapi.Downloaded(op("Attachment", "/attachments/{attachment}", "A file, for whoever sees the entry that it is attached to")), a.attachment)
	route(a, api, op("MaintenanceRequests", "/maintenance-requests", "The maintenance requests that the caller takes part in"), maintenanceRequests)
	route(a, api, op("Webhooks", "/webhooks", "The programs that are told, and what of"), readWebhooks)
}
