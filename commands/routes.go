package commands

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/httpapi"
)

// Register adds the route of every command, one line each. Its name is the
// operation's id.
func (s *Service) Register(api *httpapi.API) {
	made := func(o huma.Operation) huma.Operation { o.DefaultStatus = http.StatusCreated; return o }
	about := func(summary string, o huma.Operation) huma.Operation { o.Summary = summary; return o } // where the name says too little
	op := func(name, method, path string) huma.Operation {
		return huma.Operation{OperationID: name, Method: method, Path: "/v1" + path, BodyReadTimeout: 10 * time.Second}
	}

	route(s, api, made(op("RegisterPerson", http.MethodPost, "/persons")), s.registerPerson)
	route(s, api, op("UpdateProfile", http.MethodPut, "/persons/{person}/profile"), s.updateProfile)
	route(s, api, op("SetPreferences", http.MethodPut, "/persons/{person}/preferences"), s.setPreferences)
	route(s, api, op("DeactivatePerson", http.MethodDelete, "/persons/{person}"), s.deactivatePerson)

	route(s, api, made(op("Invite", http.MethodPost, "/connections")), s.invite)
	route(s, api, op("AcceptInvitation", http.MethodPost, "/connections/{connection}/accept"), s.acceptInvitation)
	route(s, api, op("DeclineInvitation", http.MethodPost, "/connections/{connection}/decline"), s.declineInvitation)
	route(s, api, op("Disconnect", http.MethodDelete, "/connections/{connection}"), s.disconnect)
	route(s, api, made(op("ShareLease", http.MethodPost, "/connections/{connection}/leases")), s.shareLease)
	route(s, api, op("EndLease", http.MethodDelete, "/connections/{connection}/leases/{lease}"), s.endLease)

	route(s, api, made(op("SendMessage", http.MethodPost, "/channels/{channel}/messages")), s.sendMessage)
	route(s, api, about("Take back an own message that nobody has seen", op("DeleteMessage", http.MethodDelete, "/channels/{channel}/messages/{message}")), s.deleteMessage)
	route(s, api, about("Mark entries as seen that were displayed to the caller", op("MarkSeen", http.MethodPost, "/channels/{channel}/seen")), s.markSeen)
	route(s, api, about("Put the caller's own mark on a channel, or take it off", op("MarkUnread", http.MethodPut, "/channels/{channel}/unread")), s.markUnread)
	route(s, api, about("Mute a channel or board, or lift that", op("MuteChannel", http.MethodPut, "/channels/{channel}/mute")), s.muteChannel)

	route(s, api, made(httpapi.Uploaded(op("UploadAttachment", http.MethodPost, "/attachments"))), s.uploadAttachment)

	route(s, api, made(op("PublishPost", http.MethodPost, "/posts")), s.publishPost)
	route(s, api, op("EditPost", http.MethodPut, "/posts/{post}"), s.editPost)
	route(s, api, op("RemovePost", http.MethodDelete, "/posts/{post}"), s.removePost)
	route(s, api, op("PinPost", http.MethodPut, "/posts/{post}/pin"), s.pinPost)
	route(s, api, op("UnpinPost", http.MethodDelete, "/posts/{post}/pin"), s.unpinPost)
	route(s, api, op("OpenComments", http.MethodPut, "/posts/{post}/commenting"), s.openComments)
	route(s, api, op("CloseComments", http.MethodDelete, "/posts/{post}/commenting"), s.closeComments)
	route(s, api, made(op("AddComment", http.MethodPost, "/posts/{post}/comments")), s.addComment)
	route(s, api, about("Take back an own comment that the landlord has not seen", op("DeleteComment", http.MethodDelete, "/posts/{post}/comments/{comment}")), s.deleteComment)
	route(s, api, about("Remove any comment from one's board, on the record", op("RemoveComment", http.MethodPost, "/posts/{post}/comments/{comment}/remove")), s.removeComment)

	route(s, api, made(about("Submit a maintenance request to one's landlord", op("SubmitMaintenanceRequest", http.MethodPost, "/maintenance-requests"))), s.submitRequest)
	route(s, api, made(about("Open a maintenance request as the landlord", op("OpenMaintenanceRequest", http.MethodPost, "/maintenance-requests/open"))), s.openRequest)
	route(s, api, about("Share a maintenance request with a tenant or service pro", op("ShareMaintenanceRequest", http.MethodPut, "/maintenance-requests/{request}/shares/{person}")), s.shareRequest)
	route(s, api, about("Stop sharing a maintenance request with somebody", op("UnshareMaintenanceRequest", http.MethodDelete, "/maintenance-requests/{request}/shares/{person}")), s.unshareRequest)
	route(s, api, op("SetMaintenanceStatus", http.MethodPut, "/maintenance-requests/{request}/status"), s.setStatus)

	route(s, api, made(about("Have another program told of kinds of event", op("CreateWebhook", http.MethodPost, "/webhooks"))), s.createWebhook)
	route(s, api, about("Sign with another secret; for a day with the one before, too", op("RotateWebhookSecret", http.MethodPut, "/webhooks/{webhook}/secret")), s.rotateWebhookSecret)
	route(s, api, op("DeleteWebhook", http.MethodDelete, "/webhooks/{webhook}"), s.deleteWebhook)

	s.serveUnsubscribe(api)
}

// KeyHeader is the header that every command may have. What is embedded in an
// input is exported, since huma passes over what is not.
type KeyHeader struct{ httpapi.Idempotent }

func (k KeyHeader) idempotencyKey() string { return k.Key }

// ConnectionIn and ChannelIn are the paths that commands on a pair come by.
type ConnectionIn struct {
	KeyHeader
	Connection string `path:"connection" maxLength:"100" doc:"the connection, which is the id of its channel"`
}

type ChannelIn struct {
	KeyHeader
	Channel string `path:"channel" maxLength:"100" doc:"the channel"`
}

// ForLandlord is the parameter of what a landlord does, or the platform for them.
type ForLandlord struct {
	Landlord string `query:"landlord" format:"uuid" doc:"for whom the platform does it; for nobody else to send"`
}

// connectionID reads the name of a connection. The name of something else is
// that of no connection.
func connectionID(field, name string) (uuid.UUID, error) {
	category, id, err := domain.ParseStream(field, name)
	if err == nil && category != connection.Noun.Category {
		err = connection.NotFound
	}
	return id, err
}
