package record

// Type says what a field's values are. It guides forms, checks and indexes; merging needs only the Rule.
type Type string

// The types of values.
const (
	TypeText     Type = "text"     // one line
	TypeMarkdown Type = "markdown" // many lines
	TypeChoice   Type = "choice"   // a key from configuration
	TypeRef      Type = "ref"      // the id of a record of kind Definition.Target
	TypeInstant  Type = "instant"  // a clock.Stamp as a number
	TypeInteger  Type = "integer"
	TypeFlag     Type = "flag"
	TypeMoney    Type = "money" // minor units of the organisation's currency
	TypeEntry    Type = "entry" // a list's item: a map with text, author's display and so on
)

// Definition describes one field of a kind.
type Definition struct {
	Name       string
	Label      string
	Rule       Rule
	Type       Type
	Target     string // TypeRef: the kind referred to
	Required   bool   // a live record must have it
	Claimable  bool   // OpClaim may set it
	Facet      bool   // lists count and filter by it
	Searchable bool   // full text covers it
}

// Kind defines records of one kind.
type Kind struct {
	Name   string // "incident"
	Label  string // "Incident"
	Prefix string // of numbers: "INC"; empty for a kind without numbers
	Shared bool   // lives in Organisation; otherwise in its site's space
	Title  string // the field that names a record to people
	Fields []Definition
}

// Field gives the definition of a field by name.
func (k *Kind) Field(name string) (Definition, bool) {
	for _, f := range k.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Definition{}, false
}

// Catalogue is the list of kinds that this program knows.
type Catalogue []Kind

// Kind gives a kind by name.
func (c Catalogue) Kind(name string) (*Kind, bool) {
	for i := range c {
		if c[i].Name == name {
			return &c[i], true
		}
	}
	return nil, false
}
