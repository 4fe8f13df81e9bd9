package stories

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/eventlog"
	"lobby.example/readapi"
)

// teller tells one story: it knows who and what the story has named.
type teller struct {
	*lobby
	people map[string]string    // full names, by first name
	names  map[uuid.UUID]string // first names
	things map[string]thing     // by #name
	after  string               // position of the last command
}

// thing is a message or a lease.
type thing struct{ id, channel string }

var space = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://lobby.example/stories"))

// id is that of a person or place, by what the story calls it.
func (s *teller) id(name string) uuid.UUID {
	id := uuid.NewSHA1(space, []byte(name))
	s.names[id] = name
	return id
}

// channel is that of the person who acts with another, or of two others.
func (s *teller) channel(who, whom string) string {
	if a, b, two := strings.Cut(whom, " and "); two {
		who, whom = a, b
	}
	return connection.Stream(connection.Between(s.id(who), s.id(whom)))
}

var (
	subject = regexp.MustCompile(`^(The platform|\p{Lu}\p{L}*)(?: \(key (\w+)\))? (.*)$`)
	raw     = regexp.MustCompile(`^sends (GET|POST|PUT|DELETE) (\S+)(?: (.*))?$`)
	becomes = regexp.MustCompile(`^It becomes (\d{4}-\d\d-\d\d)$`)
)

const expire = "Lobby ends the leases that are over"

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
	match := subject.FindStringSubmatch(line)
	if match == nil {
		s.t.Fatalf("nobody does anything in %q", line)
	}
	who, key, said := match[1], match[2], match[3]
	var token string
	if who != "Nobody" {
		token = s.token(s.id(who), who == "The platform")
	}
	if match := raw.FindStringSubmatch(said); match != nil {
		fill := func(text string) string {
			return braces.ReplaceAllStringFunc(text, func(name string) string {
				if t, ok := s.things[name[1:len(name)-1]]; ok {
					return t.id
				}
				return s.channel(who, name[1:len(name)-1])
			})
		}
		a := s.request(token, key, match[1], fill(match[2]), fill(match[3]))
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
	if sentence.shows != "" {
		return s.show(who, token, path, sentence.shows)
	}
	body := values.into(sentence.body, func(v any) string { text, _ := json.Marshal(v); return string(text) })
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
		s.things[name] = thing{id: done.ID, channel: values["CHANNEL"].(string)}
	}
	return s.written(done, head)
}

// values are what the words of a sentence put into a request.
type values map[string]any

var braces = regexp.MustCompile(`\{[#\p{L}][\w\p{L} ]*\}`)

func (v values) into(text string, encode func(any) string) string {
	return braces.ReplaceAllStringFunc(text, func(name string) string { return encode(v[name[1:len(name)-1]]) })
}

func (s *teller) values(who string, named map[string]string) values {
	v := values{"ME": s.id(who)}
	for word, text := range named {
		switch word {
		case "NAME":
			first, _, _ := strings.Cut(text, " ")
			v["NAME"], v["PERSON"] = text, s.id(first)
			if who == "The platform" {
				s.people[first] = text
			} else if s.people[who] != "" {
				s.people[who] = text
			}
		case "ROLE":
			v[word] = strings.ReplaceAll(text, " ", "_")
		case "PERSON", "LANDLORD":
			v[word] = s.id(text)
		case "CHANNEL":
			v[word] = s.channel(who, text)
		case "PLACE":
			v["PLACE"], v["PLACENAME"] = s.id(text), text
		case "YES", "NO":
			v[word] = text == "yes"
		case "THING", "THINGS":
			var ids []string
			for name := range strings.SplitSeq(text, ", ") {
				t, ok := s.things[name]
				if !ok {
					s.t.Fatalf("the story has not named %s", name)
				}
				ids = append(ids, t.id)
				v["CHANNEL"] = t.channel
			}
			v["THING"], v["THINGS"] = ids[0], ids
		default:
			v[word] = text
		}
	}
	return v
}

// expireLeases does what the program does every minute.
func (s *teller) expireLeases() string {
	position, err := s.log.Head(s.t.Context())
	if err == nil {
		err = s.model.Wait(s.t.Context(), position)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	over, err := readapi.LeasesOver(s.t.Context(), s.model, domain.DateOf(s.now()))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range over {
		_, id, err := domain.ParseStream("channel", l.Channel)
		if err == nil {
			err = s.commands.ExpireLease(s.t.Context(), id, uuid.MustParse(l.Lease), s.now())
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if len(over) == 0 {
		return "nothing to do"
	}
	var kinds []string
	for r, err := range s.log.ReadAll(s.t.Context(), position, eventlog.Forward, 0) {
		if err != nil {
			s.t.Fatal(err)
		}
		kinds = append(kinds, kindOf(r))
		s.after = r.Position.String()
	}
	return strings.Join(kinds, ", ")
}
