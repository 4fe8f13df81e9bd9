package attachment

import (
	"strings"
	"testing"

	"lobby.example/domain"
)

func TestRule1_AFileIsUploadedOnce(t *testing.T) {
	upload := Upload{Attachment: photo, Owner: tom, File: file}
	given(t).When(upload).Then(uploaded).Again().Nothing()
	given(t, uploaded, bound).When(upload).Nothing()

	t.Run("and not again after it was removed", func(t *testing.T) {
		given(t, uploaded, removed).When(upload).Refused(domain.Conflict, "already_uploaded")
	})
}

func TestRule1_WhatAFileHoldsNeverChanges(t *testing.T) {
	for name, change := range map[string]func(*Upload){
		"owner":  func(c *Upload) { c.Owner = eve },
		"name":   func(c *Upload) { c.File.Name = "tap.jpg" },
		"size":   func(c *Upload) { c.File.Size++ },
		"type":   func(c *Upload) { c.File.Type = "text/html" },
		"sha256": func(c *Upload) { c.File.SHA256 = strings.Repeat("0", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			upload := Upload{Attachment: photo, Owner: tom, File: file}
			change(&upload)
			given(t, uploaded).When(upload).Refused(domain.Conflict, "already_uploaded")
		})
	}
}

func TestRule1_AnEmptyFileIsNone(t *testing.T) {
	for _, size := range []int64{0, -1} {
		r := given(t).When(Upload{Attachment: photo, Owner: tom, File: File{Name: "tap.png", Size: size}}).
			Refused(domain.Invalid, "empty_file")
		if r.Field != "file" {
			t.Errorf("field %q", r.Field)
		}
	}
}

func TestRule2_ANameIsOneLineAndNoPath(t *testing.T) {
	for _, name := range []string{
		"a", "tap.png", "Rent 2026 (final).pdf", "..png", "...", ".env", "Mietvertrag für Straße 4.pdf", "家賃.pdf", "حساب.pdf",
		strings.Repeat("家", 200), `it's "quoted"; filename=x.html`, "CON", "100%.txt", "a:b",
	} {
		given(t).When(Upload{Attachment: photo, Owner: tom, File: named(name)}).
			Then(Uploaded{Attachment: photo, Owner: tom, File: named(name)})
	}
	for _, name := range []string{
		"", " ", "\u200b", ".", "..", "/", "../../etc/passwd", `..\boot.ini`, "a/b", `C:\a`, "a\nb", "a\r\nSet-Cookie: x", "a\tb", "a\x00.png", "a\x7f", "a\u0085b",
		"a\u2028b", "a\u2029b", "invoice\u202efdp.exe", "a\u2066b", "\xff.png", strings.Repeat("家", 201),
	} {
		r := given(t).When(Upload{Attachment: photo, Owner: tom, File: named(name)}).Refused(domain.Invalid, "not_a_file_name")
		if r.Field != "name" {
			t.Errorf("%q: field %q", name, r.Field)
		}
	}
}

func named(name string) File {
	f := file
	f.Name = name
	return f
}
