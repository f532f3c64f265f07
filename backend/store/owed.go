package store

import (
	"bytes"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// owed are the database's copies of saved edits that are not written yet. The journal has them, so they may wait: an edit that is decided first never needs one.
// It is guarded by Store.writing.
type owed struct {
	rows  map[string][]byte // by key
	bytes int
}

// owedBytesMax is where what is owed is written.
const owedBytesMax = 512 << 10

func (o *owed) put(key, value []byte) {
	if o.rows == nil {
		o.rows = map[string][]byte{}
	}
	o.rows[string(key)] = value
	o.bytes += len(key) + len(value)
}

// has reports whether the database lacks the row.
func (o *owed) has(key []byte) bool {
	_, found := o.rows[string(key)]
	return found
}

// drop forgets a copy that nobody needs any more.
func (o *owed) drop(key []byte) {
	if value, found := o.rows[string(key)]; found {
		delete(o.rows, string(key))
		o.bytes -= len(key) + len(value)
	}
}

func (o *owed) sorted() []Row {
	rows := make([]Row, 0, len(o.rows))
	for key, value := range o.rows {
		rows = append(rows, Row{[]byte(key), value})
	}
	slices.SortFunc(rows, func(a, b Row) int { return bytes.Compare(a.Key, b.Key) })
	return rows
}

// oweEdit notes that the database lacks its copy of a saved edit. The caller holds writing.
func (s *Store) oweEdit(e *record.Edit) {
	raw, err := record.Encode(e.Sealed)
	if err != nil {
		s.cfg.Log.Error("A saved change could not be copied to the database.", "error", err)
		return
	}
	s.owed.put(editKey(famTentative, e.Space, e.ID), raw)
}

// payOwed writes what is owed, in as many transactions as it takes. A full disk puts it off. The caller holds writing.
func (s *Store) payOwed() error {
	if len(s.owed.rows) == 0 {
		return nil
	}
	err := s.room.check(s.owed.bytes)
	if fault.Is(err, fault.DiskFull) {
		return nil
	}
	for rows := range batches(s.owed.sorted(), txnBytesMax) {
		if err := s.db.transact(rows); err != nil {
			return err
		}
	}
	s.owed = owed{}
	return nil
}
