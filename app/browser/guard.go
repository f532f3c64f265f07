package browser

import (
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"holdfast/app/api"
)

// cookie is the name under which a browser keeps the token.
const cookie = "holdfast_token"

// guard lets through who shows the token, asked for by this machine's own name, from our own pages.
type guard struct {
	token string
	port  string
	next  http.Handler
	// patience is how long the rest of a refused request is waited for.
	patience time.Duration
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.local(r.Host) || !g.known(r) {
		// Whoever may not come in must not hold a connection by sending slowly. The server reads the rest of a refused request; where no deadline can be set, nothing comes over a network.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(g.patience))
		w.Header().Set("Connection", "close")
	}
	switch {
	case !g.local(r.Host):
		refuse(w, http.StatusForbidden, "wrong_host", "This address is only for programs on this computer. Open the address that Holdfast printed.")
	case !g.sameOrigin(r):
		refuse(w, http.StatusForbidden, "wrong_origin", "Another web page tried to use Holdfast. It was refused.")
	case r.URL.Path == "/" && r.URL.Query().Get("token") != "":
		g.admit(w, r)
	case !g.known(r):
		refuse(w, http.StatusUnauthorized, "token_missing", "Holdfast does not know this browser. Open the address that Holdfast printed when it started; it carries the token.")
	default:
		g.next.ServeHTTP(w, r)
	}
}

// local holds the Host header against this machine's own names, so that a foreign name that points here gets nothing (DNS rebinding).
func (g *guard) local(host string) bool {
	name, port, err := net.SplitHostPort(host)
	return err == nil && port == g.port && (name == "127.0.0.1" || name == "localhost")
}

func (g *guard) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	from, err := url.Parse(origin)
	return err == nil && from.Scheme == "http" && g.local(from.Host)
}

func (g *guard) known(r *http.Request) bool {
	if given, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		return g.matches(given)
	}
	held, err := r.Cookie(cookie)
	return err == nil && g.matches(held.Value)
}

func (g *guard) matches(given string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(g.token)) == 1
}

// admit takes the token out of the address into a cookie.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) {
	if !g.matches(r.URL.Query().Get("token")) {
		refuse(w, http.StatusUnauthorized, "token_wrong", "This address belongs to an earlier start of Holdfast. Open the one that it printed now.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func refuse(w http.ResponseWriter, status int, code, sentence string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	problem := api.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: sentence}
	// The client may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(problem)
}
