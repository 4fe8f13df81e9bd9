package projections_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lobby.example/readmodel"
)

// statements are those of the projections and of readmodeltest, by their SQL with
// one space between words. One that is not here is an error, so a projection that
// gets a new one brings it here.
var statements = map[string]func(c *memoryChange, args []any){
	`delete from unread where person = $1 and channel = $2`: func(c *memoryChange, args []any) {
		c.deleteWhere("unread", func(row []any) bool { return row[0] == args[0] && row[1] == args[1] })
	},
	`delete from unread where person = $1 and channel = $2 and entry in (select entry from messages where channel = $3)`: func(c *memoryChange, args []any) {
		entries := map[any]bool{}
		for _, row := range c.tables[c.table("messages")] {
			if c.value("messages", row, "channel") == args[2] {
				entries[c.value("messages", row, "entry")] = true
			}
		}
		c.deleteWhere("unread", func(row []any) bool { return row[0] == args[0] && row[1] == args[1] && entries[row[2]] })
	},
	`delete from messages where channel = $1`: func(c *memoryChange, args []any) {
		c.deleteWhere("messages", func(row []any) bool { return c.value("messages", memoryRow{values: row}, "channel") == args[0] })
	},
	`delete from post_properties where post = $1`: func(c *memoryChange, args []any) {
		c.deleteWhere("post_properties", func(row []any) bool { return row[0] == args[0] })
	},
	`delete from people_words where person = $1`: func(c *memoryChange, args []any) {
		c.deleteWhere("people_words", func(row []any) bool { return row[0] == args[0] })
	},
	`insert into unread (person, channel, entry) select $1, m.channel, m.entry from messages m where m.channel = $2 and m.author <> $1 ` +
		`and not exists (select 1 from seen s where s.channel = m.channel and s.entry = m.entry and s.person = $1) on conflict do nothing`: func(c *memoryChange, args []any) {
		for _, row := range c.tables[c.table("messages")] {
			channel, entry := c.value("messages", row, "channel"), c.value("messages", row, "entry")
			if channel != args[1] || c.value("messages", row, "author") == args[0] || c.anySeen(channel, entry, args[0]) {
				continue
			}
			c.put(c.table("unread"), []any{args[0], channel, entry})
		}
	},
	countOnce: func(c *memoryChange, args []any) {
		n := int64(1)
		if row, ok := c.tables[c.table("counted")][keyOf(args)]; ok {
			n += row.values[1].(int64)
		}
		c.put(c.table("counted"), []any{args[0], n})
	},

	// Those of readmodeltest.
	`delete from note`: func(c *memoryChange, _ []any) { c.deleteWhere("note", func([]any) bool { return true }) },
	`delete from mark`: func(c *memoryChange, _ []any) { c.deleteWhere("mark", func([]any) bool { return true }) },
	`delete from link`: func(c *memoryChange, _ []any) { c.deleteWhere("link", func([]any) bool { return true }) },
	`delete from note where size = 1`: func(c *memoryChange, _ []any) {
		c.deleteWhere("note", func(row []any) bool { return row[2] == int64(1) })
	},
	`delete from mark where "set" = $1`: func(c *memoryChange, args []any) {
		c.deleteWhere("mark", func(row []any) bool { return row[2] == args[0] })
	},
	`update note set size = size * 2`: func(c *memoryChange, _ []any) { c.resize("", func(n int64) int64 { return 2 * n }) },
	`update note set size = size + $1`: func(c *memoryChange, args []any) {
		c.resize("", func(n int64) int64 { return n + args[0].(int64) })
	},
	`update note set size = size + 1 where id = $1`: func(c *memoryChange, args []any) {
		c.resize(args[0].(string), func(n int64) int64 { return n + 1 })
	},
	`insert into note (id, body, size) values ($2, $1, $3)`: func(c *memoryChange, args []any) {
		c.put(c.table("note"), []any{args[1], args[0], args[2], nil})
	},
}

func (c *memoryChange) run(sql string, args []any) error {
	run := statements[strings.Join(strings.Fields(sql), " ")]
	if run == nil {
		return fmt.Errorf("memoryEngine does not know the statement %q", sql)
	}
	values := make([]any, len(args))
	for i, arg := range args {
		v, err := plain(readmodel.Column{Null: true}, arg)
		if err != nil {
			return err
		}
		values[i] = v
	}
	run(c, values)
	return nil
}

func (c *memoryChange) deleteWhere(table string, where func(row []any) bool) {
	at := c.table(table)
	for key, row := range c.tables[at] {
		if where(row.values) {
			c.delete(at, key)
		}
	}
}

func (c *memoryChange) resize(id string, size func(int64) int64) {
	for _, row := range c.tables[c.table("note")] {
		if id == "" || row.values[0] == id {
			values := slices.Clone(row.values)
			values[2] = size(values[2].(int64))
			c.put(c.table("note"), values)
		}
	}
}

func (r *memoryRows) value(table string, row memoryRow, column string) any {
	return row.values[slices.IndexFunc(r.model.Tables[r.table(table)].Columns, func(c readmodel.Column) bool { return c.Name == column })]
}

func (r *memoryRows) anySeen(channel, entry, person any) bool {
	for _, row := range r.tables[r.table("seen")] {
		if r.value("seen", row, "channel") == channel && r.value("seen", row, "entry") == entry && r.value("seen", row, "person") == person {
			return true
		}
	}
	return false
}

// scanMemory fills what readmodel.Dump scans into.
func scanMemory(column readmodel.Column, value, into any) {
	switch to := into.(type) {
	case **string:
		*to = pointerTo[string](value)
	case **int64:
		*to = pointerTo[int64](value)
	case **bool:
		*to = pointerTo[bool](value)
	case **time.Time:
		*to = pointerTo[time.Time](value)
	default:
		panic(fmt.Sprintf("%s is scanned into a %T", column.Name, into))
	}
}

func pointerTo[T any](value any) *T {
	if v, ok := value.(T); ok {
		return &v
	}
	return nil
}
