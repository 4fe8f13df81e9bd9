package readmodeltest

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lobby.example/readmodel"
)

// In the order of their texts. Of some, one is the beginning of the other in one
// form or another.
var (
	uuids = []string{
		"",
		"00000000-0000-0000-0000-000000000000",
		"00000000-0000-0000-0000-0000000000ff",
		"00ff0000-0000-0000-0000-000000000000",
		"636f6e6e-6563-7469-6f6e-2d0000000000", // the bytes of connection-
		"ffffffff-ffff-ffff-ffff-ffffffffffff",
	}
	names = []string{
		"",
		"connection-00000000-0000-0000-0000-000000000000",
		"connection-ffffffff-ffff-ffff-ffff-ffffffffffff",
		"post-00000000-0000-0000-0000-000000000000",
		"post-6f000000-0000-0000-0000-000000000000",
		"post-ffffffff-ffff-ffff-ffff-ffffffffffff",
		"poster-00000000-0000-0000-0000-000000000000",
	}
)

func identifiers(t *testing.T, engine Engine) {
	var operations []readmodel.Operation
	for _, channel := range names {
		for _, entry := range uuids {
			operations = append(operations, setLink.Row(channel, entry, entry, channel))
		}
	}
	mine := uuid.New()
	operations = append(operations, setLink.Row(readmodel.ID(names[1]), mine, &mine, nil), makeLink.Row(names[2], mine.String()))
	slices.Reverse(operations)
	_, s := filled(t, start(t, engine), operations...)
	_, err := s.View(t.Context(), func(q readmodel.Query) error {
		for _, want := range [][]string{names, uuids} {
			column := map[bool]string{true: "channel", false: "entry"}[&want[0] == &names[0]]
			list, err := texts(t.Context(), q, "select distinct "+column+" from link where entry <> $1 order by "+column, mine)
			must(t, err)
			if !slices.Equal(list, want) {
				t.Errorf("order is %q", list)
			}
			for i, id := range want {
				list, err := texts(t.Context(), q, "select distinct "+column+" from link where "+column+" > $1 and entry <> $2 order by "+column, readmodel.ID(id), mine)
				must(t, err)
				if !slices.Equal(list, want[i+1:]) {
					t.Errorf("after %q comes %q", id, list)
				}
			}
		}
		for where, args := range map[string][]any{
			"channel = $1 and entry = $2 and author = $2 and reader is null":            {readmodel.ID(names[1]), mine},
			"channel = $2 and entry in ($1) and reader is null":                         {&mine, readmodel.ID(names[2])},
			"entry = $1 and author = $2":                                                {readmodel.ID(mine.String()), readmodel.ID("")},
			"entry = $1 and author = entry":                                             {sql.Null[uuid.UUID]{V: mine, Valid: true}},
			"(channel, entry) > ($1, $2) and reader is null and author <> $3":           {readmodel.ID(names[1]), readmodel.ID(uuids[1]), readmodel.ID("")},
			"channel = $1 and entry = $2 and length(author) = 0 and length(reader) = 0": {readmodel.ID(""), readmodel.ID("")},
		} {
			var count int
			_, err := q.Row(t.Context(), "select count(*) from link where "+where, []any{&count}, args...)
			must(t, err)
			if count != 1 {
				t.Errorf("%d rows where %s", count, where)
			}
		}
		var id uuid.UUID
		var text state
		var none, null *string
		found, err := q.Row(t.Context(), "select entry, channel, author, reader from link where channel = $1 and entry = $2", []any{&id, &text, &none, &null}, readmodel.ID(names[2]), mine)
		must(t, err)
		equal(t, found && id == mine && text == state(names[2]) && *none == "" && null == nil, true)
		return nil
	})
	must(t, err)
}

func noIdentifiers(t *testing.T, engine Engine) {
	_, s := filled(t, start(t, engine), makeLink.Row(names[1], uuids[1]), makeLink.Row("", ""))
	want := dump(t, s)
	id := uuids[4]
	for _, text := range []string{
		"a", "connection", "connection-", "-" + id, id[1:], id + "0", strings.ToUpper(id), "urn:uuid:" + id, "{" + id + "}", strings.ReplaceAll(id, "-", ""),
		"connection-" + strings.ToUpper(id), "a-b-" + id, "\x01-" + id, id[:35] + "g", id[:35] + "\n", "connection-" + id[:20] + "0" + id[21:23] + "0" + id[24:], id[:8] + "0" + id[9:],
	} {
		for _, operation := range []readmodel.Operation{makeLink.Row(text, uuids[1]), makeLink.Row(names[1], text), setLink.Row(names[1], uuids[1], text, nil), links.DeleteRow(names[1], text)} {
			if err := s.Apply(t.Context(), at(1), at(2), []readmodel.Operation{operation}); err == nil || !strings.Contains(err.Error(), "identifier") {
				t.Errorf("%q: error is %v", text, err)
			}
		}
		_, err := s.View(t.Context(), func(q readmodel.Query) error {
			for _, compare := range []string{"=", "<>", "<", ">"} {
				list, err := texts(t.Context(), q, "select entry from link where channel "+compare+" $1", readmodel.ID(text))
				if len(list) > 0 {
					t.Errorf("%s %q are %q", compare, text, list)
				}
				must(t, err)
			}
			return nil
		})
		must(t, err)
	}
	equal(t, dump(t, s), want)
}
