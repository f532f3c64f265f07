package api

import (
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/workflow"
)

// CodeNotSetUp: the operation needs a site, and this device has none yet.
const CodeNotSetUp fault.Code = "not_set_up"

// Problem is an error as RFC 9457 describes it, with Holdfast's code.
type Problem struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail" doc:"what happened and what to do, for people"`
	Code   string          `json:"code" doc:"what happened, for programs; codes are only ever added"`
	Op     string          `json:"op,omitempty" doc:"the operation that failed, for engineers"`
	Errors []ProblemDetail `json:"errors,omitempty"`
}

// ProblemDetail points at one part of the request.
type ProblemDetail struct {
	Location string `json:"location,omitempty"`
	Message  string `json:"message"`
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses maps the codes of faults; all others are 500.
var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Forbidden: http.StatusForbidden, fault.Unavailable: http.StatusServiceUnavailable, fault.DiskFull: http.StatusInsufficientStorage,
	fault.ReadOnly: http.StatusInsufficientStorage, fault.InUse: http.StatusConflict, fault.PortInUse: http.StatusConflict,
	fault.NewerFormat: http.StatusConflict, fault.ClockSkewed: http.StatusConflict, CodeNotSetUp: http.StatusConflict,
	workflow.FieldMissing: http.StatusUnprocessableEntity, desk.ReasonMissing: http.StatusUnprocessableEntity,
	desk.ReasonMoved:    http.StatusConflict,
	workflow.NotAllowed: http.StatusConflict, record.ReasonClaimed: http.StatusConflict, "not_initial": http.StatusConflict, workflow.RoleMissing: http.StatusForbidden,
	"invite_damaged": http.StatusUnprocessableEntity, "invite_expired": http.StatusGone, "invite_used": http.StatusGone,
	"invite_unknown": http.StatusNotFound,
}

func problemOf(err error) error {
	code := fault.CodeOf(err)
	status, ok := statuses[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	problem := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: string(code), Detail: fault.SentenceOf(err),
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		problem.Op = f.Op
	}
	return problem
}

// asProblem gives errors that huma itself raises (a body that is no JSON, a missing parameter) the same shape as ours.
func asProblem(_ huma.Context, _ string, value any) (any, error) {
	model, ok := value.(*huma.ErrorModel)
	if !ok {
		return value, nil
	}
	problem := &Problem{
		Type: "about:blank", Title: model.Title, Status: model.Status, Code: string(fault.Invalid),
		Detail: "The request does not fit this operation: " + model.Detail + ".",
	}
	for _, detail := range model.Errors {
		problem.Errors = append(problem.Errors, ProblemDetail{Location: detail.Location, Message: detail.Message})
	}
	return problem, nil
}
