package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/app/program"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// recoveryKeyVariable names the recovery key in the environment: other users of the computer can read flags.
const recoveryKeyVariable = "HOLDFAST_RECOVERY_KEY"

func (e *environment) recoverCommand() *cobra.Command {
	var key string
	var incomplete bool
	c := &cobra.Command{
		Use: "recover", Short: "Begin the cluster anew on this device, when most of its nodes are lost for good", Args: noArgs,
		Long: "Begin the cluster anew on this device, when most of its nodes are lost for good.\n\n" +
			"This device becomes the first node of a new generation, with all that it holds. The nodes of the lost group take no part any more, should they come back; what they\n" +
			"and the other devices hold beyond it is brought in when they meet. Holdfast must not run on the data folder meanwhile.",
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := recoveryKeyOf(key)
			if err != nil {
				return err
			}
			done, err := program.Recover(c.Context(), program.Config{Data: e.data, Version: e.Version, Keys: e.keys(), Log: e.logger()}, program.Recovering{Key: text, Incomplete: incomplete})
			if err != nil {
				return err
			}
			return e.print(done, func(w io.Writer) { printRecovered(w, &done) })
		},
	}
	c.Flags().StringVar(&key, "recovery-key", "", "the cluster's recovery key, or the file that holds it; also "+recoveryKeyVariable)
	c.Flags().BoolVar(&incomplete, "incomplete", false, "go on although the database of this folder was damaged and may lack what other devices hold")
	return c
}

func (e *environment) rejoinCommand() *cobra.Command {
	var listen string
	var advertise []string
	c := &cobra.Command{
		Use: "rejoin INVITE", Short: "Let a node that a recovery left behind join the recovered cluster again", Args: oneArg("an invite for a node"),
		Long: "Let a node that a recovery left behind join the recovered cluster again.\n\n" +
			"It waits until a node of the recovered cluster holds everything that only this one had; Ctrl+C before that changes nothing. Then all that it held is set aside inside its data\n" +
			"folder, and it joins as a new device. Holdfast must not run on the data folder meanwhile. Should it be interrupted, run it again, with a new invite when that one is used up.",
		RunE: func(c *cobra.Command, args []string) error {
			config := program.Config{Data: e.data, Version: e.Version, Listen: listen, Advertise: advertise, Keys: e.keys(), Log: e.logger()}
			done, err := program.Rejoin(c.Context(), config, args[0], func(sentence string) { fmt.Fprintln(e.Stderr, sentence) })
			if err != nil {
				return err
			}
			return e.print(done, func(w io.Writer) {
				fmt.Fprintf(w, "This device belongs to %s again, as a new node in generation %s. Start it on this folder now.\n", done.Cluster, done.Generation)
				fmt.Fprintf(w, "Everything that it held before is in %s; remove that once you are sure that you do not need it.\n", done.Aside)
				showRecovery(w, done.Recovery)
			})
		},
	}
	c.Flags().StringVar(&listen, "listen", program.DefaultListen, "the address for other devices; the one that it had when left out")
	advertiseFlag(c, &advertise)
	return c
}

// recoveryKeyOf gives the key that was named, or that a named file or the environment holds.
func recoveryKeyOf(named string) (string, error) {
	if named == "" {
		return os.Getenv(recoveryKeyVariable), nil
	}
	raw, err := os.ReadFile(named)
	if errors.Is(err, fs.ErrNotExist) {
		return named, nil
	}
	if err != nil {
		return "", fault.Wrap(err, diskfile.Code(err), "command.recover", "The file "+named+" could not be read. Give this user the right to read it.")
	}
	return strings.TrimSpace(string(raw)), nil
}

func printRecovered(w io.Writer, done *program.Recovered) {
	fmt.Fprintf(w, "%s begins anew on this device, in generation %s.\n\n", done.Cluster, done.Generation)
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "SPACE\tCOMMIT\tDIGEST")
	for _, s := range done.Spaces {
		fmt.Fprintf(table, "%s\t%d\t%.16s\n", s.Space, s.Commit, s.Digest)
	}
	// The table only fails when the terminal does.
	_ = table.Flush()
	fmt.Fprintf(w, "\n%d changes of this device are agreed anew at the next start, %d entries came out of the log of the lost group, %d nodes are left behind.\n", done.Pending, done.Salvaged, done.Former)
	fmt.Fprintln(w, "Start Holdfast on this folder now; then add nodes with invites.")
}

func (e *environment) recoveryKeyCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "recovery-key", Short: "Make a new key with which the cluster can be recovered", Args: noArgs,
		Long: "Make a new key with which the cluster can be recovered when most of its nodes are lost. The one before is void. It is made on a node.",
		RunE: func(c *cobra.Command, _ []string) error {
			return e.using(c.Context(), func(to *client) error { return e.makeRecoveryKey(c.Context(), to, file) })
		},
	}
	recoveryKeyFlag(c, &file)
	return c
}

func recoveryKeyFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "recovery-key", "", "file to write the cluster's recovery key to, instead of showing it")
}

// makeRecoveryKey makes a recovery key of the cluster, and writes it to a file or shows it.
func (e *environment) makeRecoveryKey(ctx context.Context, to *client, file string) error {
	var made api.RecoveryKey
	if err := to.call(ctx, http.MethodPost, "/sync/recovery-key", nil, &made); err != nil {
		return err
	}
	if file != "" {
		return keepRecoveryKey(file, made.Key)
	}
	showRecoveryKey(e.Stderr, made.Key) // what is printed is for scripts
	return nil
}

func keepRecoveryKey(file, key string) error {
	err := diskfile.Create(file, []byte(key+"\n"), 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Conflict, "command.recovery-key", "The file "+file+" exists already and was not overwritten. The new key is lost; make another with holdfast recovery-key.")
	}
	return fault.Wrap(err, diskfile.Code(err), "command.recovery-key", "The recovery key could not be written to "+file+" and is lost. Make another with holdfast recovery-key.")
}

func showRecoveryKey(w io.Writer, key string) {
	fmt.Fprintf(w, "The cluster's recovery key is\n\n    %s\n\n"+
		"Write it down and keep it in a safe place, away from the nodes: it is not shown again. With it and any one device, the cluster is begun anew when its nodes are lost.\n", key)
}
