package exchange

import (
	"context"
	"slices"
	"strings"

	"holdfast/backend/catalog"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Directory finds the records that are here already by what people write for them: names, logins, e-mail addresses and codes. It knows those of one
// instant and never changes.
type Directory struct {
	named map[alias][]Known
}

// Known is a record that a name stands for.
type Known struct {
	ID    record.ID
	Title string
	Code  string // of a site
}

type alias struct{ kind, name string }

// aliases are the fields that name a record, by kind.
var aliases = map[string][]string{
	people.Person:   {people.FieldTitle, people.FieldLogin, people.FieldEmail},
	people.Team:     {people.FieldTitle},
	people.Site:     {people.FieldTitle, people.FieldCode},
	people.Location: {people.FieldTitle},
	ticket.Category: {people.FieldTitle},
	catalog.Service: {catalog.FieldTitle},
}

// NewDirectory reads the names of all people, teams, sites, services, categories and locations that are not archived.
func NewDirectory(ctx context.Context, from Walker) (*Directory, error) {
	d := &Directory{named: map[alias][]Known{}}
	err := from.EachView(ctx, func(state *record.State) error {
		fields, ok := aliases[state.Kind]
		if !ok || state.Archived {
			return nil
		}
		known := Known{ID: state.ID, Title: state.Shown(people.FieldTitle).AsText()}
		if state.Kind == people.Site {
			known.Code = state.Shown(people.FieldCode).AsText()
		}
		for _, field := range fields {
			d.add(alias{state.Kind, plainName(state.Shown(field).AsText())}, known)
		}
		return nil
	})
	return d, err
}

func (d *Directory) add(a alias, known Known) {
	if a.name != "" && !slices.Contains(d.named[a], known) {
		d.named[a] = append(d.named[a], known)
	}
}

// Match gives every record of the kind that the name stands for. Capitals and spaces around it make no difference.
func (d *Directory) Match(kind, name string) []Known { return d.named[alias{kind, plainName(name)}] }

func plainName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
