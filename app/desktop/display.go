//go:build desktop

package desktop

import "runtime"

// lacksDisplay says why no window can open on this machine, or nothing when one may. Asking the window system itself
// would end the process.
func lacksDisplay(env func(string) string) string {
	if runtime.GOOS != "linux" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != "" {
		return ""
	}
	return "There is no display to open a window on."
}
