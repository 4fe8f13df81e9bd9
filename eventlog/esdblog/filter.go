package esdblog

import (
	"regexp"
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"lobby.example/eventlog"
)

// identityStream holds one event, which makes the log this log and no other. Its
// category is none of Lobby's.
const identityStream = "lobbylog"

// filter tells which streams of the server are seen: by the server, which sends
// nothing else to a subscription, and here, where reads of everything that came
// cannot be filtered by the server.
type filter struct {
	prefix     string
	categories []string
	server     *esdb.SubscriptionFilter
}

func newFilter(prefix string, categories []string) filter {
	f := filter{prefix: prefix, categories: categories, server: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType}}
	switch {
	case len(categories) > 0:
		quoted := make([]string, len(categories))
		for i, c := range categories {
			quoted[i] = regexp.QuoteMeta(c)
		}
		f.server.Regex = "^" + regexp.QuoteMeta(prefix) + "(?:" + strings.Join(quoted, "|") + ")(?:-|$)"
	case prefix != "":
		f.server.Prefixes = []string{prefix}
	default:
		f.server.Regex = "^[^$]"
	}
	return f
}

// stream is the name that a stream of the server has for us; ok is false where
// it is none of ours.
func (f *filter) stream(name string) (stream string, ok bool) {
	stream, ok = strings.CutPrefix(name, f.prefix)
	return stream, ok && stream != "" && stream != identityStream && stream[0] != '$'
}

// sees reports whether ReadAll, Follow and Head show a stream of ours.
func (f *filter) sees(stream string) bool {
	return len(f.categories) == 0 || slices.Contains(f.categories, eventlog.Category(stream))
}
