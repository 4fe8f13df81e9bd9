package httpapi

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Upload is embedded in the input of an operation whose body is a file. The file
// is not read into memory: the handler takes it as it comes.
type Upload struct{ upload }

type upload struct {
	ctx    huma.Context
	length int64
}

// uploadPatience is how long a client may take for each part of a file that
// arrives, so that one who stalls does not hold a connection for ever.
const uploadPatience = 30 * time.Second

// Resolve keeps the request, whose body is still to be read.
func (u *Upload) Resolve(ctx huma.Context) []error {
	r, _ := humago.Unwrap(ctx)
	u.upload = upload{ctx, r.ContentLength}
	return nil
}

// DeclaredType is the media type that the client gave the file; it may lie.
func (u *Upload) DeclaredType() string { return u.ctx.Header("Content-Type") }

// DeclaredSize is the length that the client announced, in bytes, or -1.
func (u *Upload) DeclaredSize() int64 { return u.length }

// Read reads the file.
func (u *Upload) Read(p []byte) (int, error) {
	if err := u.ctx.SetReadDeadline(time.Now().Add(uploadPatience)); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return 0, err
	}
	return u.ctx.BodyReader().Read(p)
}

var _ io.Reader = (*Upload)(nil)

// Uploaded describes the body of such an operation.
func Uploaded(op huma.Operation) huma.Operation {
	op.MaxBodyBytes = -1 // who reads it counts
	op.RequestBody = &huma.RequestBody{
		Required:    true,
		Description: "the file, byte by byte",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	return op
}

// Download is the output of an operation that answers with a file.
type Download struct{ Body func(huma.Context) }

// Serve answers with whatever the handler writes, status and headers included.
func Serve(handler http.HandlerFunc) *Download {
	return &Download{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		handler(w, r)
	}}
}

// Downloaded describes the answer of such an operation.
func Downloaded(op huma.Operation) huma.Operation {
	file := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	op.Responses = map[string]*huma.Response{
		"200": {Description: "The file, with the type that its bytes have", Content: file},
		"206": {Description: "The ranges that were asked for", Content: file},
		"304": {Description: "Not Modified: the client has it"},
		"416": {Description: "There is no such range"},
	}
	return op
}
