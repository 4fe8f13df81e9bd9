package esdbserver

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"lobby.example/eventlog"
)

// defaultWindow is the search window of a filter that names none.
const defaultWindow = 32

// filter is what a client asked to see of $all.
type filter struct {
	byStream bool
	prefixes []string
	regex    *regexp.Regexp
	interval uint64 // events to look at between two checkpoints
}

func newFilter(o *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	f := &filter{}
	var expression *streams.ReadReq_Options_FilterOptions_Expression
	switch by := o.GetFilter().(type) {
	case *streams.ReadReq_Options_FilterOptions_EventType:
		expression = by.EventType
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		expression, f.byStream = by.StreamIdentifier, true
	default:
		return nil, invalid("A filter must be on the event type or on the stream.")
	}
	// As on a real server, a regular expression goes before prefixes.
	switch {
	case expression.GetRegex() != "":
		var err error
		if f.regex, err = regexp.Compile(expression.GetRegex()); err != nil {
			return nil, invalid("The filter is no regular expression of RE2: %v.", err)
		}
	case len(expression.GetPrefix()) > 0:
		f.prefixes = expression.GetPrefix()
	default:
		return nil, invalid("A filter must have a regular expression or prefixes.")
	}
	window := uint64(defaultWindow)
	if o.GetWindow() == nil {
		return nil, invalid("A filter must have a search window.")
	}
	if _, ok := o.GetWindow().(*streams.ReadReq_Options_FilterOptions_Max); ok {
		window = uint64(o.GetMax())
	}
	f.interval = window * uint64(o.GetCheckpointIntervalMultiplier())
	return f, nil
}

// passes reports whether the client asked to see the event; nil sees all.
func (f *filter) passes(e *eventlog.Recorded) bool {
	if f == nil {
		return true
	}
	subject := e.Kind
	if f.byStream {
		subject = e.Stream
	}
	if f.regex != nil {
		return f.regex.MatchString(subject)
	}
	for _, prefix := range f.prefixes {
		if strings.HasPrefix(subject, prefix) {
			return true
		}
	}
	return false
}
