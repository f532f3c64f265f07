package desktop

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// Wails puts these scripts into pages whose address ends with a slash only. After a reload on any other screen the
// interface would find no window to talk to.
const pageScripts = `<script src="/wails/ipc.js"></script><script src="/wails/runtime.js"></script>`

// inWindow adapts a handler to the window: every HTML page gets the window's scripts, and a panic answers 500 instead of
// ending the program, as net/http's server would do.
func inWindow(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				log.Error("a request of the window failed", "method", r.Method, "path", r.URL.Path, "cause", fmt.Sprint(cause))
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		if !isScreen(r) {
			next.ServeHTTP(w, r)
			return
		}
		page := &pageWriter{ResponseWriter: w}
		next.ServeHTTP(page, r)
		page.finish()
	})
}

// isScreen tells a request for a screen's page from one for an asset or the API. Wails itself serves the slash paths.
func isScreen(r *http.Request) bool {
	path := r.URL.Path
	last := path[strings.LastIndexByte(path, '/')+1:]
	return r.Method == http.MethodGet && last != "" && !strings.Contains(last, ".") && !strings.HasPrefix(path, "/api/")
}

// pageWriter holds back an HTML page until it is whole, and passes on everything else.
type pageWriter struct {
	http.ResponseWriter
	decided bool
	held    bool
	status  int
	body    bytes.Buffer
}

func (p *pageWriter) WriteHeader(status int) {
	if p.decided {
		return
	}
	p.decided, p.status = true, status
	p.held = status == http.StatusOK && strings.HasPrefix(p.Header().Get("Content-Type"), "text/html")
	if !p.held {
		p.ResponseWriter.WriteHeader(status)
	}
}

func (p *pageWriter) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	if p.held {
		return p.body.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

func (p *pageWriter) finish() {
	if !p.held {
		return
	}
	page := withScripts(p.body.Bytes())
	p.Header().Set("Content-Length", strconv.Itoa(len(page)))
	p.ResponseWriter.WriteHeader(p.status)
	// The window went away in the middle of its own page: nobody is left to tell.
	_, _ = p.ResponseWriter.Write(page)
}

func withScripts(page []byte) []byte {
	before, after, found := bytes.Cut(page, []byte("<head>"))
	if !found {
		return page
	}
	return bytes.Join([][]byte{before, []byte("<head>" + pageScripts), after}, nil)
}
