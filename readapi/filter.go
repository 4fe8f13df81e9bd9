package readapi

import (
	"strconv"
	"time"

	"lobby.example/domain"
	"lobby.example/readmodel"
)

// farFuture is later than anything: where a page begins that is ordered by time,
// the latest first.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// filter is conditions that a query has only where they are asked for.
type filter struct {
	where string
	args  []any
}

func (q *filter) and(asked bool, condition string, value any) {
	if asked {
		q.args = append(q.args, value)
		q.where += ` and ` + condition + `$` + strconv.Itoa(len(q.args))
	}
}

// maxTerms bounds what one search looks for.
const maxTerms = 10

// search adds full-text search, where a text is looked for. It reports false where
// no row has what is looked for, whatever there is.
func (q *filter) search(v *view, table, alias, text string) (bool, error) {
	if text == "" {
		return true, nil
	}
	terms := readmodel.SearchTerms(text)
	if len(terms) > maxTerms {
		return false, domain.Bad("text", "too_many_words", "A search has at most 10 words.")
	}
	if len(terms) == 0 {
		return false, nil
	}
	condition, argument := v.Match(table, alias, len(q.args)+1, terms)
	q.args = append(q.args, argument)
	q.where += ` and ` + condition
	return true, nil
}
