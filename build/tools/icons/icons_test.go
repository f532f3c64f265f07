package main

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestEveryImageInTheIconReads(t *testing.T) {
	raw, err := icoBytes(icoSizes)
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range icoSizes {
		entry := raw[6+16*i:]
		length, start := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		img, err := png.Decode(bytes.NewReader(raw[start : start+length]))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() != size || img.Bounds().Dy() != size {
			t.Fatalf("want %d, got %v", size, img.Bounds())
		}
	}
}

func TestMarkHasItsColoursWhereTheyBelong(t *testing.T) {
	img := draw(512)
	for _, c := range []struct {
		name string
		x, y int
		want color.NRGBA
	}{
		{"outside", 2, 2, color.NRGBA{}},
		{"square", 60, 256, color.NRGBA{teal.r, teal.g, teal.b, 255}},
		{"post", 256, 350, color.NRGBA{white.r, white.g, white.b, 255}},
		{"rope", 256, 228, color.NRGBA{rope.r, rope.g, rope.b, 255}},
	} {
		if got := img.At(c.x, c.y); got != c.want {
			t.Errorf("%s: want %v, got %v", c.name, c.want, got)
		}
	}
}

func TestCommittedIconsAreWhatTheToolDraws(t *testing.T) {
	root := t.TempDir()
	if err := writeAll(root); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"build/appicon.svg", "build/appicon.png", "build/windows/icon.ico", "app/desktop/icon.png", "build/linux/holdfast.svg"} {
		want, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../../..", path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the tool draws now: run go run ./icons in build/tools", path)
		}
	}
}
