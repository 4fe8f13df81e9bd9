package pgtest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// oldest is the oldest version that the engine works with.
const oldest = 15

var errNone = errors.New("pgtest: these tests need PostgreSQL 15 or newer, and there is none: " +
	"install its server (apt-get install postgresql, dnf install postgresql-server, brew install postgresql@17), " +
	"or set " + Variable + " to the URL of a database in which they may create schemas")

// places are where systems put the binaries.
var places = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib64/pgsql/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
}

// binaries is the directory with the newest server among those that the PATH and
// pg_config know and those in the places where systems put them.
func binaries() (string, error) {
	var found []string
	add := func(directory string) {
		for _, name := range []string{"initdb", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(directory, name)); err != nil {
				return
			}
		}
		found = append(found, directory)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			add(filepath.Dir(path))
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		add(strings.TrimSpace(string(out)))
	}
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern)
		for _, place := range found {
			add(place)
		}
	}
	versions := map[string]int{}
	for _, directory := range found {
		versions[directory] = version(directory)
	}
	found = slices.DeleteFunc(found, func(d string) bool { return versions[d] < oldest })
	if len(found) == 0 {
		return "", errNone
	}
	return slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(versions[a], versions[b]) }), nil
}

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func version(directory string) int {
	out, err := exec.Command(filepath.Join(directory, "postgres"), "--version").Output()
	if m := versionNumber.FindSubmatch(out); err == nil && m != nil {
		n, _ := strconv.Atoi(string(m[1]))
		return n
	}
	return 0
}

// own gives the directory to whoever the server runs as. PostgreSQL refuses to run
// as root, who then picks somebody without rights.
func (s *Server) own() error {
	// In a session of its own, so that the terminal's interrupt is for the test alone.
	s.as = &syscall.SysProcAttr{Setsid: true}
	if os.Getuid() == 0 {
		somebody, err := osuser.Lookup("postgres")
		if err != nil {
			somebody, err = osuser.Lookup("nobody")
		}
		if err != nil {
			return fmt.Errorf("pgtest: PostgreSQL does not run as root, and there is no user postgres or nobody: %w", err)
		}
		id := &syscall.Credential{Uid: number(somebody.Uid), Gid: number(somebody.Gid)}
		s.as.Credential = id
		if err := os.Chown(s.directory, int(id.Uid), int(id.Gid)); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return log.Close()
}

// shortTemp is a directory for sockets, whose names may have some hundred bytes
// only.
func shortTemp() string {
	if directory := os.TempDir(); len(directory) < 60 {
		return directory
	}
	return "/tmp"
}
