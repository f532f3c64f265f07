package backup

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// WrongKey is the code of a backup that the key does not open.
const WrongKey fault.Code = "backup_key_wrong"

// Restore reads a backup into a store that holds nothing yet, and checks that every space has the digest that it had. Faults: WrongKey, fault.Corrupt, fault.NewerFormat, those of the store.
func Restore(ctx context.Context, file string, key age.Identity, into *store.Store) (Head, error) {
	const op = "backup.Restore"
	source, err := os.Open(file)
	if err != nil {
		return Head{}, fileFault(err, op, file)
	}
	defer source.Close()
	plain, err := age.Decrypt(bufio.NewReaderSize(source, chunkBytes), key)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return Head{}, fault.Wrap(err, WrongKey, op, "The recovery key does not open this backup: it belongs to another cluster, or the backup is older than the key. Use the key of that time.")
	}
	if err != nil {
		return Head{}, damaged(err)
	}
	r := &restoring{in: bufio.NewReaderSize(plain, chunkBytes), into: into}
	return r.run(ctx)
}

// restoring is one call of Restore.
type restoring struct {
	in   *bufio.Reader
	into *store.Store
	kind byte
	body []byte
}

// next reads the next piece.
func (r *restoring) next() error {
	var head [5]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return damaged(err)
	}
	length := binary.BigEndian.Uint32(head[1:])
	if length > pieceBytesMax {
		return damaged(errors.New("a piece is too long"))
	}
	r.kind, r.body = head[0], make([]byte, length)
	if _, err := io.ReadFull(r.in, r.body); err != nil {
		return damaged(err)
	}
	return nil
}

func (r *restoring) run(ctx context.Context) (head Head, err error) {
	if err := r.next(); err != nil {
		return head, err
	}
	if r.kind != pieceHead || record.Decode(r.body, &head) != nil {
		return head, damaged(errors.New("it does not begin as a backup does"))
	}
	if head.Format > format {
		return head, fault.New(fault.NewerFormat, "backup.Restore", "The backup was made by a newer Holdfast. Install the newer version; nothing was changed.")
	}
	if err := r.next(); err != nil {
		return head, err
	}
	if err := r.into.Restore(ctx, &part{r, pieceSnapshot}); err != nil {
		return head, err
	}
	for r.kind == pieceSnapshot { // what the snapshot's own end left over
		if err := r.next(); err != nil {
			return head, err
		}
	}
	for r.kind != pieceEnd {
		if err := r.blob(ctx); err != nil {
			return head, err
		}
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return head, damaged(errors.New("something follows its end"))
	}
	return head, compare(&head, r.into)
}

func (r *restoring) blob(ctx context.Context) error {
	if r.kind != pieceBlob || len(r.body) != len(record.Hash{}) {
		return damaged(errors.New("a piece is in the wrong place"))
	}
	want := record.Hash(r.body)
	if err := r.next(); err != nil {
		return err
	}
	got, _, err := r.into.Blobs().Put(ctx, &part{r, pieceContent})
	if err == nil && got != want {
		err = damaged(errors.New("an attached file is another one"))
	}
	return err
}

// part reads the pieces of one kind from the current one on, and leaves the restoring at the first of another kind.
type part struct {
	of   *restoring
	kind byte
}

func (p *part) Read(into []byte) (int, error) {
	for len(p.of.body) == 0 || p.of.kind != p.kind {
		if p.of.kind != p.kind {
			return 0, io.EOF
		}
		if err := p.of.next(); err != nil {
			return 0, err
		}
	}
	n := copy(into, p.of.body)
	p.of.body = p.of.body[n:]
	return n, nil
}

// compare holds a store against what its backup says.
func compare(head *Head, s *store.Store) error {
	have := map[record.Space]record.Frontier{}
	for _, f := range s.Frontiers() {
		have[f.Space] = f
	}
	for _, want := range head.Frontiers {
		if have[want.Space] != want {
			return wrongFrontier(have[want.Space], want)
		}
		delete(have, want.Space)
	}
	for _, f := range have {
		return wrongFrontier(f, record.Frontier{Space: f.Space})
	}
	return nil
}

// prove restores a backup into a folder that is removed again, encrypted with a key that nobody keeps.
func prove(ctx context.Context, file string, key age.Identity, scratch string, made *Made) (err error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	_, device, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(scratch); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	trial, err := store.Open(ctx, store.Config{Dir: filepath.Join(scratch, "store"), Device: nobody{device}, Key: secret})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trial.Close()) }()
	head, err := Restore(ctx, file, key, trial)
	if err != nil {
		return err
	}
	made.Head.Pending = uint64(trial.PendingCount())
	return compare(&head, trial)
}

// nobody is the device of a trial restore: it writes nothing.
type nobody struct{ key ed25519.PrivateKey }

func (n nobody) ID() record.DeviceID          { return record.DeviceOf(n.PublicKey()) }
func (n nobody) Sign(message []byte) []byte   { return ed25519.Sign(n.key, message) }
func (n nobody) PublicKey() ed25519.PublicKey { return n.key.Public().(ed25519.PublicKey) }
