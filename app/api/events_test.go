package api

import (
	"context"
	"net/http/httptest"
	"testing"
)

// listened is a program that notes whether somebody listens to its changes.
type listened struct {
	Program
	changes chan ChangeEvent
	heard   bool
}

func (l *listened) Changes(context.Context) <-chan ChangeEvent {
	l.heard = true
	return l.changes
}

// opening is a browser that learns that the stream is open.
type opening struct {
	*httptest.ResponseRecorder
	opened func()
}

func (o opening) Flush() {
	o.ResponseRecorder.Flush()
	o.opened()
}

// Whoever learns that the stream is open looks at what there is, and hears of everything after that.
func TestNothingIsMissedBetweenTheOpeningOfTheStreamAndItsFirstNews(t *testing.T) {
	program := &listened{changes: make(chan ChangeEvent)}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	opened := 0
	browser := opening{httptest.NewRecorder(), func() {
		if opened++; opened == 1 && !program.heard {
			t.Error("the stream is open, and nobody listens for what it is to tell")
		}
		end()
	}}
	(&server{program: program}).events(browser, httptest.NewRequest("GET", Base+"/events", nil).WithContext(ctx))
	if opened == 0 {
		t.Error("the stream was not opened")
	}
}
