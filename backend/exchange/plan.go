// Package exchange brings records in from files and writes them out: logs of other systems, tables, and Holdfast's own JSON Lines.
package exchange

import (
	"context"
	"errors"
	"io"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Action is the action of every edit that an import makes. It needs its own permission, and life cycles do not bind it: what another system let happen, happened.
const Action = "import"

// Item is one record to bring in, or one part of the file that cannot be read.
type Item struct {
	Line      int // where it begins in the file, from 1
	Title     string
	Kind      string
	Space     record.Space // where it belongs; empty: the space that the import goes to
	Record    record.ID
	Mutations []record.Mutation
	Steps     int    // rows of the file that become steps of its history
	Fresh     bool   // the record does not exist yet
	Skip      string // why there is nothing to do; empty: something is
	Problem   string // why the line cannot be read; the rest is empty then
	Matches   []Match
	Lacks     []string // what a new record is asked for and this one does not have, as people call it
}

// Match is a name in the file that stands for a record that is here.
type Match struct {
	Line       int
	Kind, Name string
	Known
}

// Source reads a file item by item; io.EOF ends it. A part that cannot be read comes as an Item with a Problem and stops nothing else.
type Source interface {
	Next() (Item, error)
}

// LineProblem is a line that could not be read.
type LineProblem struct {
	Line   int
	Reason string
}

// problemsMax bounds how many problems a summary names; all are counted.
const problemsMax = 200

// samplesMax is how many titles a summary shows.
const samplesMax = 5

// Summary counts what an import would do or has done.
type Summary struct {
	Create       map[string]int // new records by kind
	Change, Skip int
	Steps        int
	Reasons      map[string]int // skipped records by reason
	Problems     []LineProblem  // the first ones
	ProblemCount int
	Samples      []string
	Matches      []Match        // the first ones, each name once
	Lacks        map[string]int // new records that lack something, by what they lack
}

// matchesMax bounds how many matches a summary names.
const matchesMax = 200

func newSummary() Summary {
	return Summary{Create: map[string]int{}, Reasons: map[string]int{}, Lacks: map[string]int{}}
}

func (s *Summary) count(item *Item) {
	switch {
	case item.Problem != "":
		s.ProblemCount++
		if len(s.Problems) < problemsMax {
			s.Problems = append(s.Problems, LineProblem{item.Line, item.Problem})
		}
		return
	case item.Skip != "":
		s.Skip++
		s.Reasons[item.Skip]++
		return
	case item.Fresh:
		s.Create[item.Kind]++
	default:
		s.Change++
	}
	for _, lacking := range item.Lacks {
		s.Lacks[lacking]++
	}
	s.Matches = append(s.Matches, item.Matches[:min(len(item.Matches), matchesMax-len(s.Matches))]...)
	s.Steps += item.Steps
	if item.Steps > 0 && len(s.Samples) < samplesMax {
		s.Samples = append(s.Samples, item.Title)
	}
}

// Plan reads the whole source and counts, changing nothing. progress hears the number of items so far.
func Plan(ctx context.Context, source Source, progress func(done int)) (Summary, error) {
	summary := newSummary()
	for done := 0; ; {
		item, err := source.Next()
		if errors.Is(err, io.EOF) {
			return summary, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return summary, err
		}
		summary.count(&item)
		done++
		progress(done)
	}
}

// Appender makes edits durable.
type Appender interface {
	Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error)
}

// Run brings in everything of the source as edits of author in space, batch by batch; while one is being stored, the next is read. When ctx ends, what is in stays in,
// and the summary tells how much that is.
func Run(ctx context.Context, source Source, to Appender, space record.Space, author record.ID, progress func(done int)) (Summary, error) {
	r := runner{to: to, space: space, author: author, summary: newSummary()}
	err := r.all(ctx, source, progress)
	if late := r.landed(); err == nil {
		err = late
	}
	return r.summary, err
}

// What one step stores: so many records, or so many bytes of large ones.
const (
	stepDrafts = 4 * limit.BatchEdits
	stepBytes  = 8 << 20
)

type runner struct {
	to      Appender
	space   record.Space
	author  record.ID
	summary Summary

	drafts  []record.Draft
	waiting []Item // of drafts
	bytes   int    // of drafts

	storing chan error // gives what became of stored; nil: nothing is being stored
	stored  []Item
}

func (r *runner) all(ctx context.Context, source Source, progress func(done int)) error {
	for done := 1; ; done++ {
		item, err := source.Next()
		if errors.Is(err, io.EOF) {
			return r.store(ctx)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if item.Problem == "" && item.Skip == "" && len(item.Mutations) > limit.MutationsMax {
			item.Problem = "The record has more steps than one import takes."
		}
		if err := r.add(ctx, &item); err != nil {
			return err
		}
		progress(done)
	}
}

func (r *runner) add(ctx context.Context, item *Item) error {
	if item.Problem != "" || item.Skip != "" {
		r.summary.count(item)
		return nil
	}
	if r.space == "" {
		return fault.New(fault.Invalid, "exchange.Run", "The import needs a site to put the records into.")
	}
	space := r.space
	if item.Space != "" {
		space = item.Space
	}
	r.drafts = append(r.drafts, record.Draft{Space: space, Author: r.author, Action: Action, Mutations: item.Mutations, Blobs: attachment.Blobs(item.Mutations)})
	r.waiting = append(r.waiting, *item)
	for i := range item.Mutations {
		r.bytes += len(item.Mutations[i].Value)
	}
	if len(r.drafts) < stepDrafts && r.bytes < stepBytes {
		return nil
	}
	return r.store(ctx)
}

// store begins to store what is waiting, once what is being stored has landed.
func (r *runner) store(ctx context.Context) error {
	if err := r.landed(); err != nil || len(r.drafts) == 0 {
		return err
	}
	storing, drafts := make(chan error, 1), r.drafts
	go func() {
		_, err := r.to.Append(ctx, drafts...)
		storing <- err
	}()
	r.storing, r.stored = storing, r.waiting
	r.drafts, r.waiting, r.bytes = nil, nil, 0
	return nil
}

// landed waits for what is being stored, and counts it.
func (r *runner) landed() error {
	if r.storing == nil {
		return nil
	}
	err := <-r.storing
	r.storing = nil
	if err != nil {
		return err
	}
	for i := range r.stored {
		r.summary.count(&r.stored[i])
	}
	return nil
}

func unreadable(sentence string, err error) error {
	return &fault.Fault{Code: fault.Invalid, Op: "exchange.Read", Sentence: sentence, Err: err}
}
