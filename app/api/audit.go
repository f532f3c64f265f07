package api

import (
	"bufio"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Audit gives what an auditor verifies without any device of the cluster.
type Audit interface {
	// History writes the agreed history of every space, as package audit reads it.
	History(ctx context.Context, w io.Writer) error
}

func (s *server) registerAudit(api huma.API) {
	stream(api, "/audits", "export-history", "The agreed history with every hash and signature, to be verified anywhere", "application/x-ndjson", s.history)
}

func (s *server) history(_ context.Context, _ *none) (*huma.StreamResponse, error) {
	v, err := s.services("api.history")
	if err != nil {
		return nil, problemOf(err)
	}
	return download("application/x-ndjson", "holdfast-history.jsonl", v.Audit.History), nil
}

// stream registers an operation that answers with a file.
func stream(api huma.API, path, id, summary, media string, handle func(context.Context, *none) (*huma.StreamResponse, error)) {
	huma.Register(api, huma.Operation{
		OperationID: id, Method: http.MethodPost, Path: Base + path, Summary: summary,
		Responses: map[string]*huma.Response{"200": {Description: summary, Content: map[string]*huma.MediaType{media: {}}}},
	}, handle)
}

// download answers with what write writes, as a file of that name.
func download(media, name string, write func(ctx context.Context, w io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(answer huma.Context) {
		answer.SetHeader("Content-Type", media)
		answer.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		out := bufio.NewWriter(answer.BodyWriter())
		err := write(answer.Context(), out)
		if err == nil {
			err = out.Flush()
		}
		if err != nil {
			// The head is sent: only cutting the answer short can tell the caller that it is not whole.
			panic(http.ErrAbortHandler)
		}
	}}
}
