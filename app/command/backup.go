package command

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"

	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/app/program"
	"holdfast/backend/core/fault"
)

func (e *environment) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write everything that this device holds into an encrypted file, and prove it", Args: oneArg("a file"),
		Long: "Write everything that this device holds into an encrypted file, as of one instant, and prove the file by restoring it once into a folder that is removed again.\n" +
			"It is encrypted to the cluster's recovery key. Holdfast may run meanwhile.",
		RunE: func(c *cobra.Command, args []string) error {
			file, err := filepath.Abs(args[0])
			if err != nil {
				return fault.Wrap(err, fault.Invalid, "command.backup", "The path "+args[0]+" cannot be used.")
			}
			return e.using(c.Context(), func(to *client) error {
				var made api.Backup
				if err := to.call(c.Context(), http.MethodPost, "/sync/backup", map[string]string{"file": file}, &made); err != nil {
					return err
				}
				return e.print(made, func(w io.Writer) {
					fmt.Fprintf(w, "%s holds %d spaces, %d attached files and %d changes that wait, in %d bytes. It was restored once to prove it.\n",
						made.File, made.Spaces, made.Files, made.Waiting, made.Bytes)
				})
			})
		},
	}
}

func (e *environment) restoreCommand() *cobra.Command {
	var key string
	var encrypt bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Begin the cluster anew from a backup, in an empty data folder", Args: oneArg("a backup"),
		Long: "Begin the cluster anew from a backup, in an empty data folder.\n\n" +
			"The folder becomes a new device: the first node of a new generation, with all that the backup holds. What other devices hold beyond the backup comes in when they meet.\n" +
			"Whether the folder is encrypted does not depend on the one that the backup was made of: say so with --encrypt.",
		RunE: func(c *cobra.Command, args []string) error {
			text, err := recoveryKeyOf(key)
			if err != nil {
				return err
			}
			done, err := program.Restore(c.Context(), program.Config{Data: e.data, Version: e.Version, Keys: e.keys(), Log: e.logger()}, program.Restoring{File: args[0], Key: text, Encrypt: encrypt})
			if err != nil {
				return err
			}
			return e.print(done, func(w io.Writer) {
				printRecovered(w, &done)
				showRecovery(w, done.Recovery)
			})
		},
	}
	encryptFlag(c, &encrypt)
	c.Flags().StringVar(&key, "recovery-key", "", "the recovery key of the time of the backup, or the file that holds it; also "+recoveryKeyVariable)
	return c
}
