package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var s settings
	var listen, level, debug string
	var open bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API",
		Long: `Serve the command and query API over HTTP: on an embedded store in one
directory, or with the log in --eventstore, the read models in --postgres, or both.

Every flag can be set in the environment (--key-file as LOBBY_KEY_FILE) or in the
file that --config names (a line key-file = /etc/lobby/keys.pem). The command line
goes before the environment, and that before the file.

Tokens are believed when the key that signed them is in --key-file or at --jwks.
With neither, the data directory's own key is used, with which lobby token mints.`,
		Args:    cobra.NoArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return settle(cmd) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l slog.Level
			if err := l.UnmarshalText([]byte(level)); err != nil {
				return fmt.Errorf("--log-level: %w", err)
			}
			s.logger = slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: l}))
			if s.trust.JWKS != "" && s.trust.KeyFile != "" {
				return errors.New("give --jwks or --key-file, not both")
			}
			if err := s.engines.check(); err != nil {
				return err
			}
			if err := checkListen(listen, open); err != nil {
				return err
			}
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return err
			}
			closeDebug, err := serveDebug(debug, s.logger)
			if err != nil {
				return errors.Join(err, listener.Close())
			}
			defer closeDebug()
			ctx := cmd.Context()
			p, err := openProgram(ctx, s)
			if err != nil {
				return errors.Join(err, listener.Close())
			}
			fmt.Fprintf(cmd.OutOrStdout(), "lobby serves http://%s from %s\n", listener.Addr(), s.data)
			if p.eventStore != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "clients of EventStoreDB read the log at esdb://%s\n", p.eventStore)
			}
			return errors.Join(p.serve(ctx, listener), p.Close())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.data, "data", dataDirectory(), "directory of the log, the read models, the files and the key")
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	f.BoolVar(&open, "listen-open", false, "allow an address that is not a loopback one")
	f.StringVar(&debug, "debug-listen", "", "loopback address for profiles of this process, at /debug/pprof/; none where empty")
	f.StringVar(&s.trust.JWKS, "jwks", "", "URL of the JSON Web Key Set of those who mint tokens")
	f.StringVar(&s.trust.KeyFile, "key-file", "", "file with their keys, PEM or a JSON Web Key Set")
	f.StringVar(&s.trust.Issuer, "issuer", "", "issuer that tokens must name")
	f.StringVar(&s.trust.Audience, "audience", "", "audience that tokens must name")
	f.StringVar(&s.files, "files", "", "URL of the store of uploaded files, like file:///srv/lobby/files (default the directory files in --data)")
	f.Int64Var(&s.most, "max-file-bytes", 25<<20, "the largest file that is taken")
	s.engines.flags(f)
	s.outward.flags(f)
	s.esdb.flags(f)
	f.BoolVar(&s.rebuild, "rebuild", false, "build the read models anew beside those that serve, and switch")
	f.StringVar(&level, "log-level", "info", "debug, info, warn or error")
	f.String("config", "", "file with settings")
	return cmd
}

// checkListen keeps the program on loopback unless it is told otherwise.
func checkListen(address string, open bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() || open {
		return nil
	}
	return fmt.Errorf("--listen %s is not a loopback address: give --listen-open as well if others may reach it", address)
}
