package store

import (
	"maps"

	"holdfast/backend/record"
)

// Stand-ins for functions of record that are being written: registers only.

func recordWith(s *record.State, w record.Write) *record.State {
	out := record.State{ID: w.Record, Kind: w.Kind}
	if s != nil {
		out = *s
	}
	out.Fields = maps.Clone(out.Fields)
	if out.Fields == nil {
		out.Fields = map[string]record.Field{}
	}
	if w.State != nil {
		out.Fields[w.Field] = *w.State
	}
	if w.Archived != nil {
		out.Archived = *w.Archived
	}
	return &out
}

func recordEncodeState(s *record.State) []byte {
	raw, err := record.Encode(s)
	if err != nil {
		panic(err)
	}
	return raw
}

func recordDecodeState(raw []byte) (*record.State, error) {
	s := &record.State{}
	return s, record.Decode(raw, s)
}

func recordFold(committed *record.State, tentative []*record.Edit) *record.State {
	state := committed
	for _, e := range tentative {
		for _, m := range e.Mutations {
			origin := record.Origin{Edit: e.ID, Author: e.Author, At: e.Time}
			var f *record.Field
			if m.Op == record.OpSet {
				f = &record.Field{Rule: record.RuleRegister, Values: []record.Held{{Origin: origin, Value: m.Value}}, Pending: true}
			}
			if state == nil && m.Op != record.OpCreate {
				continue
			}
			created := state == nil
			state = recordWith(state, record.Write{Record: m.Record, Kind: m.Kind, Field: m.Field, State: f})
			if created {
				state.Space, state.Created = e.Space, origin
			}
			state.Changed = origin
		}
		if state != nil {
			state.Pending++
		}
	}
	return state
}

func recordChanges(e *record.Edit, o *record.Outcome, before func(record.ID) *record.State) map[record.ID][]record.Change {
	rows := map[record.ID][]record.Change{}
	for _, m := range e.Mutations {
		c := record.Change{Edit: e.ID, Author: e.Author, At: e.Time, Action: e.Action, Field: m.Field, To: m.Value}
		if o != nil {
			c.Result, c.Commit = o.Result, o.Commit
		}
		rows[m.Record] = append(rows[m.Record], c)
	}
	return rows
}
