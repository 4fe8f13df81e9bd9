package stories

import (
	"regexp"
	"slices"
	"strings"
)

// sentence is one thing that a story can say of somebody. The words in capitals
// stand for what they name; braces put them into the request, as an id where a
// thing has one.
type sentence struct {
	says  string // after the name of whoever does it
	route string
	body  string
	shows string // for a query: a template of the answer; a command shows its events
}

// language is all that stories are told in.
var language = slices.Concat(aboutFiles, aboutPeople, aboutChannels, aboutBoards, aboutRequests, aboutPrograms)

// words are what the words in capitals stand for.
var words = map[string]string{
	"NAME":     `\p{Lu}\S*(?: \S+)*`,
	"ROLE":     `landlord|tenant|service pro`,
	"PERSON":   `\p{Lu}\p{L}*`,
	"LANDLORD": `\p{Lu}\p{L}*`,
	"CHANNEL":  `\p{Lu}\p{L}*(?: and \p{Lu}\p{L}*)?|the board of \p{Lu}\p{L}*|#\w+`,
	"SECTION":  `messages|board|maintenance`,
	"NEW":      `#\w+`,
	"THING":    `#\w+`,
	"THINGS":   `#\w+(?:, #\w+)*`,
	"FILE":     `#\w+`,
	"FILES":    `#\w+(?:, #\w+)*`,
	"CALLED":   `\S+`,
	"CATEGORY": `job|for sale|wanted|lost and found|notice|announcement`,
	"AUDIENCE": `[^:]+`,
	"TITLE":    `[^.]+`,
	"PLACE":    `[^,:]+`,
	"FIRST":    `\S+`,
	"LAST":     `\S+`,
	"STATUS":   `[a-z ]+`,
	"PROGRAM":  `\p{Ll}+`,
	"KINDS":    `[a-z_]+(?:, [a-z_]+)*`,
	"SECRET":   `\S+`,
	"YES":      `yes|no`,
	"NO":       `yes|no`,
	"TEXT":     `.*`,
}

var capitals = regexp.MustCompile(`\b[A-Z]{2,}\b`)

// patterns are the sentences as regular expressions, each word in capitals a
// group of its name.
var patterns = func() (compiled []*regexp.Regexp) {
	for _, s := range language {
		pattern := capitals.ReplaceAllStringFunc(s.says, func(word string) string {
			return "(?P<" + word + ">" + words[word] + ")"
		})
		compiled = append(compiled, regexp.MustCompile("^"+pattern+"$"))
	}
	return compiled
}()

// understand finds the sentence that is said, and what its words stand for.
func understand(said string) (s sentence, named map[string]string, ok bool) {
	for i, pattern := range patterns {
		match := pattern.FindStringSubmatch(said)
		if match == nil {
			continue
		}
		named = map[string]string{}
		for j, name := range pattern.SubexpNames() {
			if name != "" {
				named[name] = strings.TrimSpace(match[j])
			}
		}
		return language[i], named, true
	}
	return sentence{}, nil, false
}
