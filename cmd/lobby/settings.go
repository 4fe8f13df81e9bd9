package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settle gives every flag that the command line does not set its value from the
// environment (--key-file is LOBBY_KEY_FILE) or else from the file that --config
// names, where each line reads key-file = value. All three agree by name.
func settle(cmd *cobra.Command) error {
	file := map[string]string{}
	path, _ := cmd.Flags().GetString("config")
	if env := os.Getenv("LOBBY_CONFIG"); path == "" {
		path = env
	}
	if path != "" {
		var err error
		if file, err = readSettings(path); err != nil {
			return err
		}
	}
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value, ok := os.LookupEnv("LOBBY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")))
		from := "the environment"
		if !ok {
			value, ok = file[f.Name]
			from = path
		}
		delete(file, f.Name)
		if !ok || f.Changed || f.Name == "config" {
			return
		}
		if err := f.Value.Set(value); err != nil && failed == nil {
			failed = fmt.Errorf("--%s from %s: %w", f.Name, from, err)
		}
	})
	if cmd.Name() != "serve" { // whose file it is; others find there what they share with it
		return failed
	}
	for name := range file {
		return fmt.Errorf("%s: %s is no setting of lobby %s", path, name, cmd.Name())
	}
	return failed
}

func readSettings(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	settings := map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s:%d: not of the form name = value", path, n)
		}
		settings[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return settings, lines.Err()
}

// dataDirectory is where a user's programs keep their data.
func dataDirectory() string {
	home, _ := os.UserHomeDir()
	switch dir := os.Getenv("XDG_DATA_HOME"); {
	case dir != "":
		return filepath.Join(dir, "lobby")
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "lobby")
	case runtime.GOOS == "windows":
		return filepath.Join(os.Getenv("LocalAppData"), "lobby")
	default:
		return filepath.Join(home, ".local", "share", "lobby")
	}
}
