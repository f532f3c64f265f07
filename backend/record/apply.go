package record

// With gives the committed state with one write of an outcome in it. s is nil where the write brings the record into being.
func (s *State) With(w Write) *State {
	next := s.copy(w.Record)
	next.apply(&w)
	return next
}

// WithAll is With for all writes of an outcome that concern this record; the others are passed over.
func (s *State) WithAll(id ID, writes []Write) *State {
	var next *State
	for i := range writes {
		if writes[i].Record != id {
			continue
		}
		if next == nil {
			next = s.copy(id)
		}
		next.apply(&writes[i])
	}
	if next == nil {
		return s
	}
	return next
}

func (s *State) apply(w *Write) {
	if w.Kind != "" {
		s.Kind, s.Space = w.Kind, w.Space
		if w.Created != nil {
			s.Created = *w.Created
		}
	}
	if w.Changed != nil && (s.Changed.Edit.IsZero() || later(w.Changed, &s.Changed) > 0) {
		s.Changed = *w.Changed
	}
	if w.State != nil {
		f := *w.State
		if f.Rule == RuleList {
			f.Items = s.Fields[w.Field].Items
			for _, item := range w.State.Items {
				f.Items = insertItem(f.Items, item)
			}
		}
		s.Fields[w.Field] = f
	}
	if w.Archived != nil {
		s.Archived = *w.Archived
	}
}

// Records gives the ids of the records that the outcome writes, each once, in order of their first write.
func (o *Outcome) Records() []ID {
	var ids []ID
	known := map[ID]bool{}
	for i := range o.Writes {
		if id := o.Writes[i].Record; !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// Apply gives the new committed states of the records that the outcome writes. before gives the committed ones, nil where there is none.
func (o *Outcome) Apply(before func(ID) (*State, error)) (map[ID]*State, error) {
	states := make(map[ID]*State, 2)
	for i := range o.Writes {
		w := &o.Writes[i]
		s, ok := states[w.Record]
		if !ok {
			committed, err := before(w.Record)
			if err != nil {
				return nil, err
			}
			s = committed.copy(w.Record)
			states[w.Record] = s
		}
		s.apply(w)
	}
	if r := o.Redacts; r != nil {
		if states[r.Record] == nil {
			committed, err := before(r.Record)
			if err != nil {
				return nil, err
			}
			states[r.Record] = committed.copy(r.Record)
		}
		r.within(states[r.Record])
	}
	return states, nil
}
