package readmodel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Dump writes all rows of all tables of one snapshot as text, a line each, in the
// order of the model's tables and of their keys, and answers with the snapshot's
// checkpoint. Builds with equal rows give equal text, whatever their engines are.
func Dump(ctx context.Context, store Store, model Model, to io.Writer) (Checkpoint, error) {
	out := bufio.NewWriter(to)
	at, err := store.View(ctx, func(q Query) error {
		for _, t := range model.Tables {
			if err := dumpTable(ctx, q, t, out); err != nil {
				return fmt.Errorf("readmodel: dump %s: %w", t.Name, err)
			}
		}
		return out.Flush()
	})
	return at, err
}

func dumpTable(ctx context.Context, q Query, t *Table, out *bufio.Writer) error {
	names := make([]string, len(t.Columns))
	into := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
		switch c.Type {
		case Text, Identifier:
			into[i] = new(*string)
		case Integer:
			into[i] = new(*int64)
		case Boolean:
			into[i] = new(*bool)
		case Time:
			into[i] = new(*time.Time)
		}
	}
	sql := `select ` + strings.Join(names, ", ") + ` from "` + t.Name + `" order by ` + strings.Join(names[:t.Key], ", ")
	var line []byte
	return q.Rows(ctx, sql, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		line = append(line[:0], t.Name...)
		for i, c := range t.Columns {
			line = append(append(append(line, '\t'), c.Name...), '=')
			line = appendValue(line, into[i])
		}
		_, err := out.Write(append(line, '\n'))
		return err
	})
}

func appendValue(line []byte, from any) []byte {
	switch v := from.(type) {
	case **string:
		if *v != nil {
			return strconv.AppendQuote(line, **v)
		}
	case **int64:
		if *v != nil {
			return strconv.AppendInt(line, **v, 10)
		}
	case **bool:
		if *v != nil {
			return strconv.AppendBool(line, **v)
		}
	case **time.Time:
		if *v != nil {
			return (**v).UTC().AppendFormat(line, time.RFC3339Nano)
		}
	}
	return append(line, "null"...)
}
