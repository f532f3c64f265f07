package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// ImportWish announces a file to import.
type ImportWish struct {
	As   string `json:"as" enum:"servicenow-log,csv,jsonl"`
	Name string `json:"name"`
	Size int64  `json:"size" minimum:"0"`
	Kind string `json:"kind,omitempty" doc:"csv: the kind of the records; incident when left out"`
}

// ImportError is a row that could not be read.
type ImportError struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// ImportMatch is a name in the file that stands for a record that is here already.
type ImportMatch struct {
	Line  int    `json:"line"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	ID    string `json:"id"`
	Title string `json:"title"`
}

// ImportPlan says what an import would do, or has done.
type ImportPlan struct {
	Create  map[string]int `json:"create" doc:"new records by kind"`
	Change  int            `json:"change"`
	Skip    int            `json:"skip"`
	Steps   int            `json:"steps" doc:"rows that become steps of a record's history"`
	Reasons map[string]int `json:"reasons" doc:"why records are skipped"`
	Errors  []ImportError  `json:"errors"`
	Samples []string       `json:"samples" doc:"titles of the first records"`
	Matches []ImportMatch  `json:"matches,omitempty" doc:"names that stand for records that are here already, the first ones"`
	Lacking map[string]int `json:"lacking" doc:"new records that lack what a person would be asked for, by field"`
}

// Import is one import with its progress.
type Import struct {
	ID      string      `json:"id"`
	State   string      `json:"state" enum:"receiving,planning,planned,running,done,cancelled,failed"`
	Name    string      `json:"name"`
	Done    int         `json:"done"`
	Total   int         `json:"total"`
	Rate    float64     `json:"rate" doc:"records per second"`
	Plan    *ImportPlan `json:"plan,omitempty"`
	Result  *ImportPlan `json:"result,omitempty"`
	Problem *Problem    `json:"problem,omitempty"`
	Columns []string    `json:"columns,omitempty" doc:"csv: the columns of the file"`
	Mapping string      `json:"mapping,omitempty" doc:"the mapping in use, as YAML"`
}

// ImportPath names an import in a path.
type ImportPath struct {
	ID string `path:"id"`
}

type beginImportInput struct{ Body ImportWish }

type chunkInput struct {
	ImportPath
	Number int `path:"number" minimum:"0"`
	Body   struct {
		Data []byte `json:"data" doc:"at most 256 KiB, base64" maxLength:"349528"`
	}
}

type planInput struct {
	ImportPath
	Body struct {
		Mapping string `json:"mapping,omitempty" doc:"YAML; the shipped mapping when left out"`
	}
}

func (s *server) registerExchange(api huma.API) {
	operation(api, http.MethodPost, "/imports", "begin-import", "Announce a file to import", s.beginImport)
	operation(api, http.MethodPut, "/imports/{id}/chunks/{number}", "import-chunk", "Hand in a piece of the file, in order", s.importChunk)
	operation(api, http.MethodPost, "/imports/{id}/dry-run", "plan-import", "Say what the import would do, and change nothing", s.planImport)
	operation(api, http.MethodPost, "/imports/{id}/run", "run-import", "Import", s.runImport)
	operation(api, http.MethodPost, "/imports/{id}/cancel", "cancel-import", "Stop; what is imported stays", s.cancelImport)
	operation(api, http.MethodGet, "/imports/{id}", "get-import", "Progress of an import", s.getImport)
	stream(api, "/exports", "export", "Everything as JSON Lines", "application/x-ndjson", s.export)
}

// importing runs act and answers with the import as it is then.
func (s *server) importing(op, id string, act func(Exchange) error) (*body[Import], error) {
	v, err := s.services(op)
	if err != nil {
		return nil, err
	}
	if err := act(v.Exchange); err != nil {
		return nil, err
	}
	return answer(v.Exchange.Import(id))
}

func (s *server) beginImport(ctx context.Context, in *beginImportInput) (*body[Import], error) {
	v, err := s.services("api.beginImport")
	if err != nil {
		return nil, err
	}
	return answer(v.Exchange.Begin(ctx, in.Body))
}

func (s *server) importChunk(ctx context.Context, in *chunkInput) (*body[Import], error) {
	return s.importing("api.importChunk", in.ID, func(x Exchange) error { return x.Chunk(ctx, in.ID, in.Number, in.Body.Data) })
}

func (s *server) planImport(ctx context.Context, in *planInput) (*body[Import], error) {
	return s.importing("api.planImport", in.ID, func(x Exchange) error { return x.Plan(ctx, in.ID, in.Body.Mapping) })
}

func (s *server) runImport(ctx context.Context, in *ImportPath) (*body[Import], error) {
	return s.importing("api.runImport", in.ID, func(x Exchange) error { return x.Run(ctx, in.ID) })
}

func (s *server) cancelImport(_ context.Context, in *ImportPath) (*body[Import], error) {
	return s.importing("api.cancelImport", in.ID, func(x Exchange) error { return x.Cancel(in.ID) })
}

func (s *server) getImport(_ context.Context, in *ImportPath) (*body[Import], error) {
	return s.importing("api.getImport", in.ID, func(Exchange) error { return nil })
}

func (s *server) export(_ context.Context, _ *none) (*huma.StreamResponse, error) {
	v, err := s.services("api.export")
	if err != nil {
		return nil, problemOf(err)
	}
	return download("application/x-ndjson", "holdfast.jsonl", v.Exchange.Export), nil
}
