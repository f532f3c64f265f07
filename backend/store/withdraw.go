package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// ReplaceSpace begins to take a space's committed state of a later generation in the place of the one that stands here, because a recovery of the cluster has left that behind. Up to the
// commit common the two have one history. What is committed here beyond it is withdrawn by Finish: its edits become tentative again under their ids, unless the new state holds them, and its
// numbers are remembered (WithdrawnNumbers). Like ImportSpace it may go on after an interruption; until Finish, readers see what stands. Fault conflict: the frontier's generation is not later.
func (s *Store) ReplaceSpace(ctx context.Context, frontier record.Frontier, common uint64) (*SpaceImport, error) {
	return s.beginImport(ctx, &SpaceImport{store: s, frontier: frontier, staged: true, later: true, common: common})
}

// WithdrawSpace makes everything that is committed in a space tentative again, because a recovery of the cluster has left all of it behind. Fault Trimmed: not every commit is
// kept one by one, so that something would be lost; nothing is changed.
func (s *Store) WithdrawSpace(ctx context.Context, space record.Space) error {
	start, err := s.LogStart(space)
	if err != nil {
		return err
	}
	mine := s.Frontier(space)
	if start > 1 && mine.Commit > 0 {
		return fault.Newf(Trimmed, "store.WithdrawSpace", "The cluster was recovered without the agreed changes of %q, and this device does not keep all of them one by one any more. They stay here as they are; "+
			"recover the cluster on a device that holds %q.", space, space)
	}
	i, err := s.ReplaceSpace(ctx, record.Frontier{Space: space, Generation: mine.Generation + 1}, 0)
	if err != nil {
		return err
	}
	return i.Finish(ctx)
}

// withdrawnName is where the numbers of withdrawn commits lie among the named values: behind it stand the record, a slash and the number.
const withdrawnName = "was/"

// WithdrawnNumber is a number that a record had before the commit that gave it was withdrawn.
type WithdrawnNumber struct {
	Record record.ID
	Number string
	name   string
}

// WithdrawnNumbers gives the numbers that were withdrawn and not forgotten yet, ordered by record.
func (s *Store) WithdrawnNumbers() ([]WithdrawnNumber, error) {
	names, err := s.MetaNames(withdrawnName)
	var all []WithdrawnNumber
	for _, name := range names {
		id, number, _ := strings.Cut(strings.TrimPrefix(name, withdrawnName), "/")
		of, err := uuid.Parse(id)
		if err == nil {
			all = append(all, WithdrawnNumber{of, number, name})
		}
	}
	return all, err
}

// ForgetWithdrawn forgets a withdrawn number once it is kept elsewhere.
func (s *Store) ForgetWithdrawn(ctx context.Context, w WithdrawnNumber) error {
	return s.SetMeta(ctx, w.name, nil)
}

// withdrawal carries over what is committed here and not in the state that takes its place.
type withdrawal struct {
	importing *SpaceImport
	out       *rowCopy
	txn       *badger.Txn
	forked    map[record.Incarnation]bool // of which the state that comes in has another continuation: what follows hangs on an edit that lost its id
}

// withdraw writes the rows of everything that this replica alone holds of the space's history.
func (i *SpaceImport) withdraw(ctx context.Context, out *rowCopy) error {
	const op = "store.ReplaceSpace"
	space := i.frontier.Space
	return i.store.db.view(op, func(txn *badger.Txn) error {
		w := &withdrawal{i, out, txn, map[record.Incarnation]bool{}}
		each := func(key, value []byte) error {
			if err := ctx.Err(); err != nil {
				return fault.Wrap(err, fault.Unavailable, op, "Taking over the data was cancelled; it is as before.")
			}
			var c Commit
			if err := record.Decode(value, &c); err != nil {
				return err
			}
			return w.commit(&c)
		}
		if err := scan(txn, spaceKey(famOwn, space), each); err != nil {
			return err
		}
		return scan(txn, spaceKey(famCommit, space), each)
	})
}

// commit carries one commit over: as it is where the histories are one, as an own commit out of a log that goes, and as a tentative edit where it is withdrawn.
func (w *withdrawal) commit(c *Commit) error {
	var o record.Outcome
	if err := record.Decode(c.Outcome, &o); err != nil {
		return err
	}
	s, space := w.importing.store, w.importing.frontier.Space
	kept, forked, err := w.holds(&o, &c.Sealed)
	if err != nil {
		return err
	}
	if o.Commit > w.importing.common {
		if err := w.remember(&o); err != nil {
			return err
		}
	}
	switch {
	case o.Commit <= w.importing.common || kept:
		if o.Edit.Device != s.device {
			return nil
		}
		return w.put(editKey(famOwn, space, o.Edit), c)
	case forked || w.forked[o.Edit.Incarnation]:
		w.forked[o.Edit.Incarnation] = true
		q := Quarantined{Edit: o.Edit, Sealed: c.Sealed, Space: space, Reissue: o.Edit.Device == s.device}
		return w.put(quarantineKey(space, o.Edit, o.Hash), q)
	}
	return w.put(editKey(famTentative, space, o.Edit), c.Sealed)
}

// remember keeps the numbers that a commit gave. The state that comes in may have the records already, under other numbers.
func (w *withdrawal) remember(o *record.Outcome) error {
	for i := range o.Writes {
		if write := &o.Writes[i]; write.Field == record.FieldNumber && write.State != nil && len(write.State.Values) > 0 {
			name := withdrawnName + write.Record.String() + "/" + write.State.Values[0].Value.AsText()
			if err := w.out.put(metaKey(name), []byte{1}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *withdrawal) put(key []byte, value any) error {
	raw, err := record.Encode(value)
	if err != nil {
		return err
	}
	return w.out.put(key, raw)
}

// holds reports whether the state that comes in has decided an edit, and whether it decided another one under that id or under the one before.
func (w *withdrawal) holds(o *record.Outcome, sealed *record.Sealed) (kept, forked bool, err error) {
	space := w.importing.frontier.Space
	raw, err := get(w.txn, stagedKey(incarnationKey(famSequence, space, o.Edit.Incarnation)))
	if err != nil {
		return false, false, err
	}
	next, found := decodeSequence(raw)
	if !found || next.Sequence < o.Edit.Sequence {
		var h record.Header
		err := record.Decode(sealed.Header, &h)
		return false, found && next.Sequence+1 == o.Edit.Sequence && h.Previous != next.Hash, err
	}
	if next.Sequence == o.Edit.Sequence {
		return next.Hash == o.Hash, next.Hash != o.Hash, nil
	}
	number, err := get(w.txn, stagedKey(editKey(famEdit, space, o.Edit)))
	if err != nil || len(number) != 8 {
		return true, false, err
	}
	row, err := get(w.txn, stagedKey(numberKey(famCommit, space, binary.BigEndian.Uint64(number))))
	if err != nil || row == nil {
		return true, false, err
	}
	var c Commit
	if err := record.Decode(row, &c); err != nil {
		return false, false, err
	}
	same := c.Sealed.Hash() == o.Hash
	return same, !same, nil
}

// replaceLater is replace for the state of a later generation.
func (i *SpaceImport) replaceLater(ctx context.Context) error {
	s, space := i.store, i.frontier.Space
	frontier, err := record.Encode(i.frontier)
	if err != nil {
		return err
	}
	own := spaceKey(famOwn, space)
	return s.rebuild(func(fresh *database) error {
		w := &rowCopy{fresh: fresh, room: s.room}
		err := s.copyRows(ctx, "store.ReplaceSpace", w, func(key []byte) []byte {
			if bytes.HasPrefix(key, own) {
				return nil // withdraw says what stays
			}
			return i.placed(key)
		})
		if err == nil {
			err = i.withdraw(ctx, w)
		}
		if err == nil && i.frontier.Commit > 0 {
			err = w.put(spaceKey(famFrontier, space), frontier)
		}
		if err != nil {
			return err
		}
		return w.flush()
	})
}
