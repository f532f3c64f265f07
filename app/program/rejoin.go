package program

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"holdfast/app/api"
	"holdfast/app/vault"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/generation"
	"holdfast/sync/syncer"
)

// Rejoined says what came of a node's return.
type Rejoined struct {
	Cluster    string `json:"cluster"`
	Generation string `json:"generation"`
	Aside      string `json:"aside"`              // the folder with everything that the node held before
	Files      int    `json:"files"`              // attached files that were taken along
	Recovery   string `json:"recovery,omitempty"` // of the new folder, where the old one was encrypted; it is shown once
}

// rejoinFile lies in a data folder while its node joins again, so that an interrupted return is gone on with.
const rejoinFile = "rejoin.json"

// rejoinMark is its content.
type rejoinMark struct {
	Aside string `json:"aside"` // the folder, inside the data folder, that what was there goes to
	Moved bool   `json:"moved"` // all of it has gone there
}

// rejoining is one call of Rejoin.
type rejoining struct {
	program *Program // names the data folder; it is not open
	invite  string
	told    func(sentence string)
	mark    rejoinMark
	done    Rejoined
	reached func(step string) // as that of a recovery
}

// Rejoin lets a node that a recovery of its cluster left behind join again with an invite for a node. First it waits until a node of the recovered cluster holds everything that only this
// one had; told hears how that stands. Then all that it held is set aside in its data folder, which nothing is ever removed from, and it joins as a new device with an empty store.
// When ctx ends before that, nothing has changed. It can be repeated after a failure. Faults: fault.InUse, fault.Invalid (an invite for something else), fault.Conflict (this is no node
// that was left behind), those of joining.
func Rejoin(ctx context.Context, c Config, invite string, told func(sentence string)) (Rejoined, error) {
	const op = "program.Rejoin"
	c = defaults(c)
	folder, err := filepath.Abs(c.Data)
	if err != nil {
		return Rejoined{}, fault.Wrap(err, fault.Invalid, op, "The data folder's path cannot be used: "+c.Data+".")
	}
	c.Data, c.Role = folder, Node
	return newRejoining(c, invite, told).rejoin(ctx)
}

func newRejoining(c Config, invite string, told func(sentence string)) *rejoining {
	return &rejoining{program: &Program{config: c}, invite: invite, told: told, reached: func(string) {}}
}

func (r *rejoining) rejoin(ctx context.Context) (Rejoined, error) {
	err := r.run(ctx)
	return r.done, err
}

func (r *rejoining) run(ctx context.Context) error {
	parsed, err := enrol.ParseInvite(r.invite)
	if err != nil {
		return err
	}
	if parsed.Role != Node {
		return fault.New(fault.Invalid, "program.Rejoin", "This is an invite for a desktop. Make one for a node: holdfast invite --role node.")
	}
	raw, err := os.ReadFile(r.program.path(rejoinFile))
	if err == nil {
		err = json.Unmarshal(raw, &r.mark)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = r.handOver(ctx, parsed)
	}
	if err == nil {
		err = r.setAside()
	}
	if err != nil {
		return err
	}
	return r.join(ctx)
}

// handOver opens the node as it is, waits until everything of it is in the recovered cluster, and decides where it is set aside.
func (r *rejoining) handOver(ctx context.Context, invite enrol.Invite) error {
	const op = "program.Rejoin"
	p, err := Open(ctx, r.program.config)
	if fault.Is(err, fault.InUse) {
		return fault.Wrap(err, fault.InUse, op, "Holdfast runs on this data folder. Close it, then let it join again.")
	}
	if err != nil {
		return err
	}
	if err := r.awaitHandedOver(ctx, p, invite); err != nil {
		return closedAfter(p, err)
	}
	if err := p.Close(); err != nil {
		return err
	}
	r.mark.Aside = "before-" + r.program.config.Wall().UTC().Format("20060102T150405.000")
	return r.remember()
}

func closedAfter(p *Program, err error) error { return errors.Join(err, p.Close()) }

func (r *rejoining) awaitHandedOver(ctx context.Context, p *Program, invite enrol.Invite) error {
	const op = "program.Rejoin"
	changes := p.Changes(ctx)
	again := time.NewTicker(callTick)
	defer again.Stop()
	said, call := "", true
	for {
		s := p.entered()
		switch {
		case s == nil:
			return fault.New(fault.Conflict, op, "This device belongs to no site. Let it join with holdfast node --join.")
		case s.trust.Membership().Cluster != invite.Cluster:
			return fault.New(fault.Conflict, op, "The invite is of another cluster than the one that this node was left behind by. Nothing was changed.")
		case !s.sharing.member():
			return fault.New(fault.Conflict, op, "This device is a desktop. A recovery leaves no desktop behind: start Holdfast, and it goes on by itself.")
		case s.sharing.handedOver():
			return nil
		}
		if call && !s.sharing.reachesRecovered() {
			if err := s.sharing.syncer.Call(ctx, invite.Addresses...); err != nil && ctx.Err() == nil {
				p.config.Log.Info("nobody answered at the addresses of the invite", "error", err)
			}
		}
		if now := s.sharing.standing(); now != said {
			said = now
			r.told(now)
		}
		call = false
		select {
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Unavailable, op, "The recovered cluster does not hold everything yet that this node has. Nothing was changed; start it again, so that it goes on handing over.")
		case <-changes:
		case <-again.C:
			call = true
		}
	}
}

// standing says how far a node is with handing over.
func (sh *sharing) standing() string {
	if !sh.fenced() {
		return "Waiting for a node of the recovered cluster. " + sh.Status().Sentence
	}
	return sh.Status().Sentence
}

// callTick is how often a node that joins again looks for the recovered cluster at the addresses of its invite: its own may lead nowhere any more.
const callTick = 2 * time.Second

// reachesRecovered reports whether a session with a node that no recovery has left behind is up.
func (sh *sharing) reachesRecovered() bool {
	former := sh.site.former()
	return slices.ContainsFunc(sh.syncer.Status().Peers, func(peer syncer.PeerStatus) bool {
		return peer.Role == Node && peer.Connected && !former[peer.Device]
	})
}

// handedOver reports whether this node was left behind by a recovery and a node of the recovered cluster holds everything that is here.
func (sh *sharing) handedOver() bool {
	if !sh.fenced() {
		return false
	}
	newest := sh.site.book.Generation()
	for _, f := range sh.site.store.Frontiers() {
		if f.Generation != newest {
			return false
		}
	}
	former := sh.site.former()
	return slices.ContainsFunc(sh.syncer.Status().Peers, func(peer syncer.PeerStatus) bool {
		return peer.Role == Node && peer.Connected && peer.Covered && !former[peer.Device]
	})
}

func (r *rejoining) remember() error {
	raw, err := json.Marshal(r.mark)
	if err != nil {
		return err
	}
	return diskfile.Replace(r.program.path(rejoinFile), raw, 0o600)
}

// setAside moves everything but this device's settings into one folder below the data folder: renames on one disk, the identity first.
func (r *rejoining) setAside() error {
	const op = "program.Rejoin"
	aside := r.program.path(r.mark.Aside)
	r.done.Aside = aside
	if r.mark.Moved {
		return nil
	}
	failed := func(err error) error {
		return fault.Wrap(err, diskfile.Code(err), op, "What this node held could not all be set aside in "+aside+". Check the permissions there, then let it join again: nothing is lost.")
	}
	if err := os.MkdirAll(aside, 0o700); err != nil {
		return failed(err)
	}
	entries, err := os.ReadDir(r.program.config.Data)
	if err != nil {
		return failed(err)
	}
	names := []string{"device"}
	for _, entry := range entries {
		if name := entry.Name(); name != "device" && name != rejoinFile && name != "settings.json" && !strings.HasPrefix(name, "before-") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if err := os.Rename(r.program.path(name), filepath.Join(aside, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed(err)
		}
		r.reached(name + " set aside")
	}
	r.mark.Moved = true
	err = errors.Join(diskfile.SyncFolder(aside), diskfile.SyncFolder(r.program.config.Data))
	if err == nil {
		err = r.remember()
	}
	return err
}

// join enrols this computer as a new device and takes along the files that are here already.
func (r *rejoining) join(ctx context.Context) error {
	r.reached("set aside")
	config := r.program.config
	if config.Listen == "" || config.Listen == DefaultListen {
		config.Listen = r.listened()
	}
	p, err := Open(ctx, config)
	if err != nil {
		return err
	}
	if p.entered() == nil {
		locked, err := vault.Exists(r.done.Aside)
		if err == nil {
			r.done.Recovery, err = p.Join(ctx, api.Joining{Invite: r.invite, Encrypt: locked})
		}
		if err != nil {
			return closedAfter(p, err)
		}
	}
	r.reached("joined")
	s := p.entered()
	r.done.Cluster, r.done.Generation = s.trust.Membership().ClusterName, generation.Name(s.book.Generation())
	before := &Program{config: r.program.config}
	before.config.Data = r.done.Aside
	if before.device, err = enrol.LoadOrCreateDevice(before.path("device", "key"), before.config.Random); err == nil {
		err = before.takeFiles(ctx, s.store, &r.done)
	}
	if err == nil {
		r.reached("files taken along")
		err = r.retire(ctx, s, before.device.ID())
	}
	if err = closedAfter(p, err); err != nil {
		return err
	}
	r.reached("retired")
	return os.Remove(r.program.path(rejoinFile))
}

// listened gives the address that the node had, so that others find it again.
func (r *rejoining) listened() string {
	var at place
	raw, err := os.ReadFile(filepath.Join(r.done.Aside, "device", "place.json"))
	if err != nil || json.Unmarshal(raw, &at) != nil || at.Listen == "" {
		return DefaultListen
	}
	return at.Listen
}

// takeFiles copies the attached files out of this data folder, which was set aside: they need not travel again.
func (p *Program) takeFiles(ctx context.Context, into *store.Store, done *Rejoined) (err error) {
	if err := p.unlock(); err != nil {
		return err
	}
	from, err := store.Open(ctx, store.Config{
		Dir: p.path("store"), Device: p.device, Kinds: desk.Kinds(), Wall: p.config.Wall, Random: p.config.Random, Log: p.config.Log, Key: p.key,
	})
	if err != nil {
		return lockFault(err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return from.Blobs().Each(ctx, func(hash record.Hash) error {
		if into.Blobs().Has(hash) {
			return nil
		}
		file, err := from.Blobs().Open(hash)
		if err != nil {
			return err
		}
		defer file.Close()
		_, _, err = into.Blobs().Put(ctx, file)
		done.Files++
		return err
	})
}
