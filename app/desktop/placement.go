package desktop

import "holdfast/app/prefs"

// Sizes of the window in logical pixels. The interface is laid out for the smallest and up.
const (
	widthDefault  = 1280
	heightDefault = 800
	widthMin      = 900
	heightMin     = 600
	// gripMin is how much of a restored window must lie on a screen, so that it can be seen and moved.
	gripMin = 120
)

// area is a screen's size in logical pixels.
type area struct{ width, height int }

// startSize gives the size to open with: the remembered one within bounds, or the default.
func startSize(w prefs.Window) (width, height int) {
	if w.Width <= 0 || w.Height <= 0 {
		return widthDefault, heightDefault
	}
	return max(w.Width, widthMin), max(w.Height, heightMin)
}

// startPlace gives the remembered corner when enough of the window would show on the screen. Otherwise (never placed, or
// the monitor it was on is gone) the window is centred.
func startPlace(w prefs.Window, screen area) (x, y int, place bool) {
	width, _ := startSize(w)
	onScreen := w.X+width >= gripMin && w.X <= screen.width-gripMin && w.Y >= 0 && w.Y <= screen.height-gripMin
	return w.X, w.Y, w.Placed && onScreen
}

// remember notes where the window is. A maximised window keeps the size and place that it returns to.
func remember(s *prefs.Settings, width, height, x, y int, maximised bool) {
	s.Window.Maximised = maximised
	if maximised || width < widthMin || height < heightMin {
		return
	}
	s.Window.Width, s.Window.Height = width, height
	s.Window.X, s.Window.Y, s.Window.Placed = x, y, true
}
