// Command icons draws Holdfast's mark, a rope turned round a bollard, and writes it in every form that the packages
// need: SVG, PNG in several sizes, and a Windows icon.
//
//	go run ./icons -root ../..
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "../..", "folder of the repository")
	flag.Parse()
	if err := writeAll(*root); err != nil {
		fmt.Fprintln(os.Stderr, "icons:", err)
		os.Exit(1)
	}
}

// icoSizes are the sizes that Windows shows, in pixels.
var icoSizes = []int{16, 24, 32, 48, 64, 128, 256}

func writeAll(root string) error {
	app, err := pngBytes(512)
	if err != nil {
		return err
	}
	window, err := pngBytes(128)
	if err != nil {
		return err
	}
	ico, err := icoBytes(icoSizes)
	if err != nil {
		return err
	}
	for path, content := range map[string][]byte{
		"build/appicon.svg":        svgBytes(),
		"build/appicon.png":        app,
		"build/windows/icon.ico":   ico,
		"app/desktop/icon.png":     window,
		"build/linux/holdfast.svg": svgBytes(),
	} {
		if err := put(filepath.Join(root, path), content); err != nil {
			return err
		}
	}
	return nil
}

func put(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func pngBytes(size int) ([]byte, error) {
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err := encoder.Encode(&out, draw(size))
	return out.Bytes(), err
}

// icoBytes packs PNG images into the ICO container, which Windows reads since Vista.
func icoBytes(sizes []int) ([]byte, error) {
	var head, body bytes.Buffer
	put16 := func(v int) { head.Write(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
	put32 := func(v int) { head.Write(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
	put16(0)
	put16(1) // an icon, not a cursor
	put16(len(sizes))
	start := 6 + 16*len(sizes)
	for _, size := range sizes {
		raw, err := pngBytes(size)
		if err != nil {
			return nil, err
		}
		head.Write([]byte{byte(size % 256), byte(size % 256), 0, 0}) // 0 stands for 256
		put16(1)
		put16(32)
		put32(len(raw))
		put32(start + body.Len())
		body.Write(raw)
	}
	return append(head.Bytes(), body.Bytes()...), nil
}

func draw(size int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	scale := canvas / float64(size)
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, pixel(float64(x)*scale, float64(y)*scale, scale))
		}
	}
	return img
}
