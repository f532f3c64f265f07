package bundle

import (
	"context"
	"io"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/session"
	"holdfast/sync/standing"
)

// Commits says which agreed changes a bundle carries.
type Commits string

// The choices.
const (
	Lacking Commits = "lacking" // those beyond what its readers are known to hold; all that are kept where nothing is known
	All     Commits = "all"     // all that are kept, or the agreed state as a whole where not all are
	NoneOf  Commits = "none"
)

// Wish says what a bundle is to hold. What waits to be agreed is always in it, whoever made it.
type Wish struct {
	For     record.DeviceID // the device that it is made for; zero: any
	Commits Commits         // Lacking when empty
	Files   bool            // attached files too
	// PartBytes is how large one part may be; zero: there is one part of any size.
	PartBytes int64
	// Progress, when set, is told how many bytes are written.
	Progress func(bytes int64)
}

// Written says what was written.
type Written struct {
	Bundle  ID
	Parts   []int64 // their sizes in bytes
	Readers int     // devices that can read some of it, this one aside
	Content
	FilesAbsent int // files that changes name and that are not on this device
}

// Export writes a bundle into a folder that is there and empty: a file for each part, named by its number (see PartName). When it fails the folder holds
// nothing that could be taken for a bundle.
func Export(ctx context.Context, cfg Config, folder string, wish Wish) (Written, error) {
	x := &exporter{cfg: &cfg, wish: wish, readers: map[record.Space]recipients{}}
	if _, err := io.ReadFull(cfg.Random, x.written.Bundle[:]); err != nil {
		return Written{}, fault.Wrap(err, fault.Internal, "bundle.Export", "This machine gave no random numbers, so no bundle could be made.")
	}
	var err error
	if x.framing, err = newFraming(); err != nil {
		return Written{}, err
	}
	spaces, err := x.spaces()
	if err != nil {
		return Written{}, err
	}
	x.volume = &volume{folder: folder, head: head{
		Bundle: x.written.Bundle, Cluster: cfg.cluster(), Key: cfg.Credentials.Device().PublicKey(), Made: cfg.Wall().UnixMilli(),
	}}
	defer x.volume.abandon()
	for _, space := range spaces {
		if err := x.carry(ctx, space); err != nil {
			return Written{}, err
		}
	}
	x.written.Parts, err = x.volume.finish(cfg.Credentials.Device().Sign)
	return x.written, err
}

// exporter writes one bundle.
type exporter struct {
	cfg     *Config
	wish    Wish
	framing *framing
	readers map[record.Space]recipients
	volume  *volume
	written Written

	// of the space at hand
	space   record.Space
	section *sectionWriter
	hello   *session.Hello
	offer   *session.SnapshotOffer // while a snapshot is being written: it is said again in each part
	fresh   bool                   // nothing but the greeting stands in the section
	files   map[record.Hash]bool
}

// spaces gives the spaces to write: those that this device may read, and the one that it is for.
func (x *exporter) spaces() ([]record.Space, error) {
	identity := x.cfg.Credentials.Identity()
	all := slices.Concat(identity.Spaces(), x.cfg.Store.Spaces())
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(space record.Space) bool {
		return !identity.MayRead(space) || !x.wish.For.IsZero() && !x.cfg.MayRead(x.wish.For, space)
	})
	reading := map[record.DeviceID]bool{}
	for _, space := range all {
		keys := x.cfg.Readers(space)
		for _, key := range keys {
			reading[record.DeviceOf(key)] = true
		}
		own := x.cfg.Credentials.Device().PublicKey()
		if !reading[x.cfg.self()] {
			keys = append(keys, own) // so that whoever wrote it can look into it
		}
		x.readers[space] = recipientsOf(keys, x.cfg.Log)
	}
	delete(reading, x.cfg.self())
	x.written.Readers = len(reading)
	if x.written.Readers == 0 {
		return nil, fault.New(NoReaders, "bundle.Export", "This device knows no other device of its organisation yet, so nobody could read the bundle. Let it meet another device once.")
	}
	return all, nil
}

// base gives the frontier beyond which agreed changes are written.
func (x *exporter) base(space record.Space) (record.Frontier, error) {
	none := record.Frontier{Space: space}
	if x.wish.Commits == All || x.wish.Commits == NoneOf {
		return none, nil
	}
	devices := []record.DeviceID{x.wish.For}
	if x.wish.For.IsZero() {
		var err error
		if devices, err = standing.Devices(x.cfg.Store); err != nil {
			return none, err
		}
	}
	mine := x.cfg.Store.Frontier(space)
	lowest := mine
	heard := false
	for _, device := range devices {
		if device == x.cfg.self() || x.cfg.Credentials.Revoked(device) || !x.cfg.MayRead(device, space) {
			continue
		}
		fronts, err := standing.Of(x.cfg.Store, device)
		if err != nil {
			return none, err
		}
		at := slices.IndexFunc(fronts, func(f record.Frontier) bool { return f.Space == space })
		switch {
		case at >= 0 && fronts[at].Commit == 0:
			return none, nil // it has nothing yet
		case at >= 0 && !x.wish.For.IsZero() && x.cfg.left(fronts[at]):
			return fronts[at], nil // it needs the agreed state as a whole, which a node gives
		case at < 0 || fronts[at].Generation != mine.Generation:
			if x.wish.For.IsZero() {
				continue // nothing can be said for it
			}
			return none, nil
		}
		heard = true
		if fronts[at].Commit < lowest.Commit {
			lowest = fronts[at]
		}
	}
	if !heard {
		return none, nil
	}
	return lowest, nil
}

// carry writes one space: it holds the session's side of a conversation with a peer that stands at the base, takes everything and asks for nothing but files.
func (x *exporter) carry(ctx context.Context, space record.Space) error {
	base, err := x.base(space)
	if err != nil {
		return err
	}
	x.space, x.offer, x.files = space, nil, map[record.Hash]bool{}
	cfg := session.Config{
		Self: x.cfg.self(), Role: session.RoleDesktop, Cluster: x.cfg.cluster(), Spaces: []record.Space{space}, Devices: x.cfg.Devices,
		Snapshots: x.cfg.Snapshots, SnapshotAbove: 1 << 62, Blobs: x.cfg.Blobs, Generations: x.cfg.settled(), Log: x.cfg.Log,
	}
	s := session.New(cfg, x.cfg.Store)
	defer s.End()
	x.hello = s.Start()[0].(*session.Hello)
	x.written.space(space).Generation = x.cfg.Store.Frontier(space).Generation
	if err := x.begin(); err != nil {
		return err
	}
	reader := &session.Hello{
		Protocol: x.hello.Protocol, Format: x.hello.Format, Cluster: cfg.Cluster, Role: session.RoleDesktop,
		Positions: []session.Position{{Frontier: base}}, OwnCommits: x.wish.Commits == NoneOf,
		Replaces: x.cfg.Credentials.Identity().Role == enrol.Node,
	}
	taken := uint64(0)
	if err := x.listen(ctx, s, reader, &taken); err != nil {
		return err
	}
	if err := x.carryFiles(ctx, s, &taken); err != nil {
		return err
	}
	return x.end()
}

// listen gives the session a message of the reader and writes what it answers, and goes on for as long as there is more.
func (x *exporter) listen(ctx context.Context, s *session.Session, m session.Message, taken *uint64) error {
	for m != nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		said, err := s.Step(ctx, m)
		if err != nil {
			return err
		}
		m = nil
		before := *taken
		for _, one := range said {
			offered, err := x.note(one, taken)
			if err != nil {
				return err
			}
			if offered {
				m = &session.SnapshotWant{Space: x.space}
			}
		}
		if m == nil && *taken > before {
			m = &session.Progress{Taken: *taken}
		}
	}
	return nil
}

// note writes a message that the reader needs and counts it. It says whether a snapshot is offered.
func (x *exporter) note(m session.Message, taken *uint64) (offered bool, err error) {
	counts := x.written.space(x.space)
	switch m := m.(type) {
	case *session.SnapshotOffer:
		x.offer = m
		counts.Snapshot, counts.To = true, m.Frontier.Commit
		return true, x.write(m)
	case *session.Snapshot:
		*taken++
		err := x.write(m)
		if m.Chunk.Done {
			x.offer = nil
		}
		return false, err
	case *session.Commits:
		*taken++
		counts.commits(m.From, uint64(len(m.Rows)))
		for i := range m.Rows {
			if m.Rows[i].Sealed != nil {
				x.wantFiles(m.Rows[i].Sealed)
			}
		}
	case *session.Edits:
		*taken++
		counts.Edits += len(m.Run)
		for i := range m.Run {
			x.wantFiles(&m.Run[i])
		}
	case *session.BlobChunk:
		if m.Missing {
			x.written.FilesAbsent++
			return false, nil
		}
		*taken++
		if m.Offset+uint64(len(m.Bytes)) == m.Total {
			x.written.Files++
		}
	case *session.OutOfReach:
		counts.Incomplete = true
	case *session.Introductions:
	default:
		return false, nil // what a file cannot answer is not said to it
	}
	return false, x.write(m)
}

func (x *exporter) wantFiles(sealed *record.Sealed) {
	if !x.wish.Files || x.cfg.Blobs == nil {
		return
	}
	edit, err := record.Open(*sealed)
	if err != nil {
		return // made by a newer Holdfast: its files travel once it is understood
	}
	for _, hash := range edit.Blobs {
		x.files[hash] = true
	}
}

// carryFiles asks for the files that the changes written name, one by one, in the order of their hashes.
func (x *exporter) carryFiles(ctx context.Context, s *session.Session, taken *uint64) error {
	hashes := make([]record.Hash, 0, len(x.files))
	for hash := range x.files {
		hashes = append(hashes, hash)
	}
	slices.SortFunc(hashes, func(a, b record.Hash) int { return slices.Compare(a[:], b[:]) })
	for _, hash := range hashes {
		if err := x.listen(ctx, s, &session.BlobWant{Hash: hash}, taken); err != nil {
			return err
		}
	}
	return nil
}

// write puts a message into the bundle, in a new part when the one at hand has no more room.
func (x *exporter) write(m session.Message) error {
	frame, err := x.encode(m)
	if err != nil {
		return err
	}
	if limit := x.wish.PartBytes; limit > 0 && x.section.after(len(frame)) > limit {
		if x.fresh && x.volume.alone() {
			return fault.Newf(fault.Invalid, "bundle.Export", "Parts of %d bytes are too small: one message alone takes more. Choose larger parts.", limit)
		}
		if err := x.turnOver(); err != nil {
			return err
		}
		if x.section.after(len(frame)) > limit {
			return fault.Newf(fault.Invalid, "bundle.Export", "Parts of %d bytes are too small: one message alone takes more. Choose larger parts.", limit)
		}
	}
	x.fresh = false
	if err := x.section.write(frame); err != nil {
		return x.volume.failure(err)
	}
	if x.wish.Progress != nil {
		x.wish.Progress(x.volume.size())
	}
	return nil
}

func (x *exporter) encode(m session.Message) ([]byte, error) {
	raw, err := session.Encode(m)
	if err != nil {
		return nil, err
	}
	return x.framing.frame(raw)
}

// turnOver goes on with the space in a new part.
func (x *exporter) turnOver() error {
	if err := x.end(); err != nil {
		return err
	}
	if err := x.volume.turn(); err != nil {
		return err
	}
	return x.begin()
}

// begin starts the space's section with who writes and where this device stands.
func (x *exporter) begin() error {
	part, err := x.volume.part()
	if err != nil {
		return err
	}
	if x.section, err = beginSection(part, x.readers[x.space]); err != nil {
		return x.volume.failure(err)
	}
	raw, err := record.Encode(opening{
		Bundle: x.written.Bundle, Number: uint64(x.volume.number()), Certificate: x.cfg.Credentials.Membership().Certificate, Space: x.space,
	})
	if err != nil {
		return err
	}
	frames := make([][]byte, 0, 3)
	first, err := x.framing.frame(raw)
	if err != nil {
		return err
	}
	frames = append(frames, first)
	greeting := []session.Message{x.hello}
	if x.offer != nil {
		greeting = append(greeting, x.offer)
	}
	for _, m := range greeting {
		frame, err := x.encode(m)
		if err != nil {
			return err
		}
		frames = append(frames, frame)
	}
	x.fresh = true
	for _, frame := range frames {
		if err := x.section.write(frame); err != nil {
			return x.volume.failure(err)
		}
	}
	return nil
}

func (x *exporter) end() error { return x.volume.failure(x.section.close()) }
