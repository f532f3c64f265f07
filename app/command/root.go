// Package command is the command line. Every command works on a data folder, whether Holdfast runs on it or not: where it runs, the command uses its API.
package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"holdfast/app/program"
	"holdfast/app/vault"
	"holdfast/backend/core/fault"
)

// Exit codes of the program.
const (
	ExitDone     = 0
	ExitFailed   = 1 // it did not work; the message says why
	ExitMisused  = 2 // the command line is wrong
	ExitFindings = 3 // doctor found something
)

// Program is what the commands run in.
type Program struct {
	Version        string
	Stdout, Stderr io.Writer
	Keyring        vault.Keyring // for data folders that are encrypted
	// Window opens the desktop window; it is what the program does without a command.
	Window func(ctx context.Context, w WindowWish) error
}

// WindowWish is what the command line says about the window.
type WindowWish struct {
	Data  string
	Ready string // file to write once the first screen is shown
	Keys  program.Keys
	Log   *slog.Logger
}

// environment is what all commands share.
type environment struct {
	Program
	data     string
	recovery string
	asJSON   bool
	loud     bool
}

// Execute runs the command line and gives the exit code.
func Execute(ctx context.Context, p Program, args []string) int {
	e := &environment{Program: p}
	root := e.root()
	root.SetArgs(args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	return e.report(err)
}

// misuse marks errors of the command line itself.
type misuse struct{ error }

// findings tells that doctor has said already what is wrong.
var errFindings = errors.New("findings")

func (e *environment) report(err error) int {
	var wrong misuse
	switch {
	case errors.Is(err, errFindings):
		return ExitFindings
	case errors.As(err, &wrong):
		fmt.Fprintf(e.Stderr, "%v\nSee holdfast --help.\n", wrong.error)
		return ExitMisused
	}
	fmt.Fprintln(e.Stderr, fault.SentenceOf(err))
	fmt.Fprintf(e.Stderr, "(%s: %v)\n", fault.CodeOf(err), err)
	return ExitFailed
}

func (e *environment) root() *cobra.Command {
	var ready string
	root := &cobra.Command{
		Use:   "holdfast",
		Short: "IT service management that keeps working without a network",
		Long: "Holdfast is an IT service management desktop that keeps working when the network does not.\n" +
			"Without a command it opens its window.",
		SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misuse{fmt.Errorf("there is no command %q", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			return e.Window(c.Context(), WindowWish{Data: e.data, Ready: ready, Keys: e.keys(), Log: e.logger()})
		},
	}
	root.Flags().StringVar(&ready, "ready", "", "file to write once the first screen is shown")
	root.PersistentFlags().StringVar(&e.data, "data", defaultData(), "the data folder")
	root.PersistentFlags().StringVar(&e.recovery, "recovery-code", "", "the recovery code of an encrypted data folder, when nothing else opens it; also "+recoveryVariable+"; "+againVariable+" beside "+passphraseVariable+" sets a new passphrase with it")
	root.PersistentFlags().BoolVar(&e.asJSON, "json", false, "print JSON")
	root.PersistentFlags().BoolVarP(&e.loud, "verbose", "v", false, "say more about what happens")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(e.initCommand(), e.serveCommand(), e.nodeCommand(), e.inviteCommand(), e.joinCommand(), e.membersCommand(), e.devicesCommand(),
		e.importCommand(), e.exportCommand(), e.bundleCommand(), e.statusCommand(), e.doctorCommand(), e.auditCommand(), e.redactCommand(), e.recoveryCommand(), e.recoverCommand(), e.rejoinCommand(), e.recoveryKeyCommand(), e.backupCommand(), e.restoreCommand(), e.versionCommand(), e.openapiCommand())
	return root
}

func defaultData() string {
	base, err := os.UserConfigDir()
	if err != nil {
		return "holdfast-data"
	}
	return filepath.Join(base, "Holdfast")
}

func (e *environment) logger() *slog.Logger {
	level := slog.LevelWarn
	if e.loud {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(e.Stderr, &slog.HandlerOptions{Level: level}))
}

// openOptions says how a command opens the folder.
type openOptions struct {
	listen    string
	advertise []string
	role      program.Role
}

func (e *environment) open(ctx context.Context, o openOptions) (*program.Program, error) {
	return program.Open(ctx, program.Config{Data: e.data, Version: e.Version, Listen: o.listen, Advertise: o.advertise, Role: o.role, Keys: e.keys(), Log: e.logger()})
}

// print writes value as JSON where that was asked for, and as text otherwise.
func (e *environment) print(value any, text func(w io.Writer)) error {
	if !e.asJSON {
		text(e.Stdout)
		return nil
	}
	out := json.NewEncoder(e.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(value)
}
