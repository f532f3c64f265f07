// Holdfast is an IT service management desktop that keeps working when the network does not. Without a command it opens its window; see
// holdfast --help for the rest.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"holdfast/app/api"
	"holdfast/app/browser"
	"holdfast/app/command"
	"holdfast/app/desktop"
	"holdfast/app/program"
	"holdfast/app/vault"
	"holdfast/frontend"
)

// version is set at build time with -ldflags "-X main.version=…".
var version = "dev"

func main() {
	os.Exit(run())
}

// memoryBytes is what the program's Go side is kept to while it can: imports and first syncs make much garbage at once. GOMEMLIMIT overrides it.
const memoryBytes = 384 << 20

func run() int {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryBytes)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command.Execute(ctx, command.Program{Version: version, Stdout: os.Stdout, Stderr: os.Stderr, Keyring: vault.System{}, Window: window}, os.Args[1:])
}

// window runs the desktop on a data folder until its window is closed.
func window(ctx context.Context, w command.WindowWish) (err error) {
	p, err := program.Open(ctx, program.Config{Data: w.Data, Version: version, Keys: w.Keys, Log: w.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	control, err := browser.ServeControl(p.DataFolder(), p.Handler(), w.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, control.Close()) }()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	return desktop.Run(ctx, desktop.Options{
		Handler: browser.Interface(p.Handler(), frontend.Assets()), Prefs: p.Prefs(), Changes: changed(watching, p.Changes(watching)), ReadyFile: w.Ready, Log: w.Log,
	})
}

// changed gives the API's change events to the window until ctx ends.
func changed(ctx context.Context, events <-chan api.ChangeEvent) <-chan desktop.Changed {
	out := make(chan desktop.Changed)
	go func() {
		defer close(out)
		for event := range events {
			select {
			case out <- desktop.Changed(event):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
