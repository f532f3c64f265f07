package ticket

import (
	"github.com/google/uuid"

	"holdfast/backend/record"
)

// Names of the fields that a move between sites leaves. The ticket that stays behind at the old site points to the new one with MovedTo, and with MovedAs as soon as
// that one has a number; the new one names the old one in MovedFrom.
const (
	FieldMovedTo   = "moved_to"
	FieldMovedAs   = "moved_as"
	FieldMovedFrom = "moved_from"
)

// Names in the map of FieldMovedTo and FieldMovedFrom.
const (
	itemSite   = "site"
	itemRecord = "record"
)

// movingFields are the definitions of the fields of a move.
func movingFields() []record.Definition {
	return []record.Definition{
		{Name: FieldMovedTo, Label: "Moved to", Rule: record.RuleRegister, Type: record.TypeEntry},
		{Name: FieldMovedAs, Label: "Moved as", Rule: record.RuleRegister, Type: record.TypeText, Searchable: true},
		{Name: FieldMovedFrom, Label: "Moved from", Rule: record.RuleRegister, Type: record.TypeEntry},
	}
}

// IsMoving reports whether a field belongs to a move.
func IsMoving(field string) bool {
	return field == FieldMovedTo || field == FieldMovedAs || field == FieldMovedFrom
}

// Toward gives the value of FieldMovedTo for a site.
func Toward(site string) record.Value {
	return record.Named(map[string]record.Value{itemSite: record.Text(site)})
}

// SiteIn gives the site that a value of FieldMovedTo or FieldMovedFrom names, or "".
func SiteIn(value record.Value) string { return value.AsNamed()[itemSite].AsText() }

// MovedTo gives the code of the site that a ticket was moved to; "" for one that is where it always was, or has arrived.
func MovedTo(state *record.State) string { return SiteIn(state.Shown(FieldMovedTo)) }

// From gives the value of FieldMovedFrom.
func From(old *record.State) record.Value {
	return record.Named(map[string]record.Value{itemSite: record.Text(old.Space.Site()), itemRecord: record.Ref(old.ID)})
}

// MovedFrom gives the ticket that one came from, with its site; the zero id for one that was made here.
func MovedFrom(state *record.State) (old record.ID, site string) {
	value := state.Shown(FieldMovedFrom)
	return value.AsNamed()[itemRecord].AsRef(), SiteIn(value)
}

// landings bounds how many ids are tried for an arrival. More than one is tried only where somebody took the first on purpose.
const landings = 8

// Landing gives the id of the ticket that another one becomes at its new site, and the ticket itself as soon as it is there. Both follow from the old one alone, so
// whoever carries it over makes the same one. The id is zero when all that could be were taken by others.
func Landing(r record.Reader, old *record.State) (record.ID, *record.State, error) {
	name := []byte("moved to " + MovedTo(old) + " ")
	for n := range byte(landings) {
		id := uuid.NewSHA1(old.ID, append(name, n))
		state, err := r.Committed(id)
		if err != nil {
			return record.ID{}, nil, err
		}
		if state == nil {
			return id, nil, nil
		}
		if from, _ := MovedFrom(state); from == old.ID && state.Space.Site() == MovedTo(old) {
			return id, state, nil
		}
	}
	return record.ID{}, nil, nil
}
