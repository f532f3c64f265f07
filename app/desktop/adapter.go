//go:build desktop

package desktop

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"

	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// icon is drawn by build/tools/icons.
//
//go:embed icon.png
var icon []byte

// errNoNotifications means that the system, or the person, does not let the program notify.
var errNoNotifications = errors.New("the system offers no notifications here")

// adapter is the shell on Wails. ctx is set once, before any method is called.
type adapter struct {
	ctx context.Context

	notifications struct {
		sync.Mutex
		ready bool
	}
}

func (a *adapter) openFile(q FileQuestion) (string, error) {
	return runtime.OpenFileDialog(a.ctx, runtime.OpenDialogOptions{
		Title: q.Title, DefaultFilename: q.Name, Filters: filters(q)})
}

func (a *adapter) saveFile(q FileQuestion) (string, error) {
	return runtime.SaveFileDialog(a.ctx, runtime.SaveDialogOptions{
		Title: q.Title, DefaultFilename: q.Name, Filters: filters(q), CanCreateDirectories: true})
}

func (a *adapter) openFolder(title string) (string, error) {
	return runtime.OpenDirectoryDialog(a.ctx, runtime.OpenDialogOptions{Title: title, CanCreateDirectories: true})
}

func filters(q FileQuestion) []runtime.FileFilter {
	if len(q.Extensions) == 0 {
		return nil
	}
	patterns := make([]string, len(q.Extensions))
	for i, extension := range q.Extensions {
		patterns[i] = "*." + extension
	}
	return []runtime.FileFilter{{DisplayName: q.Kind, Pattern: strings.Join(patterns, ";")}}
}

func (a *adapter) notify(title, body string) error {
	if err := a.prepareNotifications(); err != nil {
		return err
	}
	return runtime.SendNotification(a.ctx, runtime.NotificationOptions{ID: title, Title: title, Body: body})
}

// prepareNotifications connects at the first notification, not at start-up: most sessions never send one.
func (a *adapter) prepareNotifications() error {
	a.notifications.Lock()
	defer a.notifications.Unlock()
	if a.notifications.ready {
		return nil
	}
	if !hasSessionBus(os.Getenv) || !runtime.IsNotificationAvailable(a.ctx) {
		return errNoNotifications
	}
	if err := runtime.InitializeNotifications(a.ctx); err != nil {
		return err
	}
	allowed, err := runtime.RequestNotificationAuthorization(a.ctx)
	if err != nil {
		return err
	}
	if !allowed {
		return errNoNotifications
	}
	a.notifications.ready = true
	return nil
}

func (a *adapter) closeNotifications() {
	a.notifications.Lock()
	defer a.notifications.Unlock()
	if a.notifications.ready {
		runtime.CleanupNotifications(a.ctx)
		a.notifications.ready = false
	}
}

// hasSessionBus keeps Linux from starting a message bus of its own, which would outlive the program.
func hasSessionBus(env func(string) string) bool {
	if goruntime.GOOS != "linux" || env("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	folder := env("XDG_RUNTIME_DIR")
	if folder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, "bus"))
	return err == nil
}

func (a *adapter) browse(address string) { runtime.BrowserOpenURL(a.ctx, address) }

func (a *adapter) setTitle(title string) { runtime.WindowSetTitle(a.ctx, title) }

func (a *adapter) setTheme(theme string) {
	switch theme {
	case "light":
		runtime.WindowSetLightTheme(a.ctx)
	case "dark":
		runtime.WindowSetDarkTheme(a.ctx)
	default:
		runtime.WindowSetSystemDefaultTheme(a.ctx)
	}
}

// screen gives the size of the screen that the window is on; none known gives zero, on which nothing can be placed.
func (a *adapter) screen() area {
	screens, err := runtime.ScreenGetAll(a.ctx)
	if err != nil {
		return area{}
	}
	for _, s := range screens {
		if s.IsCurrent || len(screens) == 1 {
			return area{s.Size.Width, s.Size.Height}
		}
	}
	return area{}
}

// background is what shows before the first page is painted, so that a dark window does not flash.
func background(theme string) *options.RGBA {
	if theme == "dark" {
		return options.NewRGB(0x14, 0x17, 0x1a)
	}
	return options.NewRGB(0xff, 0xff, 0xff)
}

// wailsLog hands what Wails reports to the program's log. Wails ends the process after Fatal.
type wailsLog struct{ to *slog.Logger }

func (l wailsLog) Print(message string)   { l.to.Info(message, "from", "wails") }
func (l wailsLog) Trace(message string)   { l.to.Debug(message, "from", "wails") }
func (l wailsLog) Debug(message string)   { l.to.Debug(message, "from", "wails") }
func (l wailsLog) Info(message string)    { l.to.Info(message, "from", "wails") }
func (l wailsLog) Warning(message string) { l.to.Warn(message, "from", "wails") }
func (l wailsLog) Error(message string)   { l.to.Error(message, "from", "wails") }
func (l wailsLog) Fatal(message string)   { l.to.Error(message, "from", "wails", "fatal", true) }
