package exchange

import (
	"slices"
	"strings"

	"holdfast/backend/record"
)

// lacking tells of each new record what it does not have though a person would be asked for it.
type lacking struct {
	Source
	kinds record.Catalogue
	asked func(kind string) []string
}

// Lacking has the items of a source say what they lack of the fields that a new record of their kind is asked for. They are brought in all the same:
// a file can only hold what its source knew.
func Lacking(source Source, kinds record.Catalogue, asked func(kind string) []string) Source {
	return &lacking{Source: source, kinds: kinds, asked: asked}
}

// Next gives the source's next item.
func (l *lacking) Next() (Item, error) {
	item, err := l.Source.Next()
	kind, known := l.kinds.Kind(item.Kind)
	if err != nil || !known || !item.Fresh || item.Skip != "" || item.Problem != "" {
		return item, err
	}
	for _, name := range l.asked(item.Kind) {
		given := slices.ContainsFunc(item.Mutations, func(m record.Mutation) bool { return m.Field == name && len(m.Value) > 0 })
		if field, ok := kind.Field(name); ok && !given {
			item.Lacks = append(item.Lacks, strings.ToLower(field.Label))
		}
	}
	return item, nil
}
