package sqlitemodel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"lobby.example/readmodel"
)

// Serving reads the pointer.
func (e *Engine) Serving(ctx context.Context, model string) (readmodel.Build, error) {
	if err := e.usable(ctx, model); err != nil {
		return readmodel.Build{}, err
	}
	return e.readPointer(model)
}

// Serve replaces the pointer. It fails with ErrNoBuild for a build that Open
// would not open.
func (e *Engine) Serve(ctx context.Context, model string, build readmodel.Build) error {
	if err := e.usable(ctx, model); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := checkFinished(ctx, e.path(model, build)); err != nil {
		return fmt.Errorf("sqlitemodel: serve %s: %w", e.path(model, build), err)
	}
	if err := replaceFile(e.pointer(model), []byte(pointerText(build))); err != nil {
		return fmt.Errorf("sqlitemodel: serve: %w", err)
	}
	return nil
}

func (e *Engine) pointer(model string) string {
	return filepath.Join(e.dir, model+".serving")
}

func pointerText(b readmodel.Build) string { return fmt.Sprintf("v%d-b%d\n", b.Version, b.Number) }

func (e *Engine) readPointer(model string) (b readmodel.Build, err error) {
	text, err := os.ReadFile(e.pointer(model))
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("sqlitemodel: %w", err)
	}
	if _, err := fmt.Sscanf(string(text), "v%d-b%d\n", &b.Version, &b.Number); err != nil || string(text) != pointerText(b) {
		return readmodel.Build{}, fmt.Errorf("sqlitemodel: %s does not name a build: %q", e.pointer(model), text)
	}
	return b, nil
}

func (e *Engine) removePointer(model string) error {
	if err := os.Remove(e.pointer(model)); err != nil {
		return fmt.Errorf("sqlitemodel: %w", err)
	}
	return syncDir(e.dir)
}

// replaceFile gives a file new content, so that after a power cut it has the old
// or the new: a rename is atomic, but neither it nor the content is on the disk
// before each was synced.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error { return syncFile(dir) }

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
