package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"holdfast/app/api"
	"holdfast/app/browser"
	"holdfast/backend/core/fault"
)

// client calls the API: of the Holdfast that runs on the data folder, or of one opened for this command.
type client struct {
	http    *http.Client
	running bool // another process has the folder open
	close   func() error
}

// connect finds the running Holdfast, or opens the folder.
func (e *environment) connect(ctx context.Context) (*client, error) {
	if way, ok := browser.DialControl(ctx, e.data); ok {
		return &client{http: &http.Client{Transport: way}, running: true, close: func() error { return nil }}, nil
	}
	p, err := e.open(ctx, openOptions{})
	if err != nil {
		return nil, err
	}
	return &client{http: &http.Client{Transport: direct{p.Handler()}}, close: p.Close}, nil
}

// call sends in as JSON (unless nil) and reads the answer into out (unless nil).
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	response, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		return fault.Wrap(err, fault.Internal, "command.call", "Holdfast gave an answer that could not be read.")
	}
	return nil
}

// send gives the answer when it is a good one, and its problem as a fault otherwise. The caller closes the body.
func (c *client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var content io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://holdfast"+api.Base+path, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.call", "Holdfast stopped answering. Start it again and repeat the command.")
	}
	if response.StatusCode < http.StatusBadRequest {
		return response, nil
	}
	defer response.Body.Close()
	var problem api.Problem
	if err := json.NewDecoder(response.Body).Decode(&problem); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "command.call", "Holdfast gave an answer that could not be read.")
	}
	return nil, fault.New(fault.Code(problem.Code), problem.Op, problem.Detail)
}
