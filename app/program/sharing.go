package program

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/node"
	"holdfast/sync/syncer"
	"holdfast/sync/transport"
)

// What the desk's rules want an edit to wait for must be asked for.
var _ node.Expectant = (*desk.Decider)(nil)

// sharing is all that connects this device with others: its port, the group it may be a member of, and the sessions with its peers.
type sharing struct {
	site     *site
	place    place
	listener *transport.Listener
	dialer   *transport.Dialer
	ledger   *enrol.FileLedger
	issuer   *enrol.Issuer
	node     *node.Node // nil on a desktop that joined a cluster
	syncer   *syncer.Syncer
	closing  sync.Mutex           // one look for tickets to close at a time
	overdue  sync.Mutex           // held with looked
	looked   map[record.ID]looked // the tickets that were overdue at the last look
	group    sync.Mutex           // one change of who is in the group, and where, at a time
	running  sync.WaitGroup
	end      context.CancelFunc
}

// place is what a device remembers of its part in the network.
type place struct {
	// Embedded: the device is a group of its own, with no port for other nodes.
	Embedded bool `json:"embedded"`
	// Listen is where the device listened last, so that others find it again.
	Listen string `json:"listen"`
	// Generation is that of the group of which the device is a member; 0 while the cluster was never recovered.
	Generation uint64 `json:"generation,omitempty"`
	// Refounds: the device recovered the cluster and has not begun the new group yet.
	Refounds bool `json:"refounds,omitempty"`
}

// startSharing brings up port, group and sessions, as far as the device's role has them.
func startSharing(ctx context.Context, s *site) (*sharing, error) {
	sh := &sharing{site: s}
	if err := sh.recall(); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	sh.end = end
	s.onClose(func() error {
		end()
		sh.running.Wait()
		return nil
	})
	for _, step := range []func(context.Context, context.Context) error{sh.listen, sh.startNode, sh.startSyncer, sh.startIssuer} {
		if err := step(ctx, life); err != nil {
			return nil, err
		}
	}
	sh.running.Go(func() { sh.keepUp(life) })
	sh.running.Go(func() {
		sh.withChanges(life, "what was removed for good is still in a log or an index of this device; it is tried again", sh.purge)
	})
	sh.running.Go(func() { sh.withChanges(life, "that a device was copied could not be noted yet", sh.tellCopies) })
	return sh, nil
}

// recall reads the device's place; a new one is a group of its own when it founds a site as a desktop.
func (sh *sharing) recall() error {
	raw, err := os.ReadFile(sh.site.program.path("device", "place.json"))
	if errors.Is(err, fs.ErrNotExist) {
		sh.place.Embedded = sh.site.program.config.Role == Desktop
		sh.place.Generation = sh.site.book.Generation()
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.ReadOnly, "program.recall", "The data folder's device folder cannot be read. Check its permissions.")
	}
	if err := json.Unmarshal(raw, &sh.place); err != nil {
		return fault.Wrap(err, fault.Corrupt, "program.recall", "The file place.json in the data folder's device folder is damaged. Put it back from a backup, or ask for a new invite.")
	}
	return nil
}

func (sh *sharing) remember() error {
	raw, err := json.Marshal(sh.place)
	if err != nil {
		return err
	}
	return diskfile.Replace(sh.site.program.path("device", "place.json"), raw, 0o600)
}

// kept gives the address to listen on: the last one where the person asks for none, the last port where the person asks for any, so that
// others find this device again.
func (sh *sharing) kept(asked string) string {
	host, port, err := net.SplitHostPort(asked)
	if err != nil || port != "0" || sh.place.Listen == "" {
		return asked
	}
	if asked == DefaultListen {
		return sh.place.Listen
	}
	_, last, err := net.SplitHostPort(sh.place.Listen)
	if err != nil {
		return asked
	}
	return net.JoinHostPort(host, last)
}

// listen opens the port; where the one that was kept is taken, it is any free one.
func (sh *sharing) listen(_, life context.Context) error {
	asked := sh.site.program.config.Listen
	address := sh.kept(asked)
	sh.dialer = &transport.Dialer{Credentials: sh.site.trust, Wall: sh.site.program.config.Wall, Entries: entryFormat()}
	listener, err := sh.open(life, address)
	if fault.Is(err, fault.PortInUse) && address != asked {
		listener, err = sh.open(life, asked)
	}
	if err != nil {
		return err
	}
	sh.listener = listener
	sh.site.onClose(listener.Close)
	sh.place.Listen = listener.Addresses()[0]
	return sh.remember()
}

func (sh *sharing) open(life context.Context, address string) (*transport.Listener, error) {
	return transport.Listen(life, transport.Config{
		Addresses: []string{address}, Protocols: []string{transport.Session, transport.RaftOf(sh.place.Generation), transport.Enrolment},
		Credentials: sh.site.trust, Wall: sh.site.program.config.Wall, Log: sh.site.program.config.Log, Entries: entryFormat(),
	})
}

// entryFormat gives the newest format of the cluster's log that this program reads.
func entryFormat() uint64 { return uint64(len(node.Formats())) }

// addresses gives where others reach this device.
func (sh *sharing) addresses() []string {
	return sh.site.program.reachable(sh.listener.Addresses())
}

func (p *Program) reachable(listening []string) []string {
	if len(p.config.Advertise) > 0 {
		return slices.Clone(p.config.Advertise)
	}
	var all []string
	for _, address := range listening {
		// What listens has an address that can be read; one that others cannot use is left out.
		if found, err := transport.Reachable(address); err == nil {
			all = append(all, found...)
		}
	}
	return all
}

// member reports whether this device is enrolled as a node.
func (sh *sharing) member() bool { return sh.site.trust.Identity().Role == Node }

func (sh *sharing) startNode(ctx, life context.Context) error {
	if !sh.member() || sh.fenced() {
		return nil
	}
	config := node.Config{
		Store: sh.site.store, Decider: sh.site.desk.Decider(), Device: sh.site.program.device.ID(),
		Dir: sh.site.program.path("raft"), Generation: sh.place.Generation, Key: sh.site.program.key, Wall: sh.site.program.config.Wall, Log: sh.site.program.config.Log,
	}
	if !sh.place.Embedded {
		advertised := sh.addresses()[0]
		protocol := transport.RaftOf(sh.place.Generation)
		layer := transport.NewRaftLayer(sh.listener.Protocol(protocol), sh.dialer, protocol, advertised, nil)
		config.Stream, config.Reads = layer, layer.Reads
		config.Bootstrap = sh.site.founding || sh.place.Refounds
	}
	var err error
	if sh.node, err = node.New(ctx, config); err != nil {
		return err
	}
	sh.site.onClose(sh.node.Close)
	if sh.place.Refounds {
		sh.place.Refounds = false
		if err := sh.remember(); err != nil {
			return err
		}
	}
	sh.running.Go(func() { sh.keepMembers(life) })
	sh.running.Go(func() { sh.keepClosing(life) })
	sh.running.Go(func() { sh.keepTending(life) })
	if sh.place.Embedded {
		sh.awaitLead(ctx)
	}
	return nil
}

// leadTime bounds how long a start waits for a group of one to lead itself. It takes a fraction of it, and work does not depend on it.
const leadTime = 2 * time.Second

// awaitLead lets a group of one settle, so that the first thing that is said of it is how it stands.
func (sh *sharing) awaitLead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leadTime)
	defer cancel()
	changes, done := sh.node.LeadershipChanges()
	defer done()
	for !sh.node.Leader().Self {
		select {
		case <-ctx.Done():
			return
		case <-changes:
		}
	}
}

// startIssuer lets a node that holds the authority admit other devices.
func (sh *sharing) startIssuer(_, life context.Context) error {
	p := sh.site.program
	authority, err := enrol.LoadAuthority(p.path("device", "authority"), p.device, p.config.Random)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if sh.ledger, err = enrol.OpenFileLedger(p.path("device", "invites")); err != nil {
		return err
	}
	sh.issuer = enrol.NewIssuer(enrol.IssuerConfig{
		Authority: authority, Ledger: sh.ledger, Peers: sh.introductions, Recovery: sh.site.newestRecovery, Revoked: sh.site.roster.revoked, Sites: sh.site.sitesOf,
		ClaimPerson: sh.site.claimPerson, Admitted: sh.site.admitted, Wall: p.config.Wall, Random: p.config.Random, Log: p.config.Log,
	})
	sh.running.Go(func() {
		err := sh.issuer.Serve(life, sh.listener.Protocol(transport.Enrolment))
		if err != nil && life.Err() == nil && !errors.Is(err, net.ErrClosed) {
			p.config.Log.Error("devices can no longer be admitted here", "error", err)
		}
	})
	return nil
}
