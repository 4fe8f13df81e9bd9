package readapi

import (
	"context"

	"lobby.example/domain"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// admit refuses callers that are nobody, or nobody any more, in every view.
func (v *view) admit() {
	v.must(httpapi.UnknownCaller(), `select count(*) from people where person = $1 and deactivated = false`, v.person)
}

// refuse answers who asks what only the platform asks, be they somebody or nobody.
func (a *API) refuse(ctx context.Context, caller httpapi.Caller) error {
	_, err := a.model.View(ctx, func(q readmodel.Query) error {
		v := &view{Query: q, ctx: ctx, person: readmodel.ID(caller.Person.String())}
		v.admit()
		return v.settle()
	})
	if err != nil {
		return answerable(err)
	}
	return domain.Refuse(domain.Forbidden, "platform_only", "Only the platform asks this.")
}
