package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lobby.example/delivery/queue"
)

func deliveryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delivery",
		Short: "Look after what could not be delivered",
		Long: `Look after copies by email and calls of webhooks that wait. Each recipient gets things in
order: what cannot be delivered to one is parked after some attempts, and what comes
later for the same recipient waits behind it, until it is tried again or dropped.

These commands work on the data directory, beside a server that runs or not.`,
	}
	cmd.AddCommand(deliveryList(), deliveryRetry(), deliveryDrop(), deliveryRestart())
	return cmd
}

// onStore makes a subcommand that works on the store of a data directory.
func onStore(cmd *cobra.Command, run func(cmd *cobra.Command, args []string, store *queue.Store) error) *cobra.Command {
	var data string
	cmd.Flags().StringVar(&data, "data", dataDirectory(), "directory of the server's data")
	cmd.Flags().String("config", "", "file with settings")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return settle(cmd) }
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		path := filepath.Join(data, deliveryFile)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("nothing was ever to be delivered from %s: there is no %s", data, deliveryFile)
		}
		store, err := queue.Open(path)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		return run(cmd, args, store)
	}
	return cmd
}

// listPage is how many recipients are read at once.
const listPage = 500

func deliveryList() *cobra.Command {
	var all, asJSON bool
	cmd := onStore(&cobra.Command{
		Use:   "list",
		Short: "List recipients to whom something is parked, the first item of each",
		Args:  cobra.NoArgs,
	}, func(cmd *cobra.Command, _ []string, store *queue.Store) error {
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
		first, err := store.Recipients(cmd.Context(), !all, "", 1)
		if err != nil {
			return err
		}
		switch {
		case asJSON:
		case len(first) == 0:
			fmt.Fprintln(cmd.OutOrStdout(), "nothing waits")
		default:
			fmt.Fprintln(table, "RECIPIENT\tITEMS\tSTATE\tATTEMPTS\tSINCE\tEVENT\tREASON")
		}
		after := ""
		for {
			page, err := store.Recipients(cmd.Context(), !all, after, listPage)
			if err != nil {
				return err
			}
			for _, r := range page {
				after = r.Recipient
				if asJSON {
					if err := json.NewEncoder(cmd.OutOrStdout()).Encode(listed(r)); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\t%s@%d\t%s\n", r.Recipient, r.Items, stateOf(r), r.Attempts,
					r.Since.UTC().Format(time.RFC3339), r.First.Stream, r.First.Revision, r.Reason)
			}
			if len(page) < listPage {
				return table.Flush()
			}
		}
	})
	cmd.Flags().BoolVar(&all, "all", false, "list those who will be tried again by themselves, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func stateOf(r queue.Recipient) string {
	if r.Parked {
		return "parked"
	}
	return "waiting"
}

// listing is a recipient as --json prints it.
type listing struct {
	Recipient string     `json:"recipient"`
	State     string     `json:"state"` // parked or waiting
	Items     int        `json:"items"`
	Attempts  int        `json:"attempts"` // of the first item
	Since     time.Time  `json:"since"`
	Due       *time.Time `json:"due,omitempty"` // when it is tried again
	Reason    string     `json:"reason,omitempty"`
	Delivery  string     `json:"delivery"`
	Stream    string     `json:"stream"`
	Revision  int64      `json:"revision"`
	Position  string     `json:"position"`
}

func listed(r queue.Recipient) listing {
	l := listing{Recipient: r.Recipient, State: stateOf(r), Items: r.Items, Attempts: r.Attempts, Since: r.Since.UTC(), Reason: r.Reason,
		Delivery: r.First.ID.String(), Stream: r.First.Stream, Revision: r.First.Revision, Position: r.First.Position}
	if due := r.Due.UTC(); !r.Parked {
		l.Due = &due
	}
	return l
}

func deliveryRetry() *cobra.Command {
	var all bool
	cmd := onStore(&cobra.Command{
		Use:   "retry [RECIPIENT]",
		Short: "Try again at once to deliver to a recipient, or to all with --all",
		Args:  cobra.MaximumNArgs(1),
	}, func(cmd *cobra.Command, args []string, store *queue.Store) error {
		switch {
		case all == (len(args) == 1):
			return errors.New("name a recipient, or give --all")
		case all:
			n, err := store.RetryAll(cmd.Context(), "")
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d recipients are tried again\n", n)
			return nil
		}
		found, err := store.Retry(cmd.Context(), args[0])
		if err == nil && !found {
			err = fmt.Errorf("nothing waits for %s", args[0])
		}
		if err == nil {
			fmt.Fprintf(cmd.OutOrStdout(), "%s is tried again\n", args[0])
		}
		return err
	})
	cmd.Flags().BoolVar(&all, "all", false, "everybody for whom something waits")
	return cmd
}

func deliveryDrop() *cobra.Command {
	var all bool
	cmd := onStore(&cobra.Command{
		Use:   "drop RECIPIENT",
		Short: "Give up the first item of a recipient, or with --all everything that waits",
		Args:  cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, args []string, store *queue.Store) error {
		n, err := store.Drop(cmd.Context(), args[0], all)
		if err == nil && n == 0 {
			err = fmt.Errorf("nothing waits for %s", args[0])
		}
		if err == nil {
			fmt.Fprintf(cmd.OutOrStdout(), "%d dropped for %s\n", n, args[0])
		}
		return err
	})
	cmd.Flags().BoolVar(&all, "all", false, "everything that waits for the recipient")
	return cmd
}

func deliveryRestart() *cobra.Command {
	var from string
	cmd := onStore(&cobra.Command{
		Use:   "restart --from head|start|POSITION",
		Short: "Say from where in the log to deliver when the server starts next",
		Long: `Say from where in the log to deliver when the server starts next, instead of where it was
left: head (only what comes from then on), start, or a position as commands answer with.
The server must not run. What was delivered after that place is delivered
once more, under the same ids; copies of messages older than a day are not.`,
		Args: cobra.NoArgs,
	}, func(cmd *cobra.Command, _ []string, store *queue.Store) error {
		if from == "" {
			return errors.New("give --from")
		}
		if err := checkFrom(from); err != nil {
			return err
		}
		if err := store.Own(); errors.Is(err, queue.ErrOwned) {
			return errors.New("a server delivers from there: stop it first")
		} else if err != nil {
			return err
		}
		if err := store.Restart(cmd.Context(), from); err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "the next start delivers from %s\n", from)
		return nil
	})
	cmd.Flags().StringVar(&from, "from", "", "head, start or a position")
	return cmd
}
