//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// ready is what the program writes once its first screen is rendered.
type ready struct {
	Pid   int    `json:"pid"`
	Title string `json:"title"`
	Path  string `json:"path"`
	Text  string `json:"text"`
}

func awaitReady(ctx context.Context, file string, ended <-chan struct{}, wait time.Duration) (r ready, err error) {
	late := time.After(wait)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		raw, err := os.ReadFile(file)
		if err == nil {
			return r, json.Unmarshal(raw, &r)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-ended:
			return r, errors.New("the program ended before its first screen was rendered")
		case <-late:
			return r, fmt.Errorf("no first screen within %v", wait)
		case <-poll.C:
		}
	}
}

// paint says how much there is to see.
type paint struct {
	colours int
	largest float64 // the share of the pixels that the most frequent colour has
}

const (
	coloursMin = 24    // smooth text alone has that many
	largestMax = 0.985 // a page without a word is one colour
	paintWait  = 10 * time.Second
)

// awaitPaint takes screenshots until one shows something. What was rendered reaches the screen a few frames later.
func awaitPaint(ctx context.Context, d *display, keep string) (p paint, err error) {
	for end := time.Now().Add(paintWait); ; {
		img, err := screenshot(ctx, d, keep)
		if err != nil {
			return p, err
		}
		p = measure(img)
		if p.colours >= coloursMin && p.largest <= largestMax {
			return p, nil
		}
		if time.Now().After(end) {
			return p, fmt.Errorf("the window is blank: %d colours, %.1f %% of it is one of them", p.colours, 100*p.largest)
		}
		time.Sleep(pollEvery)
	}
}

func screenshot(ctx context.Context, d *display, keep string) (img image.Image, err error) {
	file := keep
	if file == "" {
		dir, err := os.MkdirTemp("", "holdfast-shot-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "shot.png")
	}
	shot := exec.CommandContext(ctx, "import", "-display", d.name, "-window", "root", "png:"+file)
	if out, err := shot.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("taking a screenshot (Debian package imagemagick): %w: %s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}

// measure looks at the window only: the black of the empty display around it does not count.
func measure(img image.Image) (p paint) {
	count := map[color.Color]int{}
	total := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			c := img.At(x, y)
			if r, g, b, _ := c.RGBA(); r|g|b == 0 {
				continue
			}
			count[c]++
			total++
		}
	}
	for _, n := range count {
		p.largest = max(p.largest, float64(n)/float64(total))
	}
	p.colours = len(count)
	return p
}
