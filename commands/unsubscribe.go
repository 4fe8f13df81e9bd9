package commands

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/person"
	"lobby.example/httpapi"
)

const (
	unsubscribePath     = "/unsubscribe/{token}"
	maxUnsubscribeBytes = 4 << 10
	// Nothing but the page itself: no script, no style, nothing from elsewhere, and
	// no way to be shown inside another page.
	unsubscribePolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// The pages of the link in an email. They say nothing of anybody, so that whoever
// gets hold of a link learns nothing from it.
var (
	askToUnsubscribe = unsubscribePage("Stop email copies?", `<p>Shall no copies of messages be sent to this email address any more? The messages themselves stay where they are.</p>
<form method="post"><button type="submit">Stop email copies</button></form>`)
	unsubscribed        = unsubscribePage("Done", `<p>No copies of messages will be sent to this email address any more.</p>`)
	unsubscribeNotFound = unsubscribePage("Not found", `<p>There is nothing here.</p>`)
	unsubscribeTooLarge = unsubscribePage("Too large", `<p>That was more than this page takes.</p>`)
	unsubscribeFailed   = unsubscribePage("Not done", `<p>Something went wrong. Please try again in a minute.</p>`)
)

func unsubscribePage(title, body string) string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>` + title + `</title>
</head>
<body>
<h1>` + title + `</h1>
` + body + `
</body>
</html>
`
}

// serveUnsubscribe adds the pages behind the link in an email, which are no operations
// of the API: the link's token is all that one needs. Looking at a link changes
// nothing, since programs look at links in emails, too. A POST does, from the button or
// from a mail program that knows RFC 8058, whatever is in its body.
func (s *Service) serveUnsubscribe(api *httpapi.API) {
	if s.unsubscribe == nil {
		return
	}
	api.Handle("GET "+unsubscribePath, s.unsubscribing(func(w http.ResponseWriter, _ *http.Request, _ uuid.UUID) {
		answerPage(w, http.StatusOK, askToUnsubscribe)
	}))
	api.Handle("POST "+unsubscribePath, s.unsubscribing(s.stopEmailCopies))
}

// unsubscribing finds out whose link it is. Where it is nobody's, there is no page.
func (s *Service) unsubscribing(serve func(http.ResponseWriter, *http.Request, uuid.UUID)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := s.unsubscribe(r.Context(), r.PathValue("token"))
		if !ok {
			answerPage(w, http.StatusNotFound, unsubscribeNotFound)
			return
		}
		serve(w, r, id)
	})
}

func (s *Service) stopEmailCopies(w http.ResponseWriter, r *http.Request, id uuid.UUID) {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(10 * time.Second))
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		_, err = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxUnsubscribeBytes))
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		answerPage(w, http.StatusRequestEntityTooLarge, unsubscribeTooLarge)
		return
	}
	if err != nil { // the client left, or took too long
		answerPage(w, http.StatusBadRequest, unsubscribeFailed)
		return
	}
	_, err = s.people.Execute(r.Context(), person.StopEmailCopies{Person: id}, Request{Command: uuid.New(), Actor: id, At: s.now()})
	refused := (*domain.Refusal)(nil)
	switch {
	case err == nil, errors.As(err, &refused) && refused.Reason == domain.Conflict: // nobody writes to who was deactivated
		answerPage(w, http.StatusOK, unsubscribed)
	case refused != nil:
		answerPage(w, http.StatusNotFound, unsubscribeNotFound)
	default:
		s.logger.ErrorContext(r.Context(), "email copies not stopped", "person", id, "cause", err)
		answerPage(w, http.StatusServiceUnavailable, unsubscribeFailed)
	}
}

func answerPage(w http.ResponseWriter, status int, page string) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", unsubscribePolicy)
	header.Set("Referrer-Policy", "no-referrer") // the address is the token
	w.WriteHeader(status)
	io.WriteString(w, page) // where this fails nobody is left to tell
}
