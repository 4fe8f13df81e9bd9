package readapi

import (
	"context"

	"lobby.example/domain"
	"lobby.example/httpapi"
	"lobby.example/readmodel"
)

// admit refuses callers that are nobody, or nobody any more, in every view.
func (v *view) admit() error {
	var deactivated bool
	ok, err := v.Row(v.ctx, `select deactivated from people where person = $1`, []any{&deactivated}, v.person)
	if err == nil && (!ok || deactivated) {
		err = httpapi.UnknownCaller()
	}
	return err
}

// refuse answers who asks what only the platform asks, be they somebody or nobody.
func (a *API) refuse(ctx context.Context, caller httpapi.Caller) error {
	_, err := a.model.View(ctx, func(q readmodel.Query) error {
		v := &view{Query: q, ctx: ctx, person: readmodel.ID(caller.Person.String())}
		return v.admit()
	})
	if err != nil {
		return answerable(err)
	}
	return domain.Refuse(domain.Forbidden, "platform_only", "Only the platform asks this.")
}
