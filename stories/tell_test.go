package stories

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain/connection"
	"lobby.example/projections"
)

// teller tells one story: it knows who and what the story has named.
type teller struct {
	*lobby
	people map[string]string    // full names, by first name
	names  map[uuid.UUID]string // first names
	things map[string]thing     // by #name
	after  string               // position of the last command
	told   string               // position and day of the last comparison of numbers
}

// thing is what a story has named: a message, lease, post, comment or request.
type thing struct {
	id      string // of a request that of its description, the first message
	channel string // the stream that it is in
	title   string // of a post or request
}

var space = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/stories"))

// id is that of a person or place, by what the story calls it.
func (s *teller) id(name string) uuid.UUID {
	id := uuid.NewSHA1(space, []byte(name))
	s.names[id] = name
	return id
}

// channel is that of the person who acts with another, or of two others; a
// board, or what a named thing is in.
func (s *teller) channel(who, whom string) string {
	if landlord, ok := strings.CutPrefix(whom, "the board of "); ok {
		return projections.BoardOf(s.id(landlord))
	}
	if strings.HasPrefix(whom, "#") {
		return s.thing(whom).channel
	}
	if a, b, two := strings.Cut(whom, " and "); two {
		who, whom = a, b
	}
	return connection.Stream(connection.Between(s.id(who), s.id(whom)))
}

// thing is what the story has named.
func (s *teller) thing(name string) thing {
	t, ok := s.things[name]
	if !ok {
		s.t.Fatalf("the story has not named %s", name)
	}
	return t
}

var (
	subject = regexp.MustCompile(`^(The platform|\p{Lu}\p{L}*)(?: for (\p{Lu}\p{L}*))?(?: \(key (\w+)\))? (.*)$`)
	raw     = regexp.MustCompile(`^sends (GET|POST|PUT|DELETE) ((?:\{[^}]*\}|\S)+)(?: (.*))?$`)
	becomes = regexp.MustCompile(`^It becomes (\d{4}-\d\d-\d\d)$`)
)

// tell does what a line says, and tells what came of it.
func (s *teller) tell(line string) string {
	s.pass(time.Minute)
	if match := becomes.FindStringSubmatch(line); match != nil {
		day, err := time.Parse(time.DateOnly, match[1])
		if err != nil {
			s.t.Fatal(err)
		}
		s.set(day.Add(9 * time.Hour))
		return ""
	}
	if line == expire {
		return s.expireLeases()
	}
	if match := gone.FindStringSubmatch(line); match != nil {
		return s.endWebhook(s.thing(match[1]).id)
	}
	if match := link.FindStringSubmatch(line); match != nil {
		return s.follow(match[1], match[2])
	}
	match := subject.FindStringSubmatch(line)
	if match == nil {
		s.t.Fatalf("nobody does anything in %q", line)
	}
	who, landlord, key, said := match[1], match[2], match[3], match[4]
	var token string
	if who != "Nobody" {
		token = s.token(s.id(who), who == "The platform")
	}
	if match := raw.FindStringSubmatch(said); match != nil {
		a := s.request(token, key, match[1], s.fill(who, match[2]), s.fill(who, match[3]))
		if a.ok() {
			return fmt.Sprintf("answered with %d", a.status)
		}
		return s.refusal(a)
	}
	sentence, named, ok := understand(said)
	if !ok {
		s.t.Fatalf("no story can say %q", line)
	}
	values := s.values(who, named)
	method, path, _ := strings.Cut(sentence.route, " ")
	path = values.into(path, func(v any) string { return url.PathEscape(fmt.Sprint(v)) })
	if sentence.shows == asItIs {
		return s.download(token, path)
	}
	if sentence.shows != "" {
		return s.show(who, token, path, sentence.shows)
	}
	if landlord != "" {
		path += "?landlord=" + s.id(landlord).String()
	}
	body := values.into(sentence.body, func(v any) string { text, _ := json.Marshal(v); return string(text) })
	if sentence.body == asItIs {
		body = named["TEXT"]
	}
	head, err := s.log.Head(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	a := s.request(token, key, method, path, body)
	if !a.ok() {
		return s.refusal(a)
	}
	var done commandAnswer
	if err := a.decode(&done); err != nil {
		s.t.Fatalf("%v in %s", err, a.body)
	}
	if name := named["NEW"]; name != "" {
		s.things[name] = thing{id: s.entry(done), channel: done.Stream, title: named["TITLE"]}
	}
	return s.written(done, head)
}
