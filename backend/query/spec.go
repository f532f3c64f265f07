package query

import (
	"strconv"
	"strings"

	"holdfast/backend/record"
)

// Facets that every table has beside those of its kinds' definitions.
const (
	FacetKind  = "kind"
	FacetSite  = "site"
	FacetPhase = "phase" // open, paused, resolved or closed, by the life cycle, or what the desk puts in its place
	FacetMark  = "mark"  // MarkPending, MarkConflict, MarkParked
)

// None is the key of rows that have no value in a facet.
const None = "-"

// Keys of FacetMark.
const (
	MarkPending  = "pending"
	MarkConflict = "conflict"
	MarkParked   = "parked"
)

// Orders that every table has.
const (
	OrderNumber  = "number"
	OrderTitle   = "title"
	OrderCreated = "createdAt"
	OrderChanged = "changedAt"
	OrderStatus  = "status"
	OrderDue     = "due"
)

// Phase tells the phase of a record in its kind's life cycle, or "".
type Phase func(*record.State) string

// SpecFor derives a table's specification from the definitions of its kinds, which share one table.
func SpecFor(kinds []record.Kind, phase Phase) Spec {
	var spec Spec
	state := ""
	for _, kind := range kinds {
		spec.Kinds = append(spec.Kinds, kind.Name)
	}
	spec.Facets = []Facet{
		{FacetKind, func(s *Source) []string { return []string{s.State.Kind} }},
		{FacetSite, siteOf},
		{FacetMark, marks},
	}
	spec.Orders = []Order{
		{OrderNumber, numberKey},
		{OrderDue, dueKey},
		{OrderCreated, func(s *Source) Key { return Key{Number: int64(s.State.Created.When())} }},
		{OrderChanged, func(s *Source) Key { return Key{Number: int64(s.State.Changed.When())} }},
	}
	for _, field := range kinds[0].Fields {
		if field.Rule == record.RuleState {
			state = field.Name
		}
		if field.Facet && field.Name != FacetSite {
			spec.Facets = append(spec.Facets, Facet{field.Name, valuesOf(field)})
			spec.Orders = append(spec.Orders, textOrder(field.Name))
		}
	}
	spec.Orders = append(spec.Orders, Order{OrderTitle, titleKey(kinds[0].Title)})
	if state != "" {
		spec.Facets = append(spec.Facets, Facet{FacetPhase, func(s *Source) []string {
			return some(phase(s.State))
		}})
	}
	return spec
}

// dueKey sorts what is due first before the rest, and what is not due at all last.
func dueKey(source *Source) Key {
	if source.Due != 0 {
		return Key{Number: int64(source.Due)}
	}
	return Key{Number: 1 << 62}
}

// siteOf names the site that a record lives in; one that all sites share says itself where it belongs, if anywhere.
func siteOf(s *Source) []string {
	if site := s.State.Space.Site(); site != "" {
		return some(site)
	}
	return some(s.State.Shown(FacetSite).AsText())
}

func some(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}

func orNone(keys []string) []string {
	if len(keys) == 0 {
		return []string{None}
	}
	return keys
}

func marks(s *Source) []string {
	var keys []string
	if s.State.Pending > 0 {
		keys = append(keys, MarkPending)
	}
	if s.Conflicts > 0 {
		keys = append(keys, MarkConflict)
	}
	if s.Parked > 0 {
		keys = append(keys, MarkParked)
	}
	return keys
}

// numberKey sorts "INC-LYO-00042" by its digits, and what has no number yet after all that has.
func numberKey(s *Source) Key {
	number := s.State.Shown("number").AsText()
	digits := len(number)
	for digits > 0 && number[digits-1] >= '0' && number[digits-1] <= '9' {
		digits--
	}
	n, err := strconv.ParseInt(number[digits:], 10, 64)
	if err != nil {
		return Key{Number: 1 << 62, Text: s.Provisional}
	}
	return Key{Number: n, Text: number[:digits]}
}

func titleKey(field string) func(*Source) Key {
	return func(s *Source) Key { return Key{Text: strings.ToLower(s.State.Shown(field).AsText())} }
}

func textOrder(field string) Order {
	return Order{field, func(s *Source) Key { return Key{Text: textOf(s.State.Shown(field))} }}
}

func valuesOf(field record.Definition) func(*Source) []string {
	if field.Rule == record.RuleSet {
		return func(s *Source) []string {
			members := s.State.Fields[field.Name].Elements
			keys := make([]string, 0, len(members))
			for _, member := range members {
				keys = append(keys, textOf(member.Value))
			}
			return keys
		}
	}
	return func(s *Source) []string { return orNone(some(textOf(s.State.Shown(field.Name)))) }
}

// textOf gives a value's key: a text as it is, a reference as the record's id.
func textOf(value record.Value) string {
	if text := value.AsText(); text != "" {
		return text
	}
	if id := value.AsRef(); id != (record.ID{}) {
		return id.String()
	}
	return ""
}
