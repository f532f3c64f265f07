package api

import "time"

// Ref names a record with what a person needs to recognise it.
type Ref struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Number string `json:"number,omitempty"`
	Kind   string `json:"kind"`
}

// Held is one of several values of a field that people set without seeing each other.
type Held struct {
	Edit    string    `json:"edit"`
	Value   any       `json:"value"`
	Display string    `json:"display"`
	By      *Ref      `json:"by"`
	At      time.Time `json:"at"`
	Device  string    `json:"device"`
	Base    *string   `json:"base,omitempty" doc:"of a text: what its author saw before; left out when that is not kept any more"`
}

// FieldView is one field of a record as people see it.
type FieldView struct {
	Name      string     `json:"name"`
	Label     string     `json:"label"`
	Type      string     `json:"type"`
	Rule      string     `json:"rule"`
	Value     any        `json:"value"`
	Display   string     `json:"display,omitempty"`
	Seen      []string   `json:"seen" doc:"hand it back with a change: it says what its author saw"`
	Pending   bool       `json:"pending"`
	ReadOnly  bool       `json:"readOnly,omitempty"`
	By        *Ref       `json:"by,omitempty"`
	At        *time.Time `json:"at,omitempty"`
	Conflicts []Held     `json:"conflicts"`
}

// RecordView is one record as people see it: committed state with what waits folded on top.
type RecordView struct {
	ID          string      `json:"id"`
	Kind        string      `json:"kind"`
	Space       string      `json:"space"`
	Site        string      `json:"site"`
	Number      *string     `json:"number"`
	Provisional string      `json:"provisional"`
	Title       string      `json:"title"`
	Archived    bool        `json:"archived"`
	Pending     int         `json:"pending" doc:"changes to this record that are not yet agreed"`
	CreatedAt   time.Time   `json:"createdAt"`
	CreatedBy   *Ref        `json:"createdBy"`
	ChangedAt   time.Time   `json:"changedAt"`
	Fields      []FieldView `json:"fields"`
	DuplicateOf []Ref       `json:"duplicateOf"`
	Newer       bool        `json:"newer,omitempty" doc:"it holds what only a newer Holdfast shows; that is kept, and shared unchanged"`
}

// ChangeView is one row of a history.
type ChangeView struct {
	Edit        string    `json:"edit"`
	Commit      *string   `json:"commit"`
	At          time.Time `json:"at"`
	By          *Ref      `json:"by"`
	Device      NamedID   `json:"device"`
	Action      string    `json:"action"`
	Field       string    `json:"field,omitempty"`
	Label       string    `json:"label,omitempty"`
	From        any       `json:"from"`
	To          any       `json:"to"`
	FromDisplay string    `json:"fromDisplay,omitempty"`
	ToDisplay   string    `json:"toDisplay,omitempty"`
	Result      *string   `json:"result"`
}

// NamedID is an id with its name.
type NamedID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Choice is one key of a field that takes keys of the configuration.
type Choice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
	Phase string `json:"phase,omitempty" enum:"open,paused,resolved,closed"`
}

// FacetCount is how many rows have a key.
type FacetCount struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// Row is one record in a list; which of the parts are filled follows from its kind.
type Row struct {
	ID            string     `json:"id"`
	Kind          string     `json:"kind"`
	Number        *string    `json:"number"`
	Provisional   string     `json:"provisional"`
	Title         string     `json:"title"`
	Site          string     `json:"site"`
	Status        string     `json:"status,omitempty"`
	StatusLabel   string     `json:"statusLabel,omitempty"`
	StatusPhase   string     `json:"statusPhase,omitempty"`
	Priority      *string    `json:"priority"`
	PriorityLabel string     `json:"priorityLabel,omitempty"`
	Assignee      *Ref       `json:"assignee"`
	Team          *Ref       `json:"team"`
	Service       *Ref       `json:"service"`
	Owner         *Ref       `json:"owner"`
	Category      string     `json:"category,omitempty"`
	Tags          []string   `json:"tags"`
	Roles         []string   `json:"roles,omitempty" doc:"a person's roles, as people call them"`
	CreatedAt     time.Time  `json:"createdAt"`
	ChangedAt     time.Time  `json:"changedAt"`
	Due           *time.Time `json:"due"`
	Pending       bool       `json:"pending"`
	Conflicts     int        `json:"conflicts"`
	Parked        int        `json:"parked"`
}

// Page is one page of a list.
type Page struct {
	Rows     []Row                   `json:"rows"`
	Total    int                     `json:"total"`
	Next     *string                 `json:"next" doc:"the cursor of the next page, or null"`
	Facets   map[string][]FacetCount `json:"facets"`
	Revision string                  `json:"revision"`
}

// Parked is an edit that could not be applied, with all that its author typed.
type Parked struct {
	Edit   string      `json:"edit"`
	Record Ref         `json:"record"`
	Action string      `json:"action"`
	Reason ReasonView  `json:"reason"`
	By     *Ref        `json:"by"`
	At     time.Time   `json:"at"`
	Device string      `json:"device"`
	Texts  []TypedText `json:"texts"`
	Kept   bool        `json:"kept" doc:"what was typed stands on the record as a note already"`
	Mine   bool        `json:"mine"`
}

// ReasonView says why something was not applied.
type ReasonView struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// TypedText is a text that a person typed, with the field it was for.
type TypedText struct {
	Field string `json:"field"`
	Label string `json:"label"`
	Text  string `json:"text"`
}
