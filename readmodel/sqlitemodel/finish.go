package sqlitemodel

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"lobby.example/readmodel"
)

// Finish makes the indexes, brings the file to the disk, and only then says in it
// that it is finished.
func (s *Store) Finish(ctx context.Context) error {
	c, err := s.writer.take(ctx)
	if err != nil {
		return err
	}
	if !s.filling {
		s.writer.put(c)
		return nil
	}
	c, err = s.finish(ctx, c)
	if err != nil {
		s.writer.put(c)
		return fmt.Errorf("sqlitemodel: finish %s: %w", s.path, errors.Join(known(err), s.Close()))
	}
	s.writer.put(c)
	return nil
}

// finish answers with the connection to go on with, if there is one.
func (s *Store) finish(ctx context.Context, c *connection) (*connection, error) {
	// What sorts an index takes as much memory as the cache may have.
	indexes := "pragma cache_size = -8192;"
	for _, t := range s.model.Tables {
		if !t.Once {
			indexes += createIndexes(t)
		}
		indexes += finishKeys(t) + createSearch(t)
	}
	if err := c.script(ctx, indexes+"commit"); err != nil {
		return c, err
	}
	if err := errors.Join(c.Close(), syncFile(s.path), syncDir(s.engine.dir)); err != nil {
		return nil, err
	}
	live, err := connect(s.path, writerPragmas...)
	if err != nil {
		return nil, err
	}
	if err := live.script(context.Background(), "update readmodel_checkpoint set finished = 1; pragma wal_checkpoint(full)"); err != nil {
		return nil, errors.Join(err, live.Close())
	}
	if err := s.goLive(); err != nil {
		return live, err
	}
	s.filling = false
	return live, nil
}

// checkFinished fails with ErrNoBuild unless the file is a finished build.
func checkFinished(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return readmodel.ErrNoBuild
	}
	// Whoever fills it may hold the file for long: that is not waited for.
	c, err := connect(path, "query_only(true)", "busy_timeout(0)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	st, err := c.prepare("select finished from readmodel_checkpoint")
	if err != nil {
		return fmt.Errorf("%w that is finished: %w", readmodel.ErrNoBuild, err)
	}
	rows, err := st.QueryContext(ctx, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	var finished [1]driver.Value
	if err := rows.Next(finished[:]); err != nil || finished[0] != int64(1) {
		return fmt.Errorf("%w that is finished", readmodel.ErrNoBuild)
	}
	return nil
}
