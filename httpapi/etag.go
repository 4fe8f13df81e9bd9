package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// ETag is the strong validator of a body: equal bodies have equal tags, on
// every process.
func ETag(body []byte) string {
	sum := sha256.Sum256(body)
	var tag [24]byte
	tag[0], tag[23] = '"', '"'
	base64.RawURLEncoding.Encode(tag[1:23], sum[:16])
	return string(tag[:])
}

// NoneMatch says whether a client with this If-None-Match header already has
// what the tag names, so that 304 is the answer (RFC 9110, 13.1.2). Tags are
// compared weakly. From the first malformed tag on, the header is ignored.
func NoneMatch(header, etag string) bool {
	etag = strings.TrimPrefix(etag, "W/")
	rest := strings.Trim(header, " \t")
	if rest == "*" {
		return true
	}
	for {
		rest = strings.TrimLeft(rest, " \t,")
		rest = strings.TrimPrefix(rest, "W/")
		if !strings.HasPrefix(rest, `"`) {
			return false
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return false
		}
		if rest[:end+2] == etag {
			return true
		}
		rest = strings.TrimLeft(rest[end+2:], " \t")
		if !strings.HasPrefix(rest, ",") {
			return false
		}
	}
}

// Revalidated makes a read answer with an ETag of its body, and with 304 and
// no body where the client has it already. The work of making the body is not
// saved, because rights change with time too; sending it is.
func Revalidated(op huma.Operation) huma.Operation {
	op.Middlewares = append(op.Middlewares[:len(op.Middlewares):len(op.Middlewares)], revalidate)
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "If-None-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "the ETag of what the client has; 304 if it is still that",
	})
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["304"] = &huma.Response{Description: "Not Modified: the client has it"}
	return op
}

func revalidate(ctx huma.Context, next func(huma.Context)) {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	held := &heldAnswer{humaContext: ctx, body: buffer, status: http.StatusOK}
	next(held)
	if held.status == http.StatusOK {
		tag := ETag(buffer.Bytes())
		ctx.SetHeader("ETag", tag)
		ctx.SetHeader("Cache-Control", "private, no-cache")
		if NoneMatch(ctx.Header("If-None-Match"), tag) {
			held.status = http.StatusNotModified
			buffer.Reset()
		}
	}
	ctx.SetStatus(held.status)
	if buffer.Len() > 0 {
		ctx.BodyWriter().Write(buffer.Bytes())
	}
	if buffer.Cap() <= 1<<20 {
		buffers.Put(buffer)
	}
}

type humaContext huma.Context

// heldAnswer keeps an answer back until it is whole.
type heldAnswer struct {
	humaContext
	status int
	body   *bytes.Buffer
}

func (h *heldAnswer) SetStatus(status int)  { h.status = status }
func (h *heldAnswer) Status() int           { return h.status }
func (h *heldAnswer) BodyWriter() io.Writer { return h.body }
func (h *heldAnswer) Unwrap() huma.Context  { return h.humaContext }
