package record

import (
	"holdfast/backend/core/fault"
)

// Check refuses a catalogue that cannot work: names missing, doubled or reserved, rules and types that do not go together.
func (c Catalogue) Check() error {
	kinds, prefixes := map[string]bool{}, map[string]bool{}
	for i := range c {
		k := &c[i]
		switch {
		case k.Name == "" || !validName(k.Name):
			return refused("kind number %d has no name, or one that is too long", i+1)
		case kinds[k.Name]:
			return refused("the kind %q is there twice", k.Name)
		case Internal(k.Name):
			return refused("the kind %q is reserved", k.Name)
		case k.Prefix != "" && prefixes[k.Prefix]:
			return refused("the prefix %q is used twice", k.Prefix)
		}
		kinds[k.Name], prefixes[k.Prefix] = true, true
		if err := k.check(); err != nil {
			return err
		}
	}
	for i := range c {
		for _, f := range c[i].Fields {
			if f.Type == TypeRef && f.Target != "" && !kinds[f.Target] {
				return refused("%s.%s refers to the kind %q, which is not there", c[i].Name, f.Name, f.Target)
			}
		}
	}
	return nil
}

// Understands reports whether every kind that an edit makes records of is in the catalogue. An edit of a newer version waits until this one is upgraded; internal kinds are nobody's
// to make, and known.
func (c Catalogue) Understands(e *Edit) bool {
	for i := range e.Mutations {
		m := &e.Mutations[i]
		if _, known := c.Kind(m.Kind); m.Op == OpCreate && !known && !Internal(m.Kind) {
			return false
		}
	}
	return true
}

func refused(format string, args ...any) error {
	return fault.Newf(fault.Invalid, "record.Check", "The kinds are defined wrongly: "+format+".", args...)
}

func (k *Kind) check() error {
	names := map[string]bool{}
	for _, f := range k.Fields {
		switch {
		case f.Name == "" || !validName(f.Name):
			return refused("%s has a field without a name, or with one that is too long", k.Name)
		case names[f.Name]:
			return refused("%s.%s is there twice", k.Name, f.Name)
		case f.Name == FieldArchived:
			return refused("%s.%s is a reserved name", k.Name, f.Name)
		case !legal(f.Rule, f.Type):
			return refused("%s.%s cannot be a %q of %q", k.Name, f.Name, f.Rule, f.Type)
		case f.Claimable && f.Rule != RuleRegister:
			return refused("%s.%s can be claimed only as a register", k.Name, f.Name)
		case f.Rule == RuleNumber && (f.Name != FieldNumber || k.Prefix == ""):
			return refused("%s.%s: numbers need a prefix and the name %q", k.Name, f.Name, FieldNumber)
		}
		names[f.Name] = true
	}
	if k.Prefix != "" && !names[FieldNumber] {
		return refused("%s has a prefix but no field %q", k.Name, FieldNumber)
	}
	if k.Title != "" && !names[k.Title] {
		return refused("%s is named by the field %q, which is not there", k.Name, k.Title)
	}
	return nil
}

// legal reports whether fields may merge by the rule and have values of the type.
func legal(rule Rule, t Type) bool {
	switch t {
	case TypeText, TypeMarkdown, TypeChoice, TypeRef, TypeInstant, TypeInteger, TypeFlag, TypeMoney, TypeEntry:
	default:
		return false
	}
	switch rule {
	case RuleRegister:
		return true
	case RuleText:
		return t == TypeText || t == TypeMarkdown
	case RuleSet:
		return t != TypeMarkdown && t != TypeEntry
	case RuleList:
		return t == TypeEntry
	case RuleCounter:
		return t == TypeInteger || t == TypeMoney
	case RuleState:
		return t == TypeChoice
	case RuleNumber:
		return t == TypeText
	case RuleUnique:
		return t == TypeText || t == TypeInteger
	}
	return false
}
