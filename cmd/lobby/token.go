package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"lobby.example/httpapi"
)

func tokenCommand() *cobra.Command {
	var data, person string
	var caller httpapi.Caller
	var lifetime time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Mint a token with the data directory's own key",
		Long: `Mint a bearer token with the key of a data directory, for a server that was given no
--jwks and no --key-file. The key is made where there is none, so this works before
the first lobby serve, too.`,
		Args:    cobra.NoArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return settle(cmd) },
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if caller.Person, err = uuid.Parse(person); err != nil {
				return fmt.Errorf("--person: %w", err)
			}
			key, err := openKey(data)
			if err != nil {
				return err
			}
			token, err := key.Mint(caller, time.Now(), lifetime)
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), token)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&data, "data", dataDirectory(), "directory of the key")
	f.StringVar(&person, "person", "", "id of the person who calls, or any id for a platform")
	f.BoolVar(&caller.Platform, "platform", false, "the host product: registers people, acts for landlords")
	f.BoolVar(&caller.Audit, "audit", false, "an auditor: reads the log, at --esdb-listen of a server")
	f.DurationVar(&lifetime, "lifetime", 24*time.Hour, "how long the token is valid")
	f.String("config", "", "file with settings")
	return cmd
}

func openKey(data string) (httpapi.Key, error) {
	if err := makeDirectory(data); err != nil {
		return httpapi.Key{}, err
	}
	return httpapi.OpenKey(filepath.Join(data, keyFile))
}
