package blobs

import "testing"

func TestLies(t *testing.T) {
	for _, c := range []struct {
		declared, sniffed string
		lies              bool
	}{
		{"image/png", "image/png", false},
		{"IMAGE/PNG", "image/png", false},
		{"image/png; charset=utf-8", "image/png", false},
		{"text/plain", "text/plain; charset=utf-8", false},
		{"application/x-pdf", "application/pdf", false}, // another name
		{"application/javascript", "text/javascript", false},

		// What says nothing.
		{"", "image/png", false},
		{"application/octet-stream", "text/html; charset=utf-8", false},
		{"application/x-www-form-urlencoded", "image/png", false},
		{"no type", "image/png", false},
		{"image/png", "application/octet-stream", false},
		{"application/x-lobby", "application/octet-stream", false},

		// More general and more special.
		{"text/csv", "text/plain; charset=utf-8", false},
		{"text/plain", "text/csv", false},
		{"text/html", "text/plain; charset=utf-8", false},
		{"application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip", false},
		{"application/msword", "application/x-ole-storage", false},
		{"application/geo+json", "application/json", false},
		{"text/plain", "application/json", false},
		{"text/plain", "text/x-python", false},
		{"text/xml", "image/svg+xml", false}, // to the sniffer, they are siblings
		{"application/xml", "image/svg+xml", false},
		{"image/svg+xml", "text/xml; charset=utf-8", false},
		{"image/svg+xml", "application/json", true},

		// What a browser would run.
		{"text/plain", "text/html; charset=utf-8", true},
		{"text/plain", "image/svg+xml", true},
		{"text/plain", "application/xhtml+xml", true},
		{"text/plain", "text/javascript", true},
		{"text/html", "text/html; charset=utf-8", false},
		{"image/svg+xml", "image/svg+xml", false},

		// Types that the sniffer does not know.
		{"text/markdown", "text/plain; charset=utf-8", false},
		{"text/css", "text/plain; charset=utf-8", false},
		{"application/yaml", "text/plain; charset=utf-8", false},
		{"application/vnd.lobby+json", "application/json", false},
		{"application/vnd.ms-excel.sheet.macroEnabled.12", "application/zip", false},
		{"text/markdown", "text/html; charset=utf-8", true},
		{"text/markdown", "application/zip", true},
		{"application/x-lobby", "image/png", true},
		{"application/x-lobby", "application/vnd.microsoft.portable-executable", true},
		{"image/x-lobby", "text/plain; charset=utf-8", true},
		{"video/x-lobby", "application/zip", true},

		{"application/vnd.ms-excel", "text/csv", false}, // as Windows says
		{"application/vnd.ms-excel", "text/plain; charset=utf-8", false},
		{"application/vnd.ms-excel", "application/x-ole-storage", false},
		{"application/vnd.ms-excel", "text/html; charset=utf-8", true},

		// Plain lies.
		{"image/png", "text/html; charset=utf-8", true},
		{"image/png", "image/jpeg", true},
		{"image/png", "text/plain; charset=utf-8", true},
		{"application/pdf", "application/vnd.microsoft.portable-executable", true},
		{"application/pdf", "text/html; charset=utf-8", true},
		{"text/plain", "image/png", true},
		{"text/csv", "text/html; charset=utf-8", true},
	} {
		if got := Lies(c.declared, c.sniffed); got != c.lies {
			t.Errorf("%q for %q: %t, want %t", c.declared, c.sniffed, got, c.lies)
		}
	}
}
