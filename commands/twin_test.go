package commands

import (
	"context"
	"iter"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"lobby.example/domain/attachment"
	"lobby.example/domain/person"
	"lobby.example/eventlog"
)

// interrupted is the real log where something happens before a stream is read for
// the second time.
type interrupted struct {
	eventlog.Log
	reads  map[string]int
	happen func()
}

func (l *interrupted) ReadStream(ctx context.Context, stream string, from eventlog.Revision, direction eventlog.Direction, limit int) iter.Seq2[eventlog.Recorded, error] {
	if l.reads[stream]++; l.reads[stream] == 2 && l.happen != nil {
		happen := l.happen
		l.happen = nil
		happen()
	}
	return l.Log.ReadStream(ctx, stream, from, direction, limit)
}

// TestTheTwinOfARequestComesBetween: what an earlier request left behind is looked
// for, then another process executes it, and then this one is decided.
func TestTheTwinOfARequestComesBetween(t *testing.T) {
	eachAttachRoute(t, func(t *testing.T, h *house, a *api, route attachRoute) {
		file := h.upload(route.caller)
		var first answer
		log := &interrupted{
			Log:    h.log,
			reads:  map[string]int{person.Stream(lena): 2, person.Stream(tom): 2}, // not before the entry's own stream
			happen: func() { first = route.send(a, []uuid.UUID{file}, "Idempotency-Key", "k") },
		}
		second := route.send(newAPI(h, h.service(log, nil)), []uuid.UUID{file}, "Idempotency-Key", "k")
		if first.status != http.StatusCreated || second.text != first.text || second.status != first.status {
			t.Errorf("answered %d %s and %d %s", first.status, first.text, second.status, second.text)
		}
		if n := h.count(attachment.Stream(file), "attachment_bound"); n != 1 {
			t.Errorf("bound %d times", n)
		}
	})
}
