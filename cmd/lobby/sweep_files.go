package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"lobby.example/readapi"
)

// sweepEvery is how often files that nothing refers to are looked for. Nobody can
// get at them meanwhile: a file is served only through an entry.
const sweepEvery = time.Hour

// sweepFiles removes files that no entry has any more, and bytes that no file has.
func (p *program) sweepFiles(ctx context.Context) {
	for {
		select {
		case <-time.After(sweepEvery):
		case <-ctx.Done():
			return
		}
		if err := p.sweepFilesOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.logger.Warn("files not swept", "error", err)
		}
	}
}

// sweepFilesOnce removes what it finds. One that cannot be removed keeps no other
// from it.
func (p *program) sweepFilesOnce(ctx context.Context, now time.Time) (err error) {
	if !p.model.Status().Ready() {
		return nil
	}
	last := uuid.Nil
	for {
		files, failed := readapi.FilesUnused(ctx, p.model, last, now.Add(-time.Minute)) // an entry may be on its way
		if failed != nil || len(files) == 0 {
			err = errors.Join(err, failed)
			break
		}
		for _, file := range files {
			err = errors.Join(err, p.commands.RemoveUnused(ctx, file, now))
			last = file
		}
	}
	return errors.Join(err, p.commands.SweepBytes(ctx, now))
}
