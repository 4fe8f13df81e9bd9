package blobs

import (
	"mime"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

var (
	// sayNothing are types that tell nothing about the bytes: curl calls everything a form.
	sayNothing = []string{"", "application/octet-stream", "application/x-www-form-urlencoded"}
	// active is what a browser would run, which nobody calls plain text in good faith.
	active = []string{"text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript"}
	// General formats are what files of a thousand special types look like, most of
	// which the sniffer does not know: of these it takes a text or application to be any.
	generalTexts    = []string{"text/plain", "text/xml", "application/json"}
	generalArchives = []string{"application/zip", "application/gzip", "application/x-ole-storage"}
	// RFC 6839 has types say by their end what they are a kind of.
	suffixes = map[string]string{"+xml": "text/xml", "+json": "application/json", "+zip": "application/zip"}
)

// Lies reports whether a declared media type says something else than what the
// bytes look like. What is more general or more special than that is no lie: CSV
// is plain text too, and a document a ZIP file. Nor is what says nothing.
func Lies(declared, sniffed string) bool {
	declared, sniffed = bare(declared), bare(sniffed)
	switch {
	case slices.Contains(sayNothing, declared) || slices.Contains(sayNothing, sniffed):
		return false
	case declared == "text/plain" && slices.Contains(active, sniffed):
		return true
	case isKindOf(declared, sniffed) || isKindOf(sniffed, declared):
		return false
	case declared == "application/vnd.ms-excel": // which browsers on Windows say of CSV
		return sniffed != "text/csv" && sniffed != "text/plain"
	case mimetype.Lookup(declared) != nil:
		return true
	case strings.HasPrefix(declared, "text/"):
		return !slices.Contains(generalTexts, sniffed)
	case strings.HasPrefix(declared, "application/"):
		return !slices.Contains(generalTexts, sniffed) && !slices.Contains(generalArchives, sniffed)
	}
	return true
}

// isKindOf reports whether a type is another one, below it in the sniffer's tree,
// or says so by its end.
func isKindOf(t, general string) bool {
	if t == general {
		return true
	}
	for suffix, kind := range suffixes {
		if strings.HasSuffix(t, suffix) && mimetype.Lookup(kind).Is(general) {
			return true
		}
	}
	for m := mimetype.Lookup(t); m != nil; m = m.Parent() {
		if m.Is(general) {
			return true
		}
	}
	return false
}

// bare is a type without its parameters; empty for what is none.
func bare(t string) string {
	t, _, _ = mime.ParseMediaType(t)
	return t
}
