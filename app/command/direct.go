package command

import (
	"io"
	"net/http"
	"sync"
)

// direct is a way to a handler of this process, as http.Transport is one to another's.
type direct struct{ handler http.Handler }

// RoundTrip runs the handler on a goroutine of its own that ends with the request; its answer streams.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	w := &directWriter{head: http.Header{}, body: writer, began: make(chan struct{})}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	go func() {
		defer func() {
			w.WriteHeader(http.StatusOK)
			if recover() != nil {
				// The reader gets the error; net/http's server ends the connection in the same case.
				_ = writer.CloseWithError(io.ErrUnexpectedEOF)
				return
			}
			_ = writer.Close()
		}()
		d.handler.ServeHTTP(w, r)
	}()
	select {
	case <-w.began:
	case <-r.Context().Done():
		_ = reader.CloseWithError(r.Context().Err())
		return nil, r.Context().Err()
	}
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Header: w.sent, Body: reader, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
	}, nil
}

type directWriter struct {
	head, sent http.Header
	status     int
	body       *io.PipeWriter
	once       sync.Once
	began      chan struct{}
}

func (w *directWriter) Header() http.Header { return w.head }

func (w *directWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.head.Clone()
		close(w.began)
	})
}

func (w *directWriter) Write(part []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(part)
}

// Flush does nothing: what is written is read at once.
func (w *directWriter) Flush() { w.WriteHeader(http.StatusOK) }
