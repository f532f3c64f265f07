package exchange

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// line is one record as a line of JSON.
type line struct {
	Format   int                 `json:"format"`
	Kind     string              `json:"kind"`
	ID       record.ID           `json:"id"`
	Space    record.Space        `json:"space"`
	Archived bool                `json:"archived,omitempty"`
	Created  origin              `json:"created"`
	Values   []valueLine         `json:"values"`
	Members  map[string][]any    `json:"members,omitempty"`
	Items    map[string][]entry  `json:"items,omitempty"`
	Sums     map[string]int64    `json:"sums,omitempty"`
	Others   map[string][]exotic `json:"others,omitempty"` // values that lost a conflict, so that they are not lost here either
}

// origin says who did something, when and on which device.
type origin struct {
	By     record.ID `json:"by"`
	At     string    `json:"at"`
	Device string    `json:"device,omitempty"`
}

type valueLine struct {
	Field string `json:"field"`
	Value any    `json:"value"`
	Rule  string `json:"rule"`
	origin
}

type entry struct {
	ID    record.ID `json:"id"`
	Value any       `json:"value"`
	origin
}

type exotic struct {
	Value any `json:"value"`
	origin
}

// lineFormat is the version of the lines.
//
//	1: the first.
const lineFormat = 1

// lineBytesMax bounds one line when it is read.
const lineBytesMax = 16 << 20

// Walker gives every record.
type Walker interface {
	EachView(ctx context.Context, yield func(*record.State) error) error
}

// hidden are the kinds that hold a cluster together; another cluster has its own.
var hidden = []string{"device", "repository", "cluster", "sequence", "holder"}

// Write writes every record as a line of JSON: people and services first, so that who is referred to comes before who refers, numbered records by number.
func Write(ctx context.Context, from Walker, kinds record.Catalogue, to io.Writer) error {
	var states []*record.State
	err := from.EachView(ctx, func(state *record.State) error {
		if !slices.Contains(hidden, state.Kind) {
			states = append(states, state)
		}
		return nil
	})
	if err != nil {
		return err
	}
	rank := func(kind string) int {
		return slices.IndexFunc(kinds, func(k record.Kind) bool { return k.Name == kind })
	}
	slices.SortFunc(states, func(a, b *record.State) int {
		return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), cmp.Compare(a.Space, b.Space),
			cmp.Compare(a.Shown("number").AsText(), b.Shown("number").AsText()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	out := json.NewEncoder(to)
	out.SetEscapeHTML(false)
	for _, state := range states {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := out.Encode(lineOf(state)); err != nil {
			return fault.Wrap(err, fault.DiskFull, "exchange.Write", "The export could not be written. Check that there is room where it goes, and try again.")
		}
	}
	return nil
}

func originOf(o record.Origin) origin {
	at := o.At
	if o.On != 0 {
		at = o.On
	}
	return origin{By: o.Author, At: at.Time().Format(timeLayout), Device: o.Edit.Device.String()}
}

// timeLayout keeps the milliseconds that stamps have.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

func lineOf(state *record.State) line {
	l := line{
		Format: lineFormat, Kind: state.Kind, ID: state.ID, Space: state.Space, Archived: state.Archived, Created: originOf(state.Created),
		Values: []valueLine{}, Members: map[string][]any{}, Items: map[string][]entry{}, Sums: map[string]int64{}, Others: map[string][]exotic{},
	}
	names := make([]string, 0, len(state.Fields))
	for name := range state.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		field := state.Fields[name]
		l.add(name, &field)
	}
	return l
}

func (l *line) add(name string, field *record.Field) {
	for i, held := range field.Values {
		if i == 0 {
			l.Values = append(l.Values, valueLine{name, jsonOf(held.Value), string(field.Rule), originOf(held.Origin)})
			continue
		}
		l.Others[name] = append(l.Others[name], exotic{jsonOf(held.Value), originOf(held.Origin)})
	}
	for _, element := range field.Elements {
		l.Members[name] = append(l.Members[name], jsonOf(element.Value))
	}
	for _, item := range field.Items {
		l.Items[name] = append(l.Items[name], entry{item.ID, jsonOf(item.Value), originOf(item.Origin)})
	}
	if field.Sum != 0 {
		l.Sums[name] = field.Sum
	}
}

// jsonOf gives a value as readable JSON that valueOf reads back to the same bytes; what JSON has no word for is {"cbor": base64}.
func jsonOf(value record.Value) any {
	if len(value) == 0 {
		return nil
	}
	for _, readable := range []any{value.AsText(), value.AsInteger(), value.AsFlag(), refOf(value), namedOf(value)} {
		if readable == nil {
			continue
		}
		if back, err := valueOf(readable); err == nil && back.Equal(value) {
			return readable
		}
	}
	return map[string]any{"cbor": base64.StdEncoding.EncodeToString(value)}
}

func refOf(value record.Value) any {
	if id := value.AsRef(); id != (record.ID{}) {
		return map[string]any{"ref": id.String()}
	}
	return nil
}

func namedOf(value record.Value) any {
	named := value.AsNamed()
	if len(named) == 0 {
		return nil
	}
	parts := make(map[string]any, len(named))
	for name, part := range named {
		parts[name] = jsonOf(part)
	}
	return map[string]any{"named": parts}
}

func valueOf(given any) (record.Value, error) {
	switch given := given.(type) {
	case nil:
		return nil, nil
	case string:
		return record.Text(given), nil
	case bool:
		return record.Flag(given), nil
	case int64:
		return record.Integer(given), nil
	case json.Number:
		n, err := given.Int64()
		return record.Integer(n), err
	case map[string]any:
		return groupOf(given)
	}
	return nil, errors.New("a value has no known form")
}

func groupOf(group map[string]any) (record.Value, error) {
	if text, ok := group["ref"].(string); ok {
		id, err := uuid.Parse(text)
		return record.Ref(id), err
	}
	if text, ok := group["cbor"].(string); ok {
		raw, err := base64.StdEncoding.DecodeString(text)
		return raw, err
	}
	parts, ok := group["named"].(map[string]any)
	if !ok {
		return nil, errors.New("a value has no known form")
	}
	named := make(map[string]record.Value, len(parts))
	for name, part := range parts {
		value, err := valueOf(part)
		if err != nil {
			return nil, err
		}
		named[name] = value
	}
	return record.Named(named), nil
}

func (o origin) on() clock.Stamp {
	at, err := parseTime(o.At)
	if err != nil {
		return 0
	}
	return clock.At(at)
}
