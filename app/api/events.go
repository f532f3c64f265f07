package api

import (
	"encoding/json"
	"net/http"
	"time"
)

// keepAlive is how often an idle event stream says that it is alive, so that a proxy or a browser does not give it up.
const keepAlive = 20 * time.Second

// events streams change events as the HTML standard's server-sent events.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	stream := http.NewResponseController(w)
	changes := s.program.Changes(r.Context()) // before the browser learns that the stream is open, and fetches what there is
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if stream.Flush() != nil {
		return
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		line := []byte(": alive\n\n")
		select {
		case <-r.Context().Done():
			return
		case <-alive.C:
		case change, open := <-changes:
			if !open {
				return
			}
			data, err := json.Marshal(change)
			if err != nil {
				s.log.Error("a change event could not be written", "error", err)
				return
			}
			line = append(append([]byte("data: "), data...), "\n\n"...)
		}
		if _, err := w.Write(line); err != nil || stream.Flush() != nil {
			return
		}
	}
}
