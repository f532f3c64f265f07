//go:build linux

// Command screen is the smoke test of the native window. It starts the desktop program on a virtual display with a fresh
// home folder, waits until the program says that its first screen is rendered, checks what that screen says and that
// something is painted, ends the program as the system would, and checks that no process of it is left.
//
//	go run ./screen -program ../bin/holdfast-desktop -expect "Start a new site" -shot ../out/window.png
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// plan is one run of the smoke test.
type plan struct {
	program string
	args    []string // "{dir}" stands for a fresh folder
	expect  []string // texts that the first screen shows
	shot    string   // where the screenshot goes; empty: nowhere
	wait    time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := try(ctx, parse()); err != nil {
		fmt.Fprintln(os.Stderr, "screen:", err)
		os.Exit(1)
	}
}

func parse() plan {
	var p plan
	flag.StringVar(&p.program, "program", "", "the desktop program")
	flag.StringVar(&p.shot, "shot", "", "file that gets the screenshot (PNG)")
	flag.DurationVar(&p.wait, "wait", time.Minute, "how long the first screen may take")
	flag.Func("expect", "a text that the first screen must show (repeatable)", func(text string) error {
		p.expect = append(p.expect, text)
		return nil
	})
	flag.Parse()
	p.args = flag.Args()
	if len(p.args) == 0 {
		p.args = []string{"--data", "{dir}/data", "--ready", "{dir}/ready.json"}
	}
	return p
}

// try runs the plan. Whatever happens, everything it started is gone when it returns.
func try(ctx context.Context, p plan) (err error) {
	dir, err := os.MkdirTemp("", "holdfast-screen-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	display, err := startDisplay()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, display.stop()) }()

	program, err := startProgram(p, dir, display.name)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, program.stop()); err != nil {
			err = fmt.Errorf("%w\nwhat the program printed:\n%s", err, program.output())
		}
	}()
	return look(ctx, p, filepath.Join(dir, "ready.json"), display, program)
}

// look waits for the first screen and checks it.
func look(ctx context.Context, p plan, readyFile string, display *display, program *program) error {
	started := time.Now()
	ready, err := awaitReady(ctx, readyFile, program.ended, p.wait)
	if err != nil {
		return err
	}
	fmt.Printf("screen: first screen %q at %s after %d ms\n", ready.Title, ready.Path, time.Since(started).Milliseconds())
	for _, text := range p.expect {
		if !strings.Contains(ready.Text, text) {
			return fmt.Errorf("the first screen does not say %q; it says:\n%s", text, ready.Text)
		}
	}
	painted, err := awaitPaint(ctx, display, p.shot)
	if err != nil {
		return err
	}
	fmt.Printf("screen: %d colours, %.1f %% of the window is one of them\n", painted.colours, 100*painted.largest)
	return nil
}
