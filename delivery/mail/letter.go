package mail

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Letter tells somebody what somebody else wrote to them.
type Letter struct {
	// ID is what is left of the @ of the Message-ID: letters, digits and . _ - only.
	// The same letter has the same one, however often it is sent.
	ID         string
	To         string // an address and nothing else
	SenderName string
	Text       string
	Time       time.Time // when it was written
	Files      []File
	Link       string // to the conversation; may be empty
	// Unsubscribe is where a POST, and a person, ends letters like this one. Mail
	// programs offer it in one click if it is an https URL. May be empty.
	Unsubscribe string
	Correlation string // goes into X-Correlation-ID; may be empty
}

// File is what came with the text: it is named and linked to, not enclosed, so
// that who may have it is decided when it is asked for.
type File struct {
	Name string
	Size int64
	Link string // may be empty
}

// written is a letter as it goes out.
type written struct {
	from, to string
	utf8     bool // whether an address needs SMTPUTF8
	content  []byte
}

var atom = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// write composes the letter. All that a person wrote goes through line or lines.
func (s *Sender) write(l Letter) (written, error) {
	to, utf8, err := bareAddress(l.To)
	if err != nil {
		return written{}, err
	}
	if !atom.MatchString(l.ID) || len(l.ID) > 100 {
		return written{}, fmt.Errorf("mail: a Message-ID cannot begin with %.100q", l.ID)
	}
	for _, link := range append(l.links(), l.Unsubscribe) {
		if err := checkLink(link); err != nil {
			return written{}, err
		}
	}
	from, subject := s.from, "A message for you"
	if name := line(l.SenderName, 100); name != "" {
		from.Name, subject = name+" via "+s.from.Name, "Message from "+name
	}
	// The boundary of the parts is random, as nobody who writes may know it.
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if ascii(from.Name) {
		m.FromMailAddress(&from)
	} else {
		m.SetGenHeaderPreformatted("From", encodedFrom(from))
	}
	m.ToMailAddress(&mail.Address{Address: to})
	m.Subject(subject)
	m.SetMessageIDWithValue(l.ID + "@" + s.domain)
	m.SetDateWithValue(l.Time)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if correlation := line(l.Correlation, 200); correlation != "" {
		m.SetGenHeader("X-Correlation-ID", correlation)
	}
	if l.Unsubscribe != "" {
		m.SetListUnsubscribe(l.Unsubscribe)
		if strings.HasPrefix(l.Unsubscribe, "https://") { // RFC 8058 wants that, for the POST
			m.SetListUnsubscribePost()
		}
	}
	b := s.body(l)
	htmlText := new(bytes.Buffer)
	if err := htmlPart.Execute(htmlText, b); err != nil {
		return written{}, fmt.Errorf("mail: write: %w", err)
	}
	m.SetBodyString(gomail.TypeTextPlain, b.plain())
	m.AddAlternativeString(gomail.TypeTextHTML, htmlText.String())
	content := new(bytes.Buffer)
	if _, err := m.WriteTo(content); err != nil {
		return written{}, fmt.Errorf("mail: write: %w", err)
	}
	return written{from: s.from.Address, to: to, utf8: utf8, content: content.Bytes()}, nil
}

// encodedFrom is an address whose name has other letters than ASCII. net/mail
// would write some of them so that a backslash beside them breaks the field.
func encodedFrom(a mail.Address) string {
	words := strings.ReplaceAll(mime.BEncoding.Encode("utf-8", a.Name), " ", "\r\n ")
	return words + "\r\n <" + a.Address + ">"
}

func (l Letter) links() []string {
	links := []string{l.Link}
	for _, f := range l.Files {
		links = append(links, f.Link)
	}
	return links
}

// checkLink refuses what is no web address, and what would not stay one between
// the brackets of a header. Links are made by the program and its configuration,
// which can be mended, so this is nothing permanent.
func checkLink(link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(link) > 800 || !ascii(link) || strings.ContainsAny(link, "<>\" ") {
		return fmt.Errorf("mail: %.100q is no http or https URL that a letter may link to", link)
	}
	return nil
}
