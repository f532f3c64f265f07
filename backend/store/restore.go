package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"github.com/dgraph-io/badger/v4"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// localFamilies are the families that a restore carries over from the old database.
const localFamilies = "LMOTZ"

// Restore replaces everything committed by a snapshot. It is read into a new database, verified, and only then put in place of the old one. Tentative edits, quarantine and
// Meta stay. Subscriptions go on and hear that everything changed.
func (s *Store) Restore(ctx context.Context, r io.Reader) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.mend(); err != nil {
		return err
	}
	return s.rebuild(func(fresh *database) error {
		if err := s.fill(ctx, fresh, r); err != nil {
			return err
		}
		return s.carryOver(fresh)
	})
}

// fill reads a snapshot's stream into an empty database and checks every space's digest.
func (s *Store) fill(ctx context.Context, fresh *database, r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<16)
	magic := make([]byte, len(snapshotMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != snapshotMagic {
		return damagedSnapshot(err)
	}
	check := digestCheck{sums: map[record.Space]record.Hash{}, wanted: map[record.Space]record.Hash{}}
	sum := sha256.New()
	for {
		piece, body, err := readPiece(in)
		if err != nil {
			return damagedSnapshot(err)
		}
		if piece.Done {
			if record.Hash(sum.Sum(nil)) != piece.Sum {
				return damagedSnapshot(nil)
			}
			return check.result()
		}
		sum.Write(body)
		for _, row := range piece.Rows {
			if err := check.add(row); err != nil {
				return damagedSnapshot(err)
			}
		}
		if err := s.room.check(len(body)); err != nil {
			return err
		}
		for rows := range batches(piece.Rows, txnBytesMax) {
			if err := fresh.transact(rows); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Unavailable, "store.Restore", "Taking over the snapshot was cancelled; the data is as before.")
		}
	}
}

func damagedSnapshot(err error) error {
	return &fault.Fault{Code: fault.Corrupt, Op: "store.Restore", Sentence: "The snapshot is damaged or incomplete. The data is as before; take another snapshot.", Err: err}
}

func readPiece(in *bufio.Reader) (piece snapshotPiece, body []byte, err error) {
	var head [frameHeadBytes]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return piece, nil, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length > snapshotFrameMax {
		return piece, nil, errors.New("a piece is too long")
	}
	body = make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		return piece, nil, err
	}
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return piece, nil, errors.New("a checksum is wrong")
	}
	return piece, body, record.Decode(body, &piece)
}

// digestCheck sums up the records of each space and compares with the frontiers.
type digestCheck struct{ sums, wanted map[record.Space]record.Hash }

func (d *digestCheck) add(row Row) error {
	if len(row.Key) == 0 || len(row.Key) > maxKeyBytes || bytes.IndexByte([]byte(sharedFamilies), row.Key[0]) < 0 {
		return errors.New("a row does not belong into a snapshot")
	}
	space, _, ok := splitSpace(row.Key)
	switch {
	case row.Key[0] == famState && ok:
		d.sums[space] = d.sums[space].Plus(record.DigestOf(row.Value))
	case row.Key[0] == famFrontier && ok:
		var f record.Frontier
		if err := record.Decode(row.Value, &f); err != nil {
			return err
		}
		d.wanted[space] = f.Digest
	}
	return nil
}

func (d *digestCheck) result() error {
	for space, sum := range d.sums {
		if d.wanted[space] != sum {
			return damagedSnapshot(nil)
		}
	}
	for space, wanted := range d.wanted {
		if d.sums[space] != wanted {
			return damagedSnapshot(nil)
		}
	}
	return nil
}

// carryOver copies this replica's own rows to the new database. The caller holds writing.
func (s *Store) carryOver(fresh *database) error {
	var rows []Row
	err := s.db.view("store.Restore", func(txn *badger.Txn) error {
		for i := range localFamilies {
			err := scan(txn, []byte{localFamilies[i]}, func(key, value []byte) error {
				rows = append(rows, Row{bytes.Clone(key), append([]byte{}, value...)})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for piece := range batches(rows, txnBytesMax) {
		if err := fresh.transact(piece); err != nil {
			return err
		}
	}
	return nil
}

// rebaseIn sorts the tentative edits by what is committed in a database that is about to be the current one, and writes there what comes of it. The caller holds writing.
func (s *Store) rebaseIn(fresh *database) error {
	r := s.readerOf(fresh)
	defer r.close()
	var c change
	for _, space := range s.Spaces() {
		if _, err := s.rebase(r, &c, space); err != nil {
			return err
		}
	}
	return fresh.write(&c.set)
}

// swap makes a whole database the current one and removes the old one behind its last reader. The caller holds writing.
func (s *Store) swap(fresh *database) error {
	s.mu.Lock()
	old := s.db
	s.db = fresh
	err := s.load()
	s.mu.Unlock()
	s.stopped.Go(func() {
		old.users.Wait()
		if err := errors.Join(old.Close(), os.RemoveAll(old.folder)); err != nil {
			s.cfg.Log.Warn("The database before this one could not be removed.", "error", err)
		}
	})
	if err != nil {
		return err
	}
	if err := s.commit(&change{everything: true}); err != nil {
		return err
	}
	s.renewAll() // the committed state may go beyond what this copy of the device wrote
	signal(s.lost)
	signal(s.tidy)
	if s.redactions.count > 0 {
		signal(s.purge)
	}
	return nil
}
