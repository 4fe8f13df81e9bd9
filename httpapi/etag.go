package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
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
