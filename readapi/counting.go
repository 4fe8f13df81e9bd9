package readapi

import (
	"fmt"

	"github.com/google/uuid"

	"lobby.example/domain"
	"lobby.example/domain/connection"
	"lobby.example/domain/maintenance"
	"lobby.example/readmodel"
)

// Unread is counted in one of two ways that come to the same. Who has few channels has
// something waiting in many of them: they are gone through, each with its number. Who
// has many has something waiting in few of them: what waits is gone through, and the
// channels where nothing does cost nothing. Which it is is part of the query, and what
// is not wanted of it is not run.
const (
	// whoHasMany is the person if they have many, and whoHasFew if they have few, and
	// else null, of which there are no rows.
	whoHasFew  = `(case when ` + whoHasMany + ` is null then $1 end)`
	whoHasMany = `(select i.person from inbox i where i.person = $1 limit 1 offset 300)`

	// listed is a row x of entered for each channel of somebody with few.
	listed = `(` + enteredBy + whoHasFew + ` and ` + connectedVia + ` and i.listed = true) x`

	// unreadBy is a row n for each entered channel with unread entries of somebody with
	// many, whether it counts or not.
	unreadBy = `(select u.channel, count(*) as entries from unread u where u.person = ` + whoHasMany + ` group by u.channel order by u.channel) n`
)

// counting is something about the channel of a row n of unreadBy where it counts, and
// else null. It is a query in a column, which is planned as the look at one row that
// it is: of a join PostgreSQL believes that a person has few channels, and compares
// each with all of them.
func counting(what string) string {
	return `(select ` + what + ` from inbox i join channels c on c.channel = i.channel
		where i.person = $1 and i.channel = n.channel and i.listed = true and c.open = true and ` + connectedVia + `)`
}

// sections are the parts of an inbox, in their order. The names of all channels of
// one begin alike.
var sections = []struct{ name, category string }{{"messages", connection.Noun.Category}, {"board", "board"}, {"maintenance", maintenance.Noun.Category}}

// sectionCounts counts the unread of each section that the person has. Its first two
// parameters are those of mine, then come the first and the last channel that each
// section could have.
var sectionCounts, sectionBounds = func() (sql string, bounds []any) {
	sql = `select y.section, cast(sum(y.entries) as bigint) from (
		select x.section, case when x.muted then 0 else ` + entriesOf + ` end as entries from ` + listed + `
		union all select ` + counting(`case when i.muted then null else c.section end`) + `, n.entries from ` + unreadBy + `
		union all select x.section, case when x.muted then 0 else ` + postsOf + ` end from (` + boards + `) x`
	for n, s := range sections {
		via := `i.via is null` // as it is everywhere but with requests
		if s.category == maintenance.Noun.Category {
			via = connectedVia
		}
		sql += fmt.Sprintf(`
		union all select '%s', 0 where exists (select 1 from inbox i
			where i.person = `+whoHasMany+` and i.channel >= $%d and i.channel <= $%d and i.listed = true and `+via+`)`, s.name, 3+2*n, 4+2*n)
		for _, bound := range []uuid.UUID{uuid.Nil, uuid.Max} {
			bounds = append(bounds, readmodel.ID(domain.StreamOf(s.category, bound)))
		}
	}
	return sql + `) y group by y.section`, bounds
}()

// countSections are the sections that the person has, each with its unread entries.
func (v *view) countSections() ([]Section, error) {
	counts := map[string]int{}
	err := v.rows(func(scan func(...any) error) error {
		var section *string // null has what does not count
		var entries int
		err := scan(&section, &entries)
		if section != nil {
			counts[*section] = entries
		}
		return err
	}, sectionCounts, append([]any{v.person, string(v.today)}, sectionBounds...)...)
	there := []Section{}
	for _, s := range sections {
		if n, ok := counts[s.name]; ok {
			there = append(there, Section{Section: s.name, Unread: n})
		}
	}
	return there, err
}
