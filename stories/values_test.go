package stories

import (
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// values are what the words of a sentence put into a request.
type values map[string]any

var braces = regexp.MustCompile(`\{[#\p{L}][#\w\p{L} ]*\}`)

// fill puts ids into a request that a story spells out: {#keys} is the id of what
// is named so, {in #keys} the channel that it is in, and {Jonas} that with him.
func (s *teller) fill(who, text string) string {
	return braces.ReplaceAllStringFunc(text, func(name string) string {
		name = strings.Trim(name, "{}")
		if in, ok := strings.CutPrefix(name, "in "); ok {
			return s.channel(who, in)
		}
		if strings.HasPrefix(name, "#") {
			return s.thing(name).id
		}
		return s.channel(who, name)
	})
}

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
		case "PERSON", "LANDLORD":
			v[word] = s.id(text)
		case "CHANNEL":
			v[word] = s.channel(who, text)
		case "ROLE", "CATEGORY", "STATUS":
			v[word] = strings.ReplaceAll(text, " ", "_")
		case "AUDIENCE":
			v[word] = s.audience(text)
		case "PLACE":
			v["PLACE"], v["PLACENAME"] = s.id(text), text
		case "PROGRAM":
			v[word] = s.programs.at(text)
		case "KINDS":
			v[word] = strings.Split(text, ", ")
		case "YES", "NO":
			v[word] = text == "yes"
		case "THING", "THINGS":
			var ids []string
			for name := range strings.SplitSeq(text, ", ") {
				t := s.thing(name)
				ids = append(ids, t.id)
				v["CHANNEL"] = t.channel
			}
			v["THING"], v["THINGS"] = ids[0], ids
		case "FILE", "FILES":
			var ids []string
			for name := range strings.SplitSeq(text, ", ") {
				ids = append(ids, s.thing(name).id)
			}
			v["FILE"], v["FILES"] = ids[0], ids
		default:
			v[word] = text
		}
	}
	return v
}

// audience is all, or the places named.
func (s *teller) audience(text string) any {
	if text == "all" {
		return map[string]bool{"all": true}
	}
	var places []uuid.UUID
	for place := range strings.SplitSeq(text, " and ") {
		places = append(places, s.id(place))
	}
	return map[string]any{"properties": places}
}
