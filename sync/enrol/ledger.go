package enrol

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Issued is what the issuing side remembers of an invite. It admits nobody: the secret is not in it.
type Issued struct {
	ID        InviteID          `cbor:"1,keyasint"`
	Verifier  ed25519.PublicKey `cbor:"2,keyasint"` // checks the proof of the secret
	Role      Role              `cbor:"3,keyasint"`
	Site      string            `cbor:"4,keyasint"`
	Person    record.ID         `cbor:"5,keyasint"` // zero: whoever joins
	Expires   time.Time         `cbor:"6,keyasint"`
	Issued    time.Time         `cbor:"7,keyasint"`
	IssuedBy  record.ID         `cbor:"8,keyasint"` // a person
	UsedBy    record.DeviceID   `cbor:"9,keyasint"` // zero: not used yet
	UsedAt    time.Time         `cbor:"10,keyasint"`
	Withdrawn bool              `cbor:"11,keyasint"`
}

// Ledger remembers invites. What a call changed is durable when it returns; calls may come from several goroutines. Only the node
// that issued an invite knows it; that it admits one device even where that node's file was copied or put back is the cluster's to see (IssuerConfig.Admitted).
type Ledger interface {
	// Add keeps a new invite.
	Add(ctx context.Context, i Issued) error
	// Find gives an invite; fault InviteUnknown when there is none.
	Find(ctx context.Context, id InviteID) (Issued, error)
	// Use marks an invite as used by a device, at most once. The same device may do so again, since its first answer may have been lost;
	// another one gets the fault InviteUsed.
	Use(ctx context.Context, id InviteID, device record.DeviceID, at time.Time) error
	// Withdraw makes an invite that was not used yet worthless.
	Withdraw(ctx context.Context, id InviteID) error
	// List gives all invites, newest first.
	List(ctx context.Context) ([]Issued, error)
}

func unknownInvite(op string) error {
	return fault.New(InviteUnknown, op, "This invite is not known here, or it was withdrawn. Ask for a new one.")
}

// use is the rule of Ledger.Use.
func (i *Issued) use(device record.DeviceID, at time.Time) error {
	switch {
	case i.Withdrawn:
		return unknownInvite("enrol.Ledger.Use")
	case i.UsedBy == device:
		return nil
	case !i.UsedBy.IsZero():
		return fault.Newf(InviteUsed, "enrol.Ledger.Use", "This invite was used by another device on %s. Each invite admits one device; ask for a new one.", forPeople(i.UsedAt))
	}
	i.UsedBy, i.UsedAt = device, at.UTC()
	return nil
}

// FileLedger is a Ledger in one small file.
type FileLedger struct {
	path string
	mu   sync.Mutex
	held map[InviteID]Issued
}

var _ Ledger = (*FileLedger)(nil)

type ledgerFile struct {
	Format  int      `cbor:"1,keyasint"`
	Invites []Issued `cbor:"2,keyasint"`
}

const ledgerFormat = 1

// OpenFileLedger reads the ledger at path, an absent file being an empty one. A file that cannot be read is never replaced.
func OpenFileLedger(path string) (*FileLedger, error) {
	const op = "enrol.OpenFileLedger"
	l := &FileLedger{path: path, held: map[InviteID]Issued{}}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, diskfile.Code(err), op, "The list of invites "+path+" could not be read. Give this user the right to read it; it was not changed.")
	}
	var stored ledgerFile
	if err := record.Decode(raw, &stored); err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, op, "The list of invites "+path+" is damaged. Move it away: open invites become worthless, nothing else is lost.")
	}
	if stored.Format > ledgerFormat {
		return nil, fault.New(fault.NewerFormat, op, "The list of invites "+path+" was written by a newer Holdfast. Start the newer version.")
	}
	for _, i := range stored.Invites {
		l.held[i.ID] = i
	}
	return l, nil
}

// Add implements Ledger. At most limit.InvitesMax are kept; those of earliest expiry make room.
func (l *FileLedger) Add(_ context.Context, i Issued) error {
	return l.change(i.ID, func(held *Issued, _ bool) error { *held = i; return nil })
}

// Find implements Ledger.
func (l *FileLedger) Find(_ context.Context, id InviteID) (Issued, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, found := l.held[id]
	if !found {
		return Issued{}, unknownInvite("enrol.FileLedger.Find")
	}
	return i, nil
}

// Use implements Ledger.
func (l *FileLedger) Use(_ context.Context, id InviteID, device record.DeviceID, at time.Time) error {
	return l.change(id, func(held *Issued, found bool) error {
		if !found {
			return unknownInvite("enrol.FileLedger.Use")
		}
		return held.use(device, at)
	})
}

// Withdraw implements Ledger.
func (l *FileLedger) Withdraw(_ context.Context, id InviteID) error {
	return l.change(id, func(held *Issued, found bool) error {
		if !found {
			return unknownInvite("enrol.FileLedger.Withdraw")
		}
		held.Withdrawn = true
		return nil
	})
}

// List implements Ledger.
func (l *FileLedger) List(context.Context) ([]Issued, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sortedBy(l.held, func(i Issued) time.Time { return i.Issued }), nil
}

// change applies one rule to one invite and makes the outcome durable before it counts.
func (l *FileLedger) change(id InviteID, rule func(held *Issued, found bool) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, found := l.held[id]
	after := before
	if err := rule(&after, found); err != nil {
		return err
	}
	l.held[id] = after
	if err := l.save(); err != nil {
		if found {
			l.held[id] = before
		} else {
			delete(l.held, id)
		}
		return err
	}
	return nil
}

func (l *FileLedger) save() error {
	kept := sortedBy(l.held, func(i Issued) time.Time { return i.Expires })
	for _, surplus := range kept[min(len(kept), limit.InvitesMax):] {
		delete(l.held, surplus.ID)
	}
	raw, err := record.Encode(ledgerFile{Format: ledgerFormat, Invites: kept[:min(len(kept), limit.InvitesMax)]})
	if err != nil {
		return err
	}
	return diskfile.Replace(l.path, raw, secretMode)
}

// sortedBy gives the invites latest first.
func sortedBy(held map[InviteID]Issued, at func(Issued) time.Time) []Issued {
	all := make([]Issued, 0, len(held))
	for _, i := range held {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b Issued) int {
		if c := at(b).Compare(at(a)); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return all
}
