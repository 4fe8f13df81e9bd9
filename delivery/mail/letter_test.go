package mail

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"lobby.example/delivery/mail/sink"
)

// offline writes letters and sends none.
func offline(t testing.TB) *Sender {
	t.Helper()
	s, err := New(Options{Server: "smtp+plain://127.0.0.1", From: "post@lobby.example"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMarkupIsShownAndNotObeyed(t *testing.T) {
	l := letter("jane@example.org")
	l.SenderName = `<b>Ann</b>`
	l.Text = "<script>alert(1)</script>\r\nsee https://evil.example/ & \"more\"\r.\n..\n\tשלום"
	l.Files = []File{{Name: `<img src=x onerror="alert(2)">.pdf`, Link: "https://lobby.example/f"}}
	w, err := offline(t).write(l)
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, sink.Letter{Raw: w.content})
	for _, bad := range []string{"<script", "<img", "<b>", `href="https://evil`} {
		if strings.Contains(m.HTML, bad) {
			t.Errorf("%s is in\n%s", bad, m.HTML)
		}
	}
	if n := strings.Count(m.HTML, "<a "); n != 1 {
		t.Errorf("%d links in\n%s", n, m.HTML)
	}
	if !strings.Contains(m.HTML, `<div dir="auto" style="white-space: pre-wrap">`+"\tשלום</div>") {
		t.Errorf("a line that reads the other way is not one of its own in\n%s", m.HTML)
	}
	if want := "<script>alert(1)</script>\nsee https://evil.example/ & \"more\"\n.\n..\n\tשלום\n"; !strings.Contains(m.Text, want) {
		t.Errorf("%q is not in\n%s", want, m.Text)
	}
}

// TestDotsArriveAsDots through the dots that end a letter in SMTP.
func TestDotsArriveAsDots(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	l := letter("jane@example.org")
	l.Text = "above\n.\nRCPT TO:<all@example.org>\n..\n.below"
	mustSend(t, sender(t, mailbox, Options{}), l)
	got := mailbox.Letters()
	if len(got) != 1 || !strings.Contains(parse(t, got[0]).Text, "\n"+l.Text+"\n") {
		t.Errorf("received %+v", got)
	}
}

func TestOneClickIsForHTTPSOnly(t *testing.T) {
	for unsubscribe, post := range map[string]string{
		"": "", "http://127.0.0.1:8080/unsubscribe/t": "", "https://lobby.example/unsubscribe/t": "List-Unsubscribe=One-Click",
	} {
		l := letter("jane@example.org")
		l.Unsubscribe = unsubscribe
		w, err := offline(t).write(l)
		if err != nil {
			t.Fatal(err)
		}
		m := parse(t, sink.Letter{Raw: w.content})
		want := ""
		if unsubscribe != "" {
			want = "<" + unsubscribe + ">"
		}
		if m.Field("List-Unsubscribe") != want || m.Field("List-Unsubscribe-Post") != post {
			t.Errorf("%q became %q and %q", unsubscribe, m.Field("List-Unsubscribe"), m.Field("List-Unsubscribe-Post"))
		}
	}
}

// TestWhatTheProgramGetsWrongMayPass, since the program can be mended: it is not
// the letter's fault.
func TestWhatTheProgramGetsWrongMayPass(t *testing.T) {
	for what, change := range map[string]func(*Letter){
		"an ID with a line break":    func(l *Letter) { l.ID = "a\r\nBcc: b" },
		"an ID with an @":            func(l *Letter) { l.ID = "a@b" },
		"no ID":                      func(l *Letter) { l.ID = "" },
		"a link to a script":         func(l *Letter) { l.Files = []File{{Name: "x", Link: "javascript:alert(1)"}} },
		"a link with a line break":   func(l *Letter) { l.Unsubscribe = "https://lobby.example/\r\nBcc: b" },
		"a link that ends a bracket": func(l *Letter) { l.Unsubscribe = "https://lobby.example/>,<mailto:a@b" },
		"a file's link to a file":    func(l *Letter) { l.Files = []File{{Name: "x", Link: "file:///etc/passwd"}} },
		"a link to nowhere":          func(l *Letter) { l.Unsubscribe = "https:///x" },
	} {
		t.Run(what, func(t *testing.T) {
			l := letter("jane@example.org")
			change(&l)
			_, err := offline(t).write(l)
			mustPass(t, err)
		})
	}
}

func TestSizesAreSaidAsPeopleSayThem(t *testing.T) {
	for size, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9940: "9.9 kB", 9951: "10 kB", 999_499: "999 kB",
		999_500: "1.0 MB", 25 << 20: "26 MB", 3_000_000_000: "3.0 GB", 4_000_000_000_000: "4000 GB",
	} {
		if got := (File{Size: size}).size(); got != want {
			t.Errorf("%d is %s, not %s", size, got, want)
		}
	}
}

func TestTheWriterIsNamedAndNeverAnythingElse(t *testing.T) {
	mailbox := listen(t, sink.Options{})
	s := sender(t, mailbox, Options{})
	for name, want := range map[string]string{
		"Jürgen Müller":               "Jürgen Müller via Lobby",
		"李小龍":                         "李小龍 via Lobby",
		`Ann "the cat" <x@y.example>`: `Ann "the cat" <x@y.example> via Lobby`,
		"Ann\r\nBcc: all@example.org": "Ann Bcc: all@example.org via Lobby",
		"Ann\x00\u202ebboL":           "Ann bboL via Lobby",
		" \n ":                        "Lobby",
		`Jürgen\`:                     `Jürgen\ via Lobby`,
		`Ann\`:                        `Ann\ via Lobby`,
		strings.Repeat("ä", 300):      strings.Repeat("ä", 99) + "… via Lobby",
		strings.Repeat("a b  ", 40):   strings.TrimSpace(strings.Repeat("a b ", 25)[:99]) + "… via Lobby",
	} {
		l := letter("jane@example.org")
		l.SenderName = name
		mustSend(t, s, l)
		got := mailbox.Letters()
		raw := got[len(got)-1]
		from, err := mail.ParseAddress(parse(t, raw).Header.Get("From"))
		if err != nil || from.Name != want || from.Address != "post@lobby.example" {
			t.Errorf("%q became %v (%v), not %q", name, from, err, want)
		}
		for l := range strings.Lines(string(raw.Raw)) {
			if len(l) > 200 {
				t.Errorf("a line has %d bytes: %s", len(l), l)
			}
		}
	}
}

// FuzzNothingWrittenGetsOutOfItsPlace: whatever people write, the header has the
// fields that it always has, and the parts have no other links.
func FuzzNothingWrittenGetsOutOfItsPlace(f *testing.F) {
	f.Add("Ann", "hello", "plan.pdf", "call-1")
	f.Add("Ann\r\nBcc: all@example.org\r\n\r\n", "\r\n.\r\nQUIT\r\n", "a\r\nb.pdf", "x\r\ny")
	f.Add("=?utf-8?q?=0D=0ABcc:_x?=", "<a href=x>", "\"'><a href=x>", "=?utf-8?b?DQo=?=")
	f.Add("\x00\x7f\u2028\u202e\xff", "\x00\xff\u0085", "\xc3\x28", "\u0085")
	f.Add("\x9e\\", "", "\\", "ü\\") // what net/mail makes of a name like that it does not read
	s := offline(f)
	f.Fuzz(func(t *testing.T, name, text, file, correlation string) {
		l := letter("jane@example.org")
		l.SenderName, l.Text, l.Correlation = name, text, correlation
		l.Files = []File{{Name: file, Link: "https://lobby.example/f"}}
		w, err := s.write(l)
		if err != nil {
			t.Fatal(err)
		}
		m := parse(t, sink.Letter{Raw: w.content})
		fields := 9
		if line(correlation, 200) == "" {
			fields = 8
		}
		if len(m.Header) != fields {
			t.Errorf("the header is %v", m.Header)
		}
		if from, err := mail.ParseAddress(m.Header.Get("From")); err != nil || from.Address != "post@lobby.example" || !strings.HasSuffix(from.Name, "Lobby") {
			t.Errorf("from %v (%v)", from, err)
		}
		if n := strings.Count(m.HTML, "<a "); n != 1 {
			t.Errorf("%d links in %q", n, m.HTML)
		}
		if want := strings.Join(lines(text), "\n"); !utf8.ValidString(m.Text) || !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in %q", want, m.Text)
		}
		for l := range strings.SplitSeq(string(w.content), "\r\n") {
			if len(l) > 998 || strings.ContainsAny(l, "\r\n\x00") {
				t.Errorf("a line is %q", l)
			}
		}
	})
}
