// Package api is the one API of Holdfast: HTTP and JSON, described by OpenAPI 3.1. The UI, scripts and self-service use the same operations; each
// area has a file of its own.
package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"holdfast/backend/core/fault"
)

// Base is the path that every operation begins with.
const Base = "/api/v1"

// Config is what the API is made of.
type Config struct {
	Version string
	// Program is the running program: what works before a site is set up, and the way to its services once it is.
	Program Program
	Log     *slog.Logger
}

// server carries the operations.
type server struct {
	program Program
	log     *slog.Logger
}

// New gives the handler of all operations under Base. Who may call it is its host's concern.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	settings := huma.DefaultConfig("Holdfast", c.Version)
	settings.OpenAPIPath = Base + "/openapi"
	settings.DocsPath, settings.SchemasPath = "", ""
	settings.CreateHooks = nil // no "$schema" member in every answer
	settings.Transformers = append(settings.Transformers, asProblem)
	s := &server{program: c.Program, log: c.Log}
	s.register(humago.New(mux, settings))
	mux.HandleFunc("GET "+Base+"/events", s.events)
	return mux
}

func (s *server) register(api huma.API) {
	s.registerSetup(api)
	s.registerRecords(api)
	s.registerTickets(api)
	s.registerMoving(api)
	s.registerAttachments(api)
	s.registerLists(api)
	s.registerSearch(api)
	s.registerReview(api)
	s.registerSync(api)
	s.registerDevices(api)
	s.registerStanding(api)
	s.registerConfig(api)
	s.registerExchange(api)
	s.registerAudit(api)
	s.registerBundles(api)
	s.registerDevice(api)
}

// operation registers one operation: method and path below Base, an id for clients and a summary for people.
func operation[I, O any](api huma.API, method, path, id, summary string, handle func(context.Context, *I) (*O, error)) {
	huma.Register(api, huma.Operation{
		OperationID: id, Method: method, Path: Base + path, Summary: summary, DefaultStatus: http.StatusOK,
		MaxBodyBytes: bodyBytesMax,
	}, func(ctx context.Context, input *I) (*O, error) {
		output, err := handle(ctx, input)
		if err != nil {
			return nil, problemOf(err)
		}
		return output, nil
	})
}

// bodyBytesMax bounds a request: an edit of limit.EditBytesMax as JSON, escaped.
const bodyBytesMax = 4 << 20

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

// none is the input of an operation without any.
type none struct{}

func answer[T any](value T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{value}, nil
}

// services gives the services of a set-up site, or a fault that sends the caller to the first run.
func (s *server) services(op string) (*Services, error) {
	services := s.program.Services()
	if services == nil {
		return nil, fault.New(CodeNotSetUp, op, "This device has no site yet. Start a new site or join one with an invite.")
	}
	return services, nil
}
