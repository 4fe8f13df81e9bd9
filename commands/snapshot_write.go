package commands

import (
	"strings"
	"time"
)

// write saves all that waits in one transaction, and forgets old commands now
// and then.
func (f *SnapshotFile) write() {
	defer close(f.done)
	var forgot time.Time
	for {
		var batch []saveJob
		select {
		case job := <-f.jobs:
			batch = append(batch, job)
		case <-f.closing:
		}
		for len(batch) < cap(f.jobs) && len(f.jobs) > 0 {
			batch = append(batch, <-f.jobs)
		}
		if len(batch) == 0 {
			return
		}
		if f.broken.Load() {
			continue
		}
		now := time.Now()
		forget := now.Sub(forgot) > forgetEvery
		if err := f.saveInTime(batch, now, forget); err != nil {
			f.broken.Store(true)
			f.logger.Error("no snapshots until the next start", "error", err)
			continue
		}
		if forget {
			forgot = now
		}
		for _, job := range batch {
			job.kept()
		}
	}
}

// roomAgain is how often it is tried again to save what there was no room for.
const roomAgain = time.Second

// saveInTime waits for room, where that is all that is missing. What is to be saved
// later waits behind it, so that nothing is left out in between.
func (f *SnapshotFile) saveInTime(batch []saveJob, now time.Time, forget bool) error {
	for told := false; ; told = true {
		err := f.save(batch, now, forget)
		if !isFull(err) {
			return err
		}
		if !told {
			f.logger.Warn("snapshots wait for room", "error", err)
		}
		select {
		case <-time.After(roomAgain):
		case <-f.closing:
			return err
		}
	}
}

// commandsAtOnce is how many commands one statement takes: a snapshot brings some
// hundred, and a statement for each would cost more than all the rest of it.
const commandsAtOnce = 32

func insertCommands(n int) string {
	// A row that fails ends the transaction, which is given up then anyway. With that
	// and no constraint that an update could break, SQLite need not be able to undo
	// one statement, and copies no pages for it.
	return `insert or rollback into commands (stream, command, revision, events, at) values (?, ?, ?, ?, ?)` +
		strings.Repeat(`, (?, ?, ?, ?, ?)`, n-1) +
		` on conflict (stream, command) do update set revision = excluded.revision, events = excluded.events, at = excluded.at`
}

func (f *SnapshotFile) save(batch []saveJob, now time.Time, forget bool) error {
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	one, err := tx.Prepare(insertCommands(1))
	if err != nil {
		return err
	}
	many, err := tx.Prepare(insertCommands(commandsAtOnce))
	if err != nil {
		return err
	}
	for _, job := range batch {
		for rest := job.commands; len(rest) > 0; {
			insert, n := one, 1
			if len(rest) >= commandsAtOnce {
				insert, n = many, commandsAtOnce
			}
			args := make([]any, 0, 5*commandsAtOnce)
			for _, c := range rest[:n] {
				args = append(args, job.Stream, c.Command[:], int64(c.Revision), c.Events, c.At.UnixMicro())
			}
			if _, err := insert.Exec(args...); err != nil {
				return err
			}
			rest = rest[n:]
		}
		if _, err := tx.Exec(`insert or replace into snapshots (stream, version, revision, position, event, state) values ($1, $2, $3, $4, $5, $6)`,
			job.Stream, job.Version, job.Revision, job.Position, job.Event[:], job.State); err != nil {
			return err
		}
	}
	if forget {
		if _, err := tx.Exec(`delete from commands where at < $1`, now.Add(-window).UnixMicro()); err != nil {
			return err
		}
	}
	return tx.Commit()
}
