// Package browser serves the interface and the API over HTTP on this machine: to a browser that holds the token, and to commands through a
// socket in the data folder.
package browser

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"holdfast/app/api"
)

// policy lets pages load from this program only. Styles are set in place by the interface's components.
const policy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Interface serves the API below api.Base and the files of the interface elsewhere; paths that are no file are the interface's own places.
func Interface(operations http.Handler, files fs.FS) http.Handler {
	static := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, api.Base+"/") {
			operations.ServeHTTP(w, r)
			return
		}
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if info, err := fs.Stat(files, name); name != "" && (err != nil || info.IsDir()) {
			r = r.Clone(r.Context())
			r.URL.Path = "/"
			name = ""
		}
		if strings.HasPrefix(name, "assets/") {
			head.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			head.Set("Cache-Control", "no-cache")
		}
		static.ServeHTTP(w, r)
	})
}
