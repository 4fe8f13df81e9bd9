package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"lobby.example/readmodel"
)

// background is for what is brought to its end whatever the caller waits for.
var background = context.Background()

// Store is one open build: a connection that writes, and those that read.
//
// A build whose tables are gone, because somebody dropped it, closes the store.
type Store struct {
	engine   *Engine
	model    readmodel.Model
	build    readmodel.Build
	schema   string
	searched map[string]string // the column of words of each table

	writing   chan struct{} // has a place for who writes
	writer    *pgxpool.Pool // of one
	readers   *pgxpool.Pool
	coalescer *readmodel.Coalescer // of who writes
	filling   bool                 // likewise
	filled    int                  // operations, likewise

	gate    gate
	closing sync.Once
}

var _ readmodel.Store = (*Store)(nil)

func openStore(ctx context.Context, e *Engine, model readmodel.Model, build readmodel.Build, coalescer *readmodel.Coalescer) (*Store, error) {
	s := &Store{engine: e, model: model, build: build, schema: e.schema(model.Name, build), searched: map[string]string{}, writing: make(chan struct{}, 1), coalescer: coalescer}
	for _, t := range model.Tables {
		s.searched[t.Name] = t.Search
	}
	inSchema := func(session map[string]string) map[string]string {
		all := map[string]string{"search_path": quote(s.schema)}
		for name, value := range session {
			all[name] = value
		}
		return all
	}
	var err error
	if s.writer, err = connect(ctx, e.url, 1, inSchema(writerSession), afterAWhile); err != nil {
		return nil, err
	}
	if s.readers, err = connect(ctx, e.url, e.readers, inSchema(readerSession), never); err != nil {
		s.writer.Close()
		return nil, err
	}
	return s, nil
}

// Checkpoint reads the stored checkpoint.
func (s *Store) Checkpoint(ctx context.Context) (readmodel.Checkpoint, error) {
	return s.View(ctx, func(readmodel.Query) error { return nil })
}

// beginWrite waits until nobody else writes.
func (s *Store) beginWrite(ctx context.Context) error {
	if err := s.gate.enter(); err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		s.gate.leave()
		return ctx.Err()
	}
}

func (s *Store) endWrite() {
	<-s.writing
	s.gate.leave()
}

// gone closes the store if the error says that the tables are not there any more,
// and says so in its turn.
func (s *Store) gone(err error) error {
	if code(err) != undefinedTable && code(err) != invalidSchema {
		return err
	}
	s.gate.shut()
	go s.Close() // it waits for whoever asks this
	return fmt.Errorf("%w any more: %w", readmodel.ErrNoBuild, err)
}

// Close waits for the Apply and the Views that run, so neither may call it.
func (s *Store) Close() error {
	s.gate.shut()
	s.gate.wait()
	s.closing.Do(func() {
		s.writer.Close()
		s.readers.Close()
		s.engine.forget(s) // not before, so that the engine's Close waits too
	})
	return nil
}
