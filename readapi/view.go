package readapi

import (
	"context"

	"lobby.example/domain"
	"lobby.example/readmodel"
)

// view is what a query is answered with: one moment of the model, and who asks.
type view struct {
	readmodel.Query
	ctx    context.Context
	person readmodel.ID
	today  domain.Date
	ahead  []readmodel.Ask // what is asked with the next query, and answered before it
	tags   []string        // what the answer depends on
	kept   *Answers        // nil where nothing of an answer may be older than the view
	commit uint64          // that was there before the view
	took   bool            // a part that was kept
	made   []part          // to be kept
}

// part is a part of answers that is kept like an answer.
type part struct {
	key string
	*answer
}

// part is the one that was kept under the key, if it still holds.
func (v *view) part(key string) *answer {
	if v.kept == nil {
		return nil
	}
	found := v.kept.findFor(key, v.commit)
	v.took = v.took || found != nil
	return found
}

// depends names a channel or board whose changes change the answer.
func (v *view) depends(tag string) { v.tags = append(v.tags, tag) }

// rows reads all rows of a query, and before it of what was put ahead of it.
func (v *view) rows(each func(scan func(...any) error) error, sql string, args ...any) error {
	v.first(each, sql, args...)
	return v.settle()
}

// one reads a row of a query that finds at most one.
func (v *view) one(into []any, sql string, args ...any) (found bool, err error) {
	err = v.rows(func(scan func(...any) error) error {
		found = true
		return scan(into...)
	}, sql, args...)
	return found && err == nil, err
}

// first puts a query ahead of the next one. The two go out at once: an engine may be
// a round trip away.
func (v *view) first(each func(scan func(...any) error) error, sql string, args ...any) {
	v.ahead = append(v.ahead, readmodel.Ask{SQL: sql, Values: args, Each: each})
}

// must puts ahead of the next query that this one counts anything. If it does not,
// nothing that comes after is read.
func (v *view) must(none error, count string, args ...any) {
	v.first(func(scan func(...any) error) error {
		var n int
		if err := scan(&n); err != nil || n > 0 {
			return err
		}
		return none
	}, count, args...)
}

// settle reads what was put ahead and has not been read yet.
func (v *view) settle() error {
	asks := v.ahead
	if v.ahead = nil; len(asks) == 0 {
		return nil
	}
	return readmodel.Together(v.ctx, v.Query, asks...)
}

// answer reads, once it is known that the caller is somebody. Who is not is told so,
// whatever else is wrong with what they ask.
func (v *view) answer(read func() error) error {
	v.admit()
	err := read()
	if unsettled := v.settle(); unsettled != nil {
		return unsettled
	}
	return err
}
