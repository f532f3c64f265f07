//go:build linux

package main

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBlankAndPaintedScreensAreToldApart(t *testing.T) {
	blank := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for x := 50; x < 250; x++ {
		for y := 50; y < 150; y++ {
			blank.Set(x, y, color.White)
		}
	}
	if p := measure(blank); p.colours != 1 || p.largest != 1 {
		t.Fatalf("got %+v", p)
	}
	if p := measure(image.NewRGBA(image.Rect(0, 0, 9, 9))); p.colours != 0 || p.largest != 0 {
		t.Fatalf("an empty display gave %+v", p)
	}
	for i := range 40 {
		blank.Set(60+i, 60, color.RGBA{uint8(i + 1), 9, 9, 255})
	}
	if p := measure(blank); p.colours != 41 {
		t.Fatalf("got %+v", p)
	}
}

func TestReadyFileOrAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ready.json")
	ended := make(chan struct{})
	if _, err := awaitReady(t.Context(), file, ended, time.Millisecond); err == nil || !strings.Contains(err.Error(), "no first screen") {
		t.Fatalf("got %v", err)
	}
	close(ended)
	if _, err := awaitReady(t.Context(), file, ended, time.Hour); err == nil || !strings.Contains(err.Error(), "ended before") {
		t.Fatalf("got %v", err)
	}
	if err := os.WriteFile(file, []byte(`{"pid":3,"title":"Holdfast","text":"Start"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := awaitReady(t.Context(), file, ended, time.Hour); err != nil || r.Title != "Holdfast" {
		t.Fatalf("got %+v %v", r, err)
	}
}

func TestProcessesThatStayAreFoundAndKilled(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "stays.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntrap 'exit 0' TERM\nsetsid sleep 600 >/dev/null 2>&1 &\nwhile :; do sleep 0.05; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := startProgram(plan{program: script}, dir, ":0")
	if err != nil {
		t.Fatal(err)
	}
	p.grace = 300 * time.Millisecond
	for len(p.left()) < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := p.stop(); err == nil || !strings.Contains(err.Error(), "left running") {
		t.Fatalf("got %v", err)
	}
	for len(p.left()) > 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestProgramThatEndsWellIsNoError(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "ends.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntrap 'exit 0' TERM\ntouch \"$1\"\nwhile :; do sleep 0.05; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := startProgram(plan{program: script, args: []string{"{dir}/up"}}, dir, ":0")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "up")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
}

func TestEnvironmentIsItsOwn(t *testing.T) {
	got := cleanEnv([]string{"PATH=/bin", "HOME=/x", "DISPLAY=:0", "XDG_RUNTIME_DIR=/run", "LANG=C"})
	if !slices.Equal(got, []string{"PATH=/bin", "LANG=C"}) {
		t.Fatalf("got %v", got)
	}
}
