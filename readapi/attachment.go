package readapi

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"lobby.example/blobs"
	"lobby.example/domain"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// attachmentIn takes what http.ServeContent reads of a request, so that the
// OpenAPI document says it.
type attachmentIn struct {
	Attachment uuid.UUID `path:"attachment" doc:"the file"`
	Range      string    `header:"Range" doc:"as in bytes=0-1023"`
}

// stored is what is known of a file beside its bytes.
type stored struct {
	name, kind, sha256 string
	uploaded           time.Time
}

var noSuchFile = domain.Refuse(domain.NotFound, "attachment_not_found", "There is no such file.")

// inline are the types that a browser may show where it is; all others are saved.
var inline = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain; charset=utf-8"}

// attachment answers with a file, if its entry is there for the caller at this
// moment: the model first catches up with all that the log has, so that a right
// which was lost before the request came in is lost here, too. Nothing is kept.
func (a *API) attachment(ctx context.Context, in *attachmentIn) (*httpapi.Download, error) {
	head, err := a.head(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.wait(ctx, head); err != nil {
		return nil, err
	}
	v := &view{ctx: ctx, person: readmodel.ID(httpapi.CallerOf(ctx).Person.String()), today: domain.DateOf(a.now())}
	var file stored
	_, err = a.model.View(ctx, func(q readmodel.Query) error {
		v.Query = q
		return v.answer(func() (err error) {
			file, err = v.file(in.Attachment)
			return err
		})
	})
	if err != nil {
		return nil, answerable(err)
	}
	if a.files == nil {
		return nil, errors.New("readapi: there is no store of files")
	}
	return httpapi.Serve(func(w http.ResponseWriter, r *http.Request) {
		bytes, err := a.files.Get(r.Context(), in.Attachment)
		if errors.Is(err, blobs.ErrNotFound) { // removed since
			httpapi.ProblemOf(noSuchFile).ServeHTTP(w, r)
			return
		}
		if err != nil {
			a.logger.ErrorContext(r.Context(), "file not served", "attachment", in.Attachment, "cause", err)
			httpapi.NewProblem(http.StatusInternalServerError, "internal", "something went wrong here; it has been recorded").ServeHTTP(w, r)
			return
		}
		defer bytes.Close()
		file.describe(w.Header())
		http.ServeContent(w, r, "", file.uploaded, bytes)
	}), nil
}

// describe sets headers that let nothing in the file act: its type is what its
// bytes are, nobody guesses another, and nothing in it is run.
func (f *stored) describe(h http.Header) {
	disposition := "attachment"
	if slices.Contains(inline, f.kind) {
		disposition = "inline"
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache") // asked for each time, with the tag
	h.Set("ETag", `"`+f.sha256+`"`)
}

// file finds a file whose entry the person sees: a post, a comment on one, or a
// message.
func (v *view) file(id uuid.UUID) (f stored, err error) {
	ok, err := v.one([]any{&f.name, &f.kind, &f.sha256, &f.uploaded}, `
		select a.name, a.type, a.sha256, a.uploaded_at from attachments a
		where a.attachment = $3 and a.removed = false and (
			exists (select 1 from posts p where p.post = a.channel and `+visiblePost+`
				and (p.entry = a.entry or exists (select 1 from messages_by_key m where m.channel = a.channel and m.entry = a.entry`+each+`)))
			or exists (select 1 from messages_by_key m join inbox i on i.person = $1 and i.channel = m.channel
				where m.channel = a.channel and m.entry = a.entry and `+readableMessage+`))`,
		v.person, string(v.today), id)
	if err == nil && !ok {
		err = noSuchFile
	}
	return f, err
}
