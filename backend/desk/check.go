package desk

import (
	"slices"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// complete fills what the intent leaves open: the id, and the initial state of a kind with a life cycle.
func (d *Desk) complete(actor Actor, kind *record.Kind, c *Creation) error {
	if c.ID == (record.ID{}) {
		id, err := d.newID()
		if err != nil {
			return fault.Wrap(err, fault.Internal, "desk.Create", "This computer could not make a new id. Restart Holdfast and try again; your text is kept.")
		}
		c.ID = id
	}
	fields := make(map[string]record.Value, len(c.Fields)+1)
	for name, value := range c.Fields {
		if len(value) > 0 {
			fields[name] = value
		}
	}
	c.Fields = fields
	if lacking := d.lacking(kind, fields); len(lacking) > 0 && actor.Person != (record.ID{}) {
		return fault.New(workflow.FieldMissing, "desk.Create", needs(kind, lacking))
	}
	if ticket.Is(kind.Name) {
		if err := d.derive(fields); err != nil {
			return err
		}
	}
	for _, field := range kind.Fields {
		if field.Rule == record.RuleState && len(fields[field.Name]) == 0 {
			if machine, ok := d.machine(kind.Name); ok {
				fields[field.Name] = record.Text(machine.Initial())
			}
		}
	}
	return nil
}

// creationMutations orders the creation's parts as the kind orders its fields, so that equal intents give equal edits.
func (d *Desk) creationMutations(kind *record.Kind, c Creation) ([]record.Mutation, error) {
	mutations := []record.Mutation{{Op: record.OpCreate, Record: c.ID, Kind: kind.Name}}
	handled := 0
	for _, field := range kind.Fields {
		value, given := c.Fields[field.Name]
		if given {
			handled++
			if err := d.checkValue(field, value); err != nil {
				return nil, err
			}
			mutations = append(mutations, initialMutation(field, c.ID, value))
		}
		for _, element := range c.Elements[field.Name] {
			if err := d.checkValue(field, element); err != nil {
				return nil, err
			}
			mutations = append(mutations, record.Mutation{Op: record.OpAdd, Record: c.ID, Field: field.Name, Value: element})
		}
		for _, item := range c.Items[field.Name] {
			id, err := d.newID()
			if err != nil {
				return nil, err
			}
			mutations = append(mutations, record.Mutation{Op: record.OpAppend, Record: c.ID, Field: field.Name, Item: id, Value: item})
		}
	}
	if handled != len(c.Fields) {
		return nil, unknownField(kind, c.Fields)
	}
	return mutations, nil
}

func initialMutation(field record.Definition, id record.ID, value record.Value) record.Mutation {
	m := record.Mutation{Op: record.OpSet, Record: id, Field: field.Name, Value: value}
	switch field.Rule {
	case record.RuleText:
		m.Op = record.OpText
	case record.RuleState:
		m.Op = record.OpTransition
	case record.RuleCounter:
		m.Op, m.Delta, m.Value = record.OpCount, value.AsInteger(), nil
	}
	return m
}

func unknownField(kind *record.Kind, fields map[string]record.Value) error {
	var unknown []string
	for name := range fields {
		if _, ok := kind.Field(name); !ok {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return fault.Newf(fault.Invalid, "desk.Create", "%s has no field called %q.", kind.Label, unknown)
}

// opsOf lists which mutations each merge rule takes from a person.
var opsOf = map[record.Rule][]record.Op{
	record.RuleRegister: {record.OpSet},
	record.RuleUnique:   {record.OpSet},
	record.RuleText:     {record.OpText},
	record.RuleSet:      {record.OpAdd, record.OpRemove},
	record.RuleList:     {record.OpAppend},
	record.RuleCounter:  {record.OpCount},
	record.RuleState:    {record.OpTransition},
}

// checkMutations refuses a change that could never apply: unknown fields, the wrong operation, values of the wrong type.
func (d *Desk) checkMutations(state *record.State, mutations []record.Mutation) error {
	const op = "desk.Change"
	if len(mutations) == 0 || len(mutations) > limit.MutationsMax {
		return fault.Newf(fault.Invalid, op, "A change needs between 1 and %d steps.", limit.MutationsMax)
	}
	kind, known := d.kinds.Kind(state.Kind)
	if !known {
		return fault.New(fault.NewerFormat, op, "This record was made by a newer Holdfast. Update this device to change it.")
	}
	for i := range mutations {
		if err := d.checkMutation(kind, &mutations[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) checkMutation(kind *record.Kind, m *record.Mutation) error {
	const op = "desk.Change"
	if m.Op == record.OpArchive || m.Op == record.OpRestore || m.Op == record.OpSettle {
		return nil
	}
	field, ok := kind.Field(m.Field)
	if !ok {
		return fault.Newf(fault.Invalid, op, "%s has no field called %q.", kind.Label, m.Field)
	}
	claim := m.Op == record.OpClaim && field.Claimable
	if !claim && !slices.Contains(opsOf[field.Rule], m.Op) {
		return fault.Newf(fault.Invalid, op, "%s cannot be changed by %q.", field.Label, m.Op)
	}
	if field.Required && m.Op == record.OpSet && len(m.Value) == 0 {
		return fault.Newf(fault.Invalid, op, "%s cannot be empty.", field.Label)
	}
	if m.Op == record.OpAppend && m.Item == (record.ID{}) {
		id, err := d.newID()
		if err != nil {
			return err
		}
		m.Item = id
	}
	if field.Name == attachment.Field {
		if _, ok := attachment.Read(m.Value); !ok {
			return fault.New(fault.Invalid, op, "Files are attached with their content. Use the attachments of the record.")
		}
	}
	return d.checkValue(field, m.Value)
}

// checkValue refuses a value of the wrong type. References are checked for form only: the record may be on its way.
func (d *Desk) checkValue(field record.Definition, value record.Value) error {
	if len(value) == 0 {
		return nil
	}
	fits := true
	switch field.Type {
	case record.TypeText, record.TypeMarkdown, record.TypeChoice:
		fits = value.AsText() != ""
	case record.TypeRef:
		fits = value.AsRef() != (record.ID{})
	case record.TypeEntry:
		fits = value.AsNamed() != nil
	}
	if !fits {
		return fault.Newf(fault.Invalid, "desk.check", "%s does not take this value.", field.Label)
	}
	return nil
}
