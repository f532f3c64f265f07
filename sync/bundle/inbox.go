package bundle

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/session"
)

// Inbox is the folder in which parts wait until those before them are there: parts are read in their order, whatever the order they come in. It is safe for concurrent use.
type Inbox struct {
	folder string
	mu     sync.Mutex // one change at a time
}

// Waiting is a bundle of which parts are here and parts are missing.
type Waiting struct {
	Part            // of any part, without Number and Bytes
	Read      []int // parts that were read
	Here      []int // parts that are here and wait for others
	Missing   []int
	lastTaken int64
}

// OpenInbox makes the folder ready.
func OpenInbox(folder string) (*Inbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, inboxFault(err)
	}
	return &Inbox{folder: folder}, nil
}

func inboxFault(err error) error {
	if err == nil || fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, diskfile.Code(err), "bundle.Inbox", "The parts of the bundle could not be kept in the data folder. Free some space and read them again; nothing was changed.")
}

// aboutFile holds what all parts of one bundle have in common, so that parts that do not belong together are found out.
const aboutFile = "about"

type about struct {
	Parts   uint64 `cbor:"1,keyasint"`
	Cluster string `cbor:"2,keyasint"`
	Device  []byte `cbor:"3,keyasint"`
	Made    int64  `cbor:"4,keyasint"`
}

func aboutOf(p *Part) ([]byte, error) {
	return record.Encode(about{uint64(p.Parts), p.Cluster, p.Device[:], p.Made.UnixMilli()})
}

// Take checks the file of a part and moves it into the inbox; path must be on the same file system, in the caller's hands, and is gone afterwards. Fresh is false for a part that is here
// or was read already. A fault says why the part is refused; the others stay as they are.
func (b *Inbox) Take(ctx context.Context, path, cluster string) (part Part, fresh bool, err error) {
	defer os.Remove(path) // moved, or of no more use
	if part, err = checkFile(ctx, path); err != nil {
		return part, false, err
	}
	if part.Cluster != cluster {
		return part, false, fault.New(session.CodeOtherCluster, "bundle.Take", "This bundle belongs to another organisation's cluster. It was refused as a whole.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh, err = b.keep(path, &part)
	return part, fresh, inboxFault(err)
}

func checkFile(ctx context.Context, path string) (Part, error) {
	file, err := os.Open(path)
	if err != nil {
		return Part{}, inboxFault(err)
	}
	defer file.Close()
	return Check(ctx, file)
}

func (b *Inbox) keep(path string, part *Part) (bool, error) {
	folder := filepath.Join(b.folder, part.Bundle.String())
	want, err := aboutOf(part)
	if err != nil {
		return false, err
	}
	have, err := os.ReadFile(filepath.Join(folder, aboutFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := b.begin(folder, want); err != nil {
			return false, err
		}
	case err != nil:
		return false, err
	case string(have) != string(want):
		return false, altered("it does not belong to the other parts of its bundle")
	}
	to := filepath.Join(folder, hereName(part.Number))
	for _, taken := range []string{to, filepath.Join(folder, readName(part.Number))} {
		if _, err := os.Stat(taken); err == nil {
			return false, nil
		}
	}
	if err := os.Rename(path, to); err != nil {
		return false, err
	}
	return true, diskfile.SyncFolder(folder)
}

func hereName(number int) string { return strconv.Itoa(number) + ".part" }
func readName(number int) string { return strconv.Itoa(number) + ".read" }

// begin makes room for a bundle: the one that has waited longest goes when there are too many. Its parts can be read again from where they came.
func (b *Inbox) begin(folder string, about []byte) error {
	waiting, err := b.waiting()
	if err != nil {
		return err
	}
	if len(waiting) >= BundlesKeptMax {
		oldest := slices.MinFunc(waiting, func(x, y Waiting) int { return int(x.lastTaken - y.lastTaken) })
		if err := os.RemoveAll(filepath.Join(b.folder, oldest.Bundle.String())); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return diskfile.Replace(filepath.Join(folder, aboutFile), about, partMode)
}

// Waiting gives the bundles that are not whole yet, in the order of their ids.
func (b *Inbox) Waiting() ([]Waiting, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting, err := b.waiting()
	return waiting, inboxFault(err)
}

// Find gives one bundle; a not_found fault when nothing of it is here.
func (b *Inbox) Find(id ID) (Waiting, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w, err := b.look(id)
	if errors.Is(err, fs.ErrNotExist) {
		return w, fault.New(fault.NotFound, "bundle.Inbox", "Nothing of this bundle is here any more. Read its parts again.")
	}
	return w, inboxFault(err)
}

func (b *Inbox) waiting() ([]Waiting, error) {
	entries, err := os.ReadDir(b.folder)
	if err != nil {
		return nil, err
	}
	var all []Waiting
	for _, entry := range entries {
		raw, err := hex.DecodeString(entry.Name())
		if err != nil || len(raw) != len(ID{}) {
			continue
		}
		w, err := b.look(ID(raw))
		if errors.Is(err, fs.ErrNotExist) {
			continue // begun in the instant of a crash
		}
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

func (b *Inbox) look(id ID) (Waiting, error) {
	folder := filepath.Join(b.folder, id.String())
	raw, err := os.ReadFile(filepath.Join(folder, aboutFile))
	if err != nil {
		return Waiting{}, err
	}
	var of about
	if err := record.Decode(raw, &of); err != nil || of.Parts == 0 || of.Parts > PartsMax || len(of.Device) != len(record.DeviceID{}) {
		return Waiting{}, fault.Newf(fault.Corrupt, "bundle.Inbox", "The folder %s is damaged. Remove it and read the bundle again.", folder)
	}
	w := Waiting{Part: Part{Bundle: id, Parts: int(of.Parts), Cluster: of.Cluster, Device: record.DeviceID(of.Device), Made: timeOf(of.Made)}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return w, err
	}
	for _, entry := range entries {
		name, kind, _ := strings.Cut(entry.Name(), ".")
		number, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if info, err := entry.Info(); err == nil {
			w.lastTaken = max(w.lastTaken, info.ModTime().Unix())
		}
		if kind == "read" {
			w.Read = append(w.Read, number)
		} else {
			w.Here = append(w.Here, number)
		}
	}
	slices.Sort(w.Read)
	slices.Sort(w.Here)
	for number := 1; number <= w.Parts; number++ {
		if !slices.Contains(w.Read, number) && !slices.Contains(w.Here, number) {
			w.Missing = append(w.Missing, number)
		}
	}
	return w, nil
}

// open opens a part that is here.
func (b *Inbox) open(id ID, number int) (*os.File, error) {
	file, err := os.Open(filepath.Join(b.folder, id.String(), hereName(number)))
	return file, inboxFault(err)
}

// done notes that a part was read, and forgets its bytes. The bundle is forgotten with its last part.
func (b *Inbox) done(id ID, number int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	folder := filepath.Join(b.folder, id.String())
	if err := diskfile.Replace(filepath.Join(folder, readName(number)), nil, partMode); err != nil {
		return inboxFault(err)
	}
	if err := os.Remove(filepath.Join(folder, hereName(number))); err != nil {
		return inboxFault(err)
	}
	w, err := b.look(id)
	if err == nil && len(w.Read) == w.Parts {
		err = os.RemoveAll(folder)
	}
	return inboxFault(err)
}

// drop forgets a part that could not be read to its end.
func (b *Inbox) drop(id ID, number int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return inboxFault(os.Remove(filepath.Join(b.folder, id.String(), hereName(number))))
}

// Forget drops a bundle that is not whole. What was read of it stays.
func (b *Inbox) Forget(id ID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return inboxFault(os.RemoveAll(filepath.Join(b.folder, id.String())))
}

// Numbers writes the numbers of parts for people: "2", "2 and 5", "2, 4 and 7", "2, 3, 4 and 95 more".
func Numbers(numbers []int) string {
	const shown = 12
	var texts []string
	for _, n := range numbers[:min(len(numbers), shown)] {
		texts = append(texts, strconv.Itoa(n))
	}
	if rest := len(numbers) - shown; rest > 0 {
		texts = append(texts, fmt.Sprintf("%d more", rest))
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}
