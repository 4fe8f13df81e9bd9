package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lobby.example/cmd/lobby/bench"
)

func benchCommand() *cobra.Command {
	options := bench.Options{Layout: bench.Layout{Log: logFile, Models: modelDir, Key: keyFile}}
	var report string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this program on this machine",
		Long: `Measure this program on this machine: start it on a fresh data directory, drive it
over HTTP from this process, and print what came out beside what bounds it, the
disk's fdatasync and a bare net/http server that echoes.

Steps are ` + strings.Join(bench.Steps, ", ") + `.
A full run takes fifteen to twenty-five minutes and some GiB of disk, a quick one half a minute.

Over --eventstore, --postgres or both it measures the same steps with the log and
the read models there, and says what it leaves out and what other bars there are.
Each data directory then has streams under a prefix and schemas of its own. The
schemas are dropped in the end; an event store deletes nothing, so give one that is
there for this. Seeding an event store takes longer, so give smaller seeds or time.

The data directories are made in the system's directory for temporary files. If
that is not on the disk you mean (it may be in memory), name another with --data.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.Quick {
				quick(cmd, &options)
			}
			options.Progress = cmd.ErrOrStderr()
			var err error
			if options.Program, err = os.Executable(); err != nil {
				return err
			}
			r, err := bench.Run(cmd.Context(), options)
			if err != nil {
				return err
			}
			if report != "-" {
				if err := r.Text(cmd.OutOrStdout()); err != nil {
					return err
				}
			}
			return writeReport(cmd.OutOrStdout(), report, r)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&options.Steps, "steps", nil, "which steps to measure (default all)")
	f.IntSliceVar(&options.Clients, "clients", []int{1, 8, 64}, "how many clients at once, one after the other")
	f.DurationVar(&options.Duration, "duration", 1500*time.Millisecond, "how long a step takes in one round")
	f.IntVar(&options.Rounds, "rounds", 5, "rounds, of which the medians are printed")
	f.BoolVar(&options.Quick, "quick", false, "one short round with little data, unless other flags say otherwise")
	f.StringVar(&report, "json", "", "file for the report as JSON, with the least and the most of all rounds; - prints it instead of the text")
	f.StringVar(&options.Stores.EventStore, "eventstore", "", "EventStoreDB or KurrentDB that keeps the logs, like esdb://127.0.0.1:2113?tls=false (default in the data directories)")
	f.StringVar(&options.Stores.Postgres, "postgres", "", "PostgreSQL that keeps the read models, like postgres://user:password@host/database (default SQLite in the data directories)")
	f.StringVar(&options.Data, "data", "", "directory to work in (default the system's for temporary files)")
	f.BoolVar(&options.Keep, "keep", false, "keep the data directories")
	f.StringVar(&options.Profile, "profile", "", "directory for a CPU profile of the server in each step with clients")
	f.IntVar(&options.Seed.People, "seed-people", 1000, "people, and as many channels")
	f.IntVar(&options.Seed.Channels, "seed-channels", 100, "channels of the busiest person")
	f.IntVar(&options.Seed.Messages, "seed-messages", 200_000, "messages for the reads")
	f.IntVar(&options.Seed.Events, "seed-events", 1_000_000, "events for the rebuild and the start")
	f.IntVar(&options.Seed.Cold, "seed-cold", 100_000, "messages of a large cold channel")
	f.IntVar(&options.Seed.Text, "seed-text", 120, "bytes of a seeded message, on average")
	f.IntVar(&options.Seed.Tenants, "seed-tenants", 10_000, "tenants of the landlord who has many")
	f.IntVar(&options.Seed.Posts, "seed-posts", 10_000, "posts on a full board")
	f.IntVar(&options.Seed.Open, "seed-open", 200, "channels of each person who opens the app")
	f.IntVar(&options.Seed.File, "seed-file", 20<<20, "bytes of a file")
	cmd.AddCommand(&cobra.Command{
		Use:    "echo-server",
		Short:  "Serve what the bench compares with",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return bench.EchoServer(cmd.Context(), cmd.OutOrStdout()) },
	})
	return cmd
}

// quick makes a run short where no flag says otherwise.
func quick(cmd *cobra.Command, o *bench.Options) {
	set := func(flag string, short func()) {
		if !cmd.Flags().Changed(flag) {
			short()
		}
	}
	set("rounds", func() { o.Rounds = 1 })
	set("duration", func() { o.Duration = 250 * time.Millisecond })
	set("seed-people", func() { o.Seed.People = 200 })
	set("seed-messages", func() { o.Seed.Messages = 10_000 })
	set("seed-events", func() { o.Seed.Events = 60_000 })
	set("seed-cold", func() { o.Seed.Cold = 5_000 })
	set("seed-tenants", func() { o.Seed.Tenants = 1_000 })
	set("seed-posts", func() { o.Seed.Posts = 1_000 })
	set("seed-open", func() { o.Seed.Open = 50 })
}

func writeReport(stdout io.Writer, to string, r *bench.Report) error {
	text, err := json.MarshalIndent(r, "", "  ")
	text = append(text, '\n')
	switch {
	case err != nil || to == "":
		return err
	case to == "-":
		_, err = stdout.Write(text)
	default:
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("--json %s", to), err)
	}
	return err
}
