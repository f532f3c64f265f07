//go:build desktop

package desktop

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"holdfast/app/prefs"
)

// showAtLatest is when the window appears although its page is not there yet, so that a broken page is seen and not a
// program without a window.
const showAtLatest = 5 * time.Second

// Available reports whether this program was built with a window.
func Available() bool { return true }

// Run opens the window and returns when it is closed or ctx ends. It must be called from the main goroutine, once in the
// life of the process. It fails with code NoWindow when this machine cannot show a window.
func Run(ctx context.Context, o Options) (err error) {
	const op = "desktop.Run"
	if err := o.validate(); err != nil {
		return err
	}
	if why := lacksDisplay(os.Getenv); why != "" {
		return noWindow(op, why, nil)
	}
	h := newHost(ctx, o)
	defer h.stop()
	defer func() {
		if cause := recover(); cause != nil {
			err = noWindow(op, "The window could not be opened.", fmt.Errorf("panic: %v", cause))
		}
	}()
	if err := wails.Run(h.config()); err != nil {
		return noWindow(op, whyNot, err)
	}
	return nil
}

// host ties one window to its options, and owns the goroutines that serve it.
type host struct {
	o       Options
	ctx     context.Context
	cancel  context.CancelFunc
	outer   context.Context // ends when the program wants the window closed
	leaving atomic.Bool     // the window is closing, whoever asked for it
	wails   *adapter
	window  *Window
	started chan struct{} // closed when the window system is up
	loaded  chan struct{} // closed when the first page is there
	once    struct{ started, loaded, shown sync.Once }
	running sync.WaitGroup
}

func newHost(ctx context.Context, o Options) *host {
	h := &host{o: o, outer: ctx, wails: &adapter{}, started: make(chan struct{}), loaded: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(ctx)
	h.window = &Window{shell: h.wails, pid: os.Getpid(), handler: o.Handler, readyFile: o.ReadyFile, failed: func(err error) {
		o.Log.Error("the ready file could not be written", "path", o.ReadyFile, "error", err)
	}}
	return h
}

// stop ends the host's goroutines and waits for them.
func (h *host) stop() {
	h.cancel()
	h.running.Wait()
}

func (h *host) config() *options.App {
	width, height := startSize(h.o.Prefs.Get().Window)
	return &options.App{
		Title: h.o.title(), Width: width, Height: height, MinWidth: widthMin, MinHeight: heightMin,
		StartHidden:              true,
		EnableDefaultContextMenu: true,
		BackgroundColour:         background(h.o.Prefs.Get().Theme),
		AssetServer:              &assetserver.Options{Handler: inWindow(h.o.Handler, h.o.Log)},
		Menu:                     menuBar(h.choose),
		Logger:                   wailsLog{h.o.Log},
		LogLevelProduction:       logger.WARNING,
		ErrorFormatter:           problem,
		OnStartup:                h.onStartup,
		OnDomReady:               h.onDomReady,
		OnBeforeClose:            h.onBeforeClose,
		OnShutdown:               func(context.Context) { h.wails.closeNotifications() },
		Bind:                     []any{h.window},
		Linux:                    &linux.Options{Icon: icon, ProgramName: "holdfast", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows:                  &windows.Options{Messages: windowsMessages()},
		Mac:                      &mac.Options{About: &mac.AboutInfo{Title: h.o.title(), Icon: icon}},
	}
}

func (h *host) onStartup(wailsCtx context.Context) {
	h.once.started.Do(func() {
		h.wails.ctx = wailsCtx
		close(h.started)
		h.running.Go(func() { h.quitWithContext() })
		h.running.Go(func() { h.showSoon() })
		h.running.Go(func() { relay(h.ctx, h.loaded, h.o.Changes, h.announce) })
	})
}

// onDomReady runs after every page load; only the first one shows the window.
func (h *host) onDomReady(context.Context) {
	<-h.started
	h.show()
	h.once.loaded.Do(func() { close(h.loaded) })
	if h.o.ReadyFile != "" {
		runtime.WindowExecJS(h.wails.ctx, lookScript)
	}
}

// onBeforeClose notes where the window is and never prevents closing. From here on nothing may speak to the window.
func (h *host) onBeforeClose(ctx context.Context) bool {
	if h.leaving.Swap(true) {
		return false
	}
	h.cancel()
	maximised := runtime.WindowIsMaximised(ctx)
	width, height := runtime.WindowGetSize(ctx)
	x, y := runtime.WindowGetPosition(ctx)
	err := h.o.Prefs.Update(func(s *prefs.Settings) { remember(s, width, height, x, y, maximised) })
	if err != nil {
		h.o.Log.Warn("the window's place could not be saved", "error", err)
	}
	return false
}

func (h *host) quitWithContext() {
	<-h.ctx.Done()
	if h.outer.Err() != nil && !h.leaving.Load() {
		runtime.Quit(h.wails.ctx)
	}
}

func (h *host) showSoon() {
	late := time.NewTimer(showAtLatest)
	defer late.Stop()
	select {
	case <-h.ctx.Done():
	case <-h.loaded:
	case <-late.C:
		h.o.Log.Warn("the first page is late; showing the window without it", "after", showAtLatest)
		h.show()
	}
}

func (h *host) show() {
	h.once.shown.Do(func() {
		ctx, was := h.wails.ctx, h.o.Prefs.Get().Window
		h.wails.setTheme(h.o.Prefs.Get().Theme)
		if x, y, place := startPlace(was, h.wails.screen()); place {
			runtime.WindowSetPosition(ctx, x, y)
		} else {
			runtime.WindowCenter(ctx)
		}
		if was.Maximised {
			runtime.WindowMaximise(ctx)
		}
		runtime.WindowShow(ctx)
	})
}

func (h *host) announce(c Changed) { runtime.EventsEmit(h.wails.ctx, EventChanged, c) }

func (h *host) choose(action string) {
	if action == actionQuit {
		runtime.Quit(h.wails.ctx)
		return
	}
	runtime.EventsEmit(h.wails.ctx, EventMenu, action)
}

// lookScript waits until the page shows text that has stopped changing and nothing on it is marked busy, then tells the
// program. A page that reports by itself comes first, and the later report counts for nothing.
const lookScript = `(function look(before) {
  const text = document.body ? document.body.innerText.trim() : "";
  if (text === "" || text !== before || !window.go || document.querySelector('[aria-busy="true"]')) {
    setTimeout(look, 100, text);
    return;
  }
  requestAnimationFrame(() => requestAnimationFrame(() =>
    window.go.desktop.Window.Rendered(document.title, location.pathname, text.slice(0, 4000))));
})("");`

const whyNot = "This computer lacks what a window needs (WebKitGTK 4.1 on Linux, WebView2 on Windows)."

// windowsMessages are shown by Wails before the program can speak for itself.
func windowsMessages() *windows.Messages {
	m := windows.DefaultMessages()
	m.MissingRequirements = "Holdfast needs WebView2"
	m.Webview2NotInstalled = "Holdfast shows its window with Microsoft WebView2, which is not on this computer."
	m.PressOKToInstall = "Press OK to install it, or run “holdfast serve” and open the address that it prints in a browser."
	return m
}
