//go:build !desktop

package desktop

import "context"

// Available reports whether this program was built with a window.
func Available() bool { return false }

// Run always fails with code NoWindow: this program was built without a window.
func Run(_ context.Context, o Options) error {
	if err := o.validate(); err != nil {
		return err
	}
	return noWindow("desktop.Run", "This Holdfast was built without a window.", nil)
}
