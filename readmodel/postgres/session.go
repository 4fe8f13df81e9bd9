package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"lobby.example/readmodel"
)

// keptStatements bounds the prepared statements of one connection. The texts of a
// program are few; lists of many lengths make them many.
const keptStatements = 300

// session is a connection of a pool with its prepared statements. It speaks the
// protocol of pgconn, below pgx's own types: values are converted here as
// readmodel.Query says they are, once and into memory that is used again.
type session struct {
	*pgconn.PgConn
	statements map[string]*statement // by text and types
	rows       map[rowsKey]*statement
	named      int

	arguments [][]byte
	encoded   []byte
	key       []byte
}

type rowsKey struct {
	table *readmodel.Table
	set   readmodel.ColumnSet
	once  bool // the rows cannot be there
}

// statement is prepared where it has a description, and else about to be.
type statement struct {
	name, sql   string
	types       []uint32
	columns     []readmodel.Type
	description *pgconn.StatementDescription
}

var binary = []int16{pgtype.BinaryFormatCode}

// sessionOf keeps what belongs to a connection with it.
func sessionOf(c *pgxpool.Conn) *session {
	pg := c.Conn().PgConn()
	s, ok := pg.CustomData()["readmodel"].(*session)
	if !ok {
		s = &session{PgConn: pg, statements: map[string]*statement{}, rows: map[rowsKey]*statement{}}
		pg.CustomData()["readmodel"] = s
	}
	return s
}

// statement is the one with this text for parameters of these types. Types are
// given rather than asked for: PostgreSQL would guess the same from the columns,
// but a round trip later.
func (s *session) statement(sql string, types []uint32) *statement {
	s.key = append(append(s.key[:0], sql...), 0)
	for _, t := range types {
		s.key = append(s.key, byte(t), byte(t>>8))
	}
	st, ok := s.statements[string(s.key)]
	if !ok {
		st = s.newStatement(sql, append([]uint32(nil), types...))
		s.statements[string(s.key)] = st
	}
	return st
}

func (s *session) newStatement(sql string, types []uint32) *statement {
	s.named++
	return &statement{name: fmt.Sprintf("s%d", s.named), sql: sql, types: types}
}

// rowsStatement writes rows. While a build is filled, which one process does from its
// first event on, rows that are written once are inserted: to look first whether a row
// is there would be another way through the index for each. A build that is read may
// have rows that its checkpoint does not know, after somebody has repaired the database.
func (s *session) rowsStatement(w *readmodel.Write, filling bool) *statement {
	key := rowsKey{w.Table, w.Set, filling && w.Table.Once}
	st, ok := s.rows[key]
	if ok {
		return st
	}
	sql := deleteRows(w.Table)
	if w.Set != 0 {
		sql = insertRows(w.Table, w.Set)
		if !key.once {
			sql += updateRows(w.Table, w.Set)
		}
	}
	columns := columnsOf(w.Table, w.Set)
	types, kinds := make([]uint32, len(columns)), make([]readmodel.Type, len(columns))
	for i, c := range columns {
		types[i], kinds[i] = arrayTypes[c.Type].array, c.Type
	}
	st = s.newStatement(sql, types)
	st.columns = kinds
	s.rows[key] = st
	return st
}

// send puts the statement into the pipeline, with its preparation where that is
// still to come.
func (s *session) send(p *pgconn.Pipeline, st *statement, arguments [][]byte) {
	if st.description != nil {
		p.SendQueryStatement(st.description, arguments, binary, binary)
		return
	}
	p.SendPrepare(st.name, st.sql, st.types)
	p.SendQueryPrepared(st.name, arguments, binary, binary)
}

// received is what comes back of a statement that was sent.
func (s *session) received(p *pgconn.Pipeline, st *statement) (*pgconn.ResultReader, error) {
	if st.description == nil {
		description, err := next[*pgconn.StatementDescription](p)
		if err != nil {
			return nil, err
		}
		description.Name, description.SQL = st.name, st.sql
		st.description = description
	}
	return next[*pgconn.ResultReader](p)
}

// next is the next result, which is of this type.
func next[T any](p *pgconn.Pipeline) (result T, err error) {
	came, err := p.GetResults()
	if err != nil {
		return result, err
	}
	result, ok := came.(T)
	if !ok {
		return result, fmt.Errorf("the server answers with a %T where a %T was due", came, result)
	}
	return result, nil
}

// finish reads what is left of a pipeline. One whose connection has failed is left
// alone: the driver closes that beside, with the same memory.
func (s *session) finish(p *pgconn.Pipeline) error {
	if s.IsClosed() {
		return nil
	}
	return p.Close()
}

// tidy forgets the statements where they have become too many. The connection is
// at rest.
func (s *session) tidy() error {
	if len(s.statements) <= keptStatements {
		return nil
	}
	clear(s.statements)
	clear(s.rows)
	_, err := s.Exec(background, "deallocate all").ReadAll()
	return err
}

// forgetUnprepared forgets what a failure has kept from being prepared.
func (s *session) forgetUnprepared() {
	for key, st := range s.statements {
		if st.description == nil {
			delete(s.statements, key)
		}
	}
	for key, st := range s.rows {
		if st.description == nil {
			delete(s.rows, key)
		}
	}
}
