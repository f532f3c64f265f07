package imports

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/exchange"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// source is a file being read, with the mapping that is in use.
type source struct {
	exchange.Source
	file    *os.File
	mapping string
	columns []string
}

func (s *source) close() {
	// Nothing was written, so nothing can be lost here.
	_ = s.file.Close()
}

// source opens the job's file as what it was announced to be.
func (x *Imports) source(ctx context.Context, j *job, mapping string) (*source, error) {
	const op = "imports.source"
	file, err := os.Open(j.path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, op, "The file is empty. Choose another one.")
	}
	s := &source{file: file, mapping: mapping}
	switch j.wish.As {
	case "servicenow-log":
		err = x.log(s)
	case "csv":
		err = x.table(ctx, s, firstOf(j.wish.Kind, ticket.Incident))
	default:
		s.Source = exchange.ReadLines(file, x.config.Kinds, x.config.Store)
	}
	if err != nil {
		s.close()
		// With the columns and the mapping at hand, a person can mend the mapping and have the file checked again.
		x.update(j, func(view *api.Import) { view.Mapping, view.Columns = firstOf(s.mapping, view.Mapping), s.columns })
		return nil, err
	}
	s.Source = exchange.Lacking(s.Source, x.config.Kinds, x.config.Asked)
	return s, nil
}

func (x *Imports) space() record.Space { return record.SiteSpace(x.config.Actor.Site) }

func (x *Imports) log(s *source) error {
	mapping, text, err := x.config.LogMapping(s.mapping)
	if err != nil {
		return err
	}
	s.mapping = text
	s.Source, err = exchange.ReadLog(s.file, mapping, x.space(), x.config.Store)
	return err
}

func (x *Imports) table(ctx context.Context, s *source, kindName string) error {
	const op = "imports.table"
	kind, known := x.config.Kinds.Kind(kindName)
	if !known {
		return fault.Newf(fault.Invalid, op, "There is no kind of record called %q.", kindName)
	}
	header, err := exchange.Header(s.file)
	if err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s.columns = slices.Clone(header)
	mapping := exchange.SuggestTable(header, kind)
	if s.mapping != "" {
		mapping = exchange.TableMapping{}
		if err := yaml.UnmarshalWithOptions([]byte(s.mapping), &mapping, yaml.Strict()); err != nil {
			return fault.Wrap(err, fault.Invalid, op, "The mapping cannot be read: "+yaml.FormatError(err, false, false))
		}
	}
	mapping.State = firstOf(mapping.State, x.config.Initial(kindName))
	shown, err := yaml.Marshal(mapping)
	if err != nil {
		return err
	}
	s.mapping = string(shown)
	here, err := exchange.NewDirectory(ctx, x.config.Store)
	if err != nil {
		return err
	}
	s.Source, err = exchange.ReadTable(s.file, mapping, kind, exchange.Surroundings{Space: x.space(), Views: x.config.Store, Here: here, Choice: x.choice})
	return err
}

// choice gives the key of a field's choice that is written as its key or its label.
func (x *Imports) choice(kind, field, word string) string {
	for _, choice := range x.config.Choices(kind, field) {
		if strings.EqualFold(word, choice.Key) || strings.EqualFold(word, choice.Label) {
			return choice.Key
		}
	}
	return ""
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func contains(list []string, wanted string) bool { return slices.Contains(list, wanted) }
