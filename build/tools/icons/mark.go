package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
)

// canvas is the side of the square that the mark is drawn on.
const canvas = 512.0

type rgb struct{ r, g, b uint8 }

var (
	teal  = rgb{0x0b, 0x4f, 0x54}
	white = rgb{0xf6, 0xfb, 0xfa}
	rope  = rgb{0x6f, 0xd3, 0xc4}
)

type point struct{ x, y float64 }

// stroke is a line through points with round ends.
type stroke struct {
	width  float64
	colour rgb
	points []point
}

const (
	margin = 16.0  // around the rounded square
	corner = 112.0 // its radius
)

// strokes are painted in order over the teal square: the bollard, then two turns of rope with the gap that lifts them off.
func strokes() []stroke {
	post := []stroke{
		{112, white, []point{{256, 168}, {256, 364}}},
		{72, white, []point{{184, 132}, {328, 132}}},
		{56, white, []point{{148, 396}, {364, 396}}},
	}
	for _, turn := range [][]point{
		{{154, 206}, {358, 250}},
		{{154, 266}, {358, 310}, {420, 282}},
	} {
		post = append(post, stroke{62, teal, turn}, stroke{38, rope, turn})
	}
	return post
}

func svgBytes() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"Holdfast\">\n", canvas, canvas)
	side := canvas - 2*margin
	fmt.Fprintf(&out, "  <rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" rx=\"%g\" fill=\"%s\"/>\n", margin, margin, side, side, corner, teal)
	for _, s := range strokes() {
		fmt.Fprintf(&out, "  <polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%g\" stroke-linecap=\"round\" stroke-linejoin=\"round\" points=\"", s.colour, s.width)
		for i, p := range s.points {
			if i > 0 {
				out.WriteByte(' ')
			}
			fmt.Fprintf(&out, "%g,%g", p.x, p.y)
		}
		out.WriteString("\"/>\n")
	}
	out.WriteString("</svg>\n")
	return out.Bytes()
}

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// samples is how many points along each side of a pixel are looked at.
const samples = 4

// pixel gives the colour of a square of the canvas with its corner at x, y.
func pixel(x, y, side float64) color.NRGBA {
	var r, g, b, covered float64
	for i := range samples {
		for j := range samples {
			at := point{x + side*(float64(i)+0.5)/samples, y + side*(float64(j)+0.5)/samples}
			if c, inside := colourAt(at); inside {
				r, g, b, covered = r+float64(c.r), g+float64(c.g), b+float64(c.b), covered+1
			}
		}
	}
	if covered == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / covered), uint8(g / covered), uint8(b / covered), uint8(255 * covered / (samples * samples))}
}

func colourAt(p point) (c rgb, inside bool) {
	if !inSquare(p) {
		return rgb{}, false
	}
	c = teal
	for _, s := range strokes() {
		if s.covers(p) {
			c = s.colour
		}
	}
	return c, true
}

func inSquare(p point) bool {
	low, high := margin+corner, canvas-margin-corner
	dx := math.Max(math.Max(low-p.x, p.x-high), 0)
	dy := math.Max(math.Max(low-p.y, p.y-high), 0)
	return math.Hypot(dx, dy) <= corner
}

func (s stroke) covers(p point) bool {
	for i := 1; i < len(s.points); i++ {
		if distance(p, s.points[i-1], s.points[i]) <= s.width/2 {
			return true
		}
	}
	return false
}

// distance from p to the line between a and b.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	along := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy)
	along = math.Min(math.Max(along, 0), 1)
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}
