package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"

	"lobby.example/delivery/mail/mailtest"
)

func demoCommand() *cobra.Command {
	var listen, esdbListen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve a sample property on a throw-away data directory",
		Long: `Serve on a free loopback port and a data directory that goes away at the end, filled
with a sample property through the same HTTP commands that anybody would use. It
prints the address and a token for each person, and serves until Ctrl-C.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkListen(listen, false); err != nil {
				return err
			}
			esdb := eventStore{listen: esdbListen, open: true}
			data, err := os.MkdirTemp("", "lobby-demo-")
			if err != nil {
				return err
			}
			return errors.Join(demo(cmd.Context(), data, listen, esdb, cmd.OutOrStdout(), cmd.ErrOrStderr()), os.RemoveAll(data))
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&esdbListen, "esdb-listen", "", "loopback address on which clients of EventStoreDB read the log; none where empty")
	return cmd
}

func demo(ctx context.Context, data, listen string, esdb eventStore, stdout, stderr io.Writer) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	mails, err := mailtest.Listen(mailtest.Options{})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	p, err := openProgram(ctx, settings{
		data:    data,
		esdb:    esdb,
		outward: outward{smtp: mails.URL(), from: "lobby@example.org", publicURL: base},
		logger:  slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return errors.Join(err, listener.Close(), mails.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- p.serve(ctx, listener) }()

	key, err := openKey(data)
	if err == nil {
		property := newDemoProperty(base, key)
		property.eventStore = p.eventStore
		err = show(ctx, property, mails, stdout)
		if ctx.Err() != nil { // Ctrl-C, at whatever moment
			err = nil
		}
	}
	stop()
	return errors.Join(err, <-served, p.Close(), mails.Close())
}

// show fills the property, tells what there is, and goes on telling what is mailed
// until the context ends.
func show(ctx context.Context, property *demoProperty, mails *mailtest.Server, stdout io.Writer) error {
	if err := property.fill(ctx); err != nil {
		return err
	}
	property.introduce(stdout)
	mailed, err := showMail(ctx, stdout, mails, 0, len(demoCopies))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nCtrl-C ends it and takes the data along.\n")
	for err == nil {
		mailed, err = showMail(ctx, stdout, mails, mailed, mailed+1)
	}
	return err
}

// introduce tells a newcomer what there is and what to try.
func (d *demoProperty) introduce(w io.Writer) {
	fmt.Fprintf(w, "Lobby serves a sample property at %s\n", d.base)
	fmt.Fprintf(w, "%d people, %d messages (%d unseen), %d posts with %d comments (%d unseen by the landlord), %d maintenance requests, %d files\n",
		len(d.people), d.messages, len(d.unseen), d.posts, d.comments, len(d.unseenComments), d.requests, d.uploads)
	fmt.Fprintf(w, "The API is described at %s/docs\n\nA token for each person, and one for the host product:\n\n", d.base)
	for _, person := range d.people {
		fmt.Fprintf(w, "%s (%s)\n%s\n", person.Name, person.Role, person.Token)
	}
	fmt.Fprintf(w, "platform\n%s\n", d.platform)
	landlord := d.landlord()
	fmt.Fprintf(w, "\nTry, as %s:\n\n", landlord.Name)
	for _, path := range []string{
		"/unread",
		"/inbox?limit=3",
		"/boards/board-" + landlord.ID.String() + "/posts?text=bicycle",
		"/maintenance-requests?status=in_progress",
		"/attachments/" + d.files["house-rules.txt"].String(),
	} {
		fmt.Fprintf(w, "curl -s -H 'Authorization: Bearer %s' '%s/v1%s'\n", landlord.Token, d.base, path)
	}
	if d.eventStore != nil {
		fmt.Fprintf(w, "\nClients of EventStoreDB read its log at esdb://%s?tls=false\n", d.eventStore)
	}
	fmt.Fprintf(w, "\nA message sent with \"email_copy\": true is mailed to a server inside the demo, and shows here:\n")
}
