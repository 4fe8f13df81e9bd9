package readapi

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"lobby.example/domain"
	"lobby.example/eventlog"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// ask answers from memory or, where nothing is kept there that holds, from a view of
// the model. It says up to which position the answer shows everything.
func (a *API) ask(ctx context.Context, caller httpapi.Caller, q question, read func(*view) (any, error)) (*answer, eventlog.Position, error) {
	var none eventlog.Position
	// Before memory is asked: what is kept there is kept by who asks, whatever their
	// token allows.
	if q.forPlatform() && !caller.Platform {
		return nil, none, a.refuse(ctx, caller)
	}
	asked := q.base()
	if asked.After != "" {
		if err := a.waitFor(ctx, asked.After); err != nil {
			return nil, none, err
		}
	}
	// Before memory is asked, too: what is kept there holds at this position or later,
	// and is no more to be trusted than the model is.
	known, err := a.model.Position()
	if err != nil {
		return nil, none, answerable(err)
	}
	person, today := caller.Person.String(), domain.DateOf(a.now())
	key := person + string(today) + asked.path + "?" + withoutAfter(asked.query)
	if kept := a.answers.find(key); kept != nil {
		return kept, known, nil
	}
	made := &answer{commit: a.answers.now()}
	v, position, err := a.view(ctx, q, view{person: readmodel.ID(person), today: today, kept: a.answers, commit: made.commit}, made, read)
	if err == nil && v.took && position != known {
		// The view has a commit that nobody has told of, so what was kept may be from
		// before it.
		v, position, err = a.view(ctx, q, view{person: readmodel.ID(person), today: today, commit: made.commit}, made, read)
	}
	if err != nil {
		return nil, none, answerable(err)
	}
	if position == known { // likewise
		for _, part := range v.made {
			a.answers.keep(part.key, part.answer)
		}
	}
	made.etag = httpapi.ETag(made.body)
	a.answers.keep(key, made)
	return made, position, nil
}

// view reads an answer in a view that begins as v.
func (a *API) view(ctx context.Context, q question, begin view, made *answer, read func(*view) (any, error)) (v *view, position eventlog.Position, err error) {
	checkpoint, err := a.model.View(ctx, func(query readmodel.Query) error {
		begun := begin // anew, where another build has come to serve meanwhile
		v = &begun
		v.Query, v.ctx, v.tags = query, ctx, []string{string(begin.person)}
		if about := q.about(); about != "" {
			v.depends(about)
		}
		defer func() { made.tags = v.tags }()
		answer := func() error {
			body, err := read(v)
			if err == nil {
				made.body, err = encode(body)
			}
			return err
		}
		if q.forPlatform() { // who need not be a person
			return answer()
		}
		return v.answer(answer)
	})
	if err == nil {
		position, err = positionOf(checkpoint)
	}
	return v, position, err
}

// withoutAfter is the query without its position, which changes nothing of the answer.
func withoutAfter(query string) string {
	if !strings.Contains(query, "after=") {
		return query
	}
	parameters := strings.Split(query, "&")
	kept := parameters[:0]
	for _, p := range parameters {
		if !strings.HasPrefix(p, "after=") {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "&")
}

func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return b.Bytes(), err
}

func positionOf(c readmodel.Checkpoint) (eventlog.Position, error) {
	if c.Position == "" {
		return eventlog.Position{}, nil
	}
	return eventlog.ParsePosition(c.Position)
}
