package blobs

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"gocloud.dev/blob/fileblob"
)

const fileScheme = fileblob.Scheme

// Only the user that Lobby runs as gets at the files.
const (
	fileMode      fs.FileMode = 0o600
	directoryMode fs.FileMode = 0o700
)

// FileURL is the URL of the store in a directory.
func FileURL(directory string) (string, error) {
	path, err := filepath.Abs(directory)
	return (&url.URL{Scheme: fileScheme, Path: filepath.ToSlash(path)}).String(), err
}

// openDirectory opens a store of files. fileblob writes a file beside its place
// and renames it, but waits for no disk and lets everybody read; so the rest of
// what is promised is made here.
func (s *Store) openDirectory(u *url.URL) (err error) {
	path := u.Path
	if u.Host == "." {
		path = strings.TrimPrefix(path, "/")
	} else if u.Host != "" && u.Host != "localhost" {
		return errors.New("the directory of another host")
	}
	if path == "" || u.RawQuery != "" || u.Opaque != "" {
		return errors.New("a directory is file:///a/directory or file://./a/directory, without parameters")
	}
	if s.root, err = filepath.Abs(filepath.FromSlash(path)); err != nil {
		return err
	}
	if err := s.makeDirectory(s.root); err != nil {
		return err
	}
	s.bucket, err = fileblob.OpenBucket(s.root, &fileblob.Options{
		DirFileMode: directoryMode,
		NoTempDir:   true, // a rename works only within a file system
		Metadata:    fileblob.MetadataDontWrite,
	})
	return err
}

// makeDirectory makes sure of a directory and of its name in the one above. The
// name is synced also where it was there: a crash may have come in between.
func (s *Store) makeDirectory(path string) error {
	above := filepath.Dir(path)
	err := os.Mkdir(path, directoryMode)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDirectory(above); err != nil {
			return err
		}
		err = os.Mkdir(path, directoryMode)
	}
	if errors.Is(err, fs.ErrExist) {
		if err := s.syncDirectory(above); !errors.Is(err, fs.ErrPermission) { // not ours, then
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	return s.syncDirectory(above)
}

// settle returns when what has changed under the id's name will survive a crash.
func (s *Store) settle(id uuid.UUID) error {
	if s.root == "" {
		return nil
	}
	if err := s.syncDirectory(filepath.Join(s.root, folderOf(id[0]))); err != nil {
		return err
	}
	durable := &s.folder[id[0]].durable
	if durable.Load() {
		return nil
	}
	err := s.syncDirectory(s.root)
	durable.Store(err == nil)
	return err
}

func (s *Store) syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(s.fsync(d), d.Close())
}
