package generation

import (
	"context"
	"fmt"
	"sync"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Named keeps named values durably; *store.Store is one.
type Named interface {
	Meta(name string) ([]byte, error)
	SetMeta(ctx context.Context, name string, value []byte) error
	MetaNames(prefix string) ([]string, error)
}

// keptName is where statements lie among the named values: behind it stands the generation.
const keptName = "generation/"

// Book keeps the statements that a replica knows of. It is safe for concurrent use.
type Book struct {
	named   Named
	verify  func(message, signature []byte) bool
	cluster string
	news    func(Lineage)

	mu      sync.Mutex
	lineage Lineage
	raw     map[uint64][]byte
}

// OpenBook reads the statements among the named values of a replica of the cluster. verify says whether the cluster's authority signed a message. news (nil: nobody) is told, from
// the goroutine that learned it, when a newer recovery becomes known.
func OpenBook(named Named, cluster string, verify func(message, signature []byte) bool, news func(Lineage)) (*Book, error) {
	b := &Book{named: named, verify: verify, cluster: cluster, news: news, raw: map[uint64][]byte{}}
	names, err := named.MetaNames(keptName)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		raw, err := named.Meta(name)
		if err != nil {
			return nil, err
		}
		s, err := Open(raw, verify, cluster)
		if fault.Is(err, Unproven) {
			continue // of another cluster, which this device has left
		}
		if err != nil {
			return nil, err
		}
		b.lineage, _ = b.lineage.With(s)
		b.raw[s.Generation] = raw
	}
	return b, nil
}

// Lineage gives what is known by now.
func (b *Book) Lineage() Lineage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lineage
}

// Statements gives the signed statements, oldest first.
func (b *Book) Statements() [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([][]byte, 0, len(b.lineage))
	for _, s := range b.lineage {
		all = append(all, b.raw[s.Generation])
	}
	return all
}

// Learn keeps statements that are new, durably. One that the authority has not signed is a fault, and nothing of what comes with it is kept.
func (b *Book) Learn(ctx context.Context, statements [][]byte) error {
	opened := make([]*Statement, 0, len(statements))
	for _, raw := range statements {
		s, err := Open(raw, b.verify, b.cluster)
		if err != nil {
			return err
		}
		opened = append(opened, s)
	}
	newest, changed, err := b.keep(ctx, opened, statements)
	if changed && b.news != nil {
		b.news(newest)
	}
	return err
}

func (b *Book) keep(ctx context.Context, opened []*Statement, raw [][]byte) (newest Lineage, changed bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.lineage.Generation()
	for i, s := range opened {
		longer, isNew := b.lineage.With(s)
		if !isNew {
			continue
		}
		if err := b.named.SetMeta(ctx, fmt.Sprintf("%s%016x", keptName, s.Generation), raw[i]); err != nil {
			return b.lineage, b.lineage.Generation() != before, err
		}
		b.lineage = longer
		b.raw[s.Generation] = raw[i]
	}
	return b.lineage, b.lineage.Generation() != before, nil
}

// Generation gives the newest generation that is known, or 0.
func (b *Book) Generation() uint64 { return b.Lineage().Generation() }

// Left is Lineage.Left by now.
func (b *Book) Left(f record.Frontier) bool { return b.Lineage().Left(f) }

// Next is Lineage.Next by now.
func (b *Book) Next(f record.Frontier) uint64 { return b.Lineage().Next(f) }

// Common is Lineage.Common by now.
func (b *Book) Common(f record.Frontier) uint64 { return b.Lineage().Common(f) }
