package sqlitelog

import (
	"context"
	"database/sql"
	"strings"
)

// rowsAtOnce are the sizes of the prepared inserts, largest first: a group is
// written in as few statements as they allow.
var rowsAtOnce = [...]int{64, 16, 4, 1}

// inserter writes rows of one table through prepared statements of several sizes.
type inserter struct {
	columns int
	stmts   [len(rowsAtOnce)]*sql.Stmt
	args    []any
}

func prepareInserts(ctx context.Context, conn *sql.Conn, into string, columns int) (in inserter, err error) {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	in = inserter{columns: columns, args: make([]any, columns*rowsAtOnce[0])}
	for i, n := range rowsAtOnce {
		if in.stmts[i], err = conn.PrepareContext(ctx, "insert or rollback into "+into+" values "+row+strings.Repeat(", "+row, n-1)); err != nil {
			return in, err
		}
	}
	return in, nil
}

// insert writes n rows; fill sets the arguments of row i.
func (in *inserter) insert(n int, fill func(args []any, i int)) error {
	done := 0
	for i, size := range rowsAtOnce {
		for n-done >= size {
			args := in.args[:size*in.columns]
			for row := range size {
				fill(args[row*in.columns:][:in.columns], done+row)
			}
			if _, err := in.stmts[i].Exec(args...); err != nil {
				return err
			}
			done += size
		}
	}
	return nil
}
