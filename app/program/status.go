package program

import (
	"context"
	"slices"
	"strconv"
	"time"

	"holdfast/app/api"
	"holdfast/app/prefs"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/syncer"
	"holdfast/sync/transport"
)

// startSyncer begins to share with peers, unless the person chose to work offline.
func (sh *sharing) startSyncer(ctx, life context.Context) error {
	p := sh.site.program
	config := syncer.Config{
		Store: sh.site.store, Credentials: sh.site.trust, Dialer: sh.dialer, Listener: sh.listener.Protocol(transport.Session),
		Addresses: sh.addresses, Devices: sh.site.roster, Files: sh.site.files, Paused: p.prefs.Get().SyncPaused, Wall: p.config.Wall, Log: p.config.Log,
	}
	config.Generations, config.LeftBehind = sh.site.book, sh.site.former
	if sh.node != nil {
		config.Group, config.Generation = sh.node, sh.place.Generation
	}
	var err error
	if sh.syncer, err = syncer.New(ctx, config); err != nil {
		return err
	}
	sh.site.onClose(sh.syncer.Close)
	sh.running.Go(func() { sh.tellStatus(life) })
	sh.running.Go(func() { sh.followRecoveries(life) })
	sh.running.Go(func() { sh.keepNumbers(life) })
	sh.running.Go(func() { sh.keepRenewed(life) })
	sh.running.Go(func() { sh.keepNearby(life) })
	return nil
}

// tellStatus lets the interface know when sharing stands differently.
func (sh *sharing) tellStatus(life context.Context) {
	changes, done := sh.syncer.Changes()
	defer done()
	for {
		select {
		case <-life.Done():
			return
		case <-changes:
			if sh.obeyWipe() {
				return
			}
			sh.noteWhole(life)
			sh.site.program.changes.send(api.ChangeEvent{IDs: []string{}, Kinds: []string{}, Sync: true})
		}
	}
}

// noteWhole notes that a replica whose database was rebuilt has caught up with a node, or, as a node, with its group.
func (sh *sharing) noteWhole(ctx context.Context) {
	status := sh.syncer.Status()
	if status.State != syncer.UpToDate {
		return
	}
	caught := sh.node != nil && !sh.node.Embedded() || slices.ContainsFunc(status.Peers, func(peer syncer.PeerStatus) bool { return peer.Role == Node && peer.Covered })
	if caught {
		sh.try(ctx, "that the data is whole again could not be noted", sh.site.store.Completed(ctx))
	}
}

// introductions gives whom a joining device should know: this device first.
func (sh *sharing) introductions() []enrol.Peer {
	identity := sh.site.trust.Identity()
	known := []enrol.Peer{{
		Device: identity.Device, ID: identity.Device.String(), Role: identity.Role, Name: identity.Name, Addresses: sh.addresses(),
	}}
	if sh.syncer == nil {
		return known
	}
	return append(known, sh.syncer.Known()...)
}

// heldBy gives how far a node says that it is in a space.
func (sh *sharing) heldBy(device record.DeviceID, space record.Space) uint64 {
	return sh.syncer.Held(device, space)
}

// Status says how sharing stands.
func (sh *sharing) Status() api.SyncStatus {
	status := sh.syncer.Status()
	membership := sh.site.trust.Membership()
	view := api.SyncStatus{
		State: string(status.State), Sentence: sentence(&status), Embedded: sh.place.Embedded && sh.node != nil,
		Cluster: api.NamedID{ID: membership.Cluster.String(), Name: membership.ClusterName}, Peers: make([]api.Peer, 0, len(status.Peers)),
	}
	if view.ShutOut = shutOut(&status); view.ShutOut {
		view.Sentence = shutOutSentence
	}
	if sh.fenced() {
		view.Sentence = sh.fencedSentence(status.Waiting)
	}
	if !status.Since.IsZero() {
		view.Since = &status.Since
	}
	for i := range status.Peers {
		view.Peers = append(view.Peers, sh.peer(&status.Peers[i]))
	}
	return view
}

func (sh *sharing) peer(p *syncer.PeerStatus) api.Peer {
	view := api.Peer{
		Device: p.Device.String(), Name: p.Name, Role: string(p.Role), Address: p.Address, Person: sh.site.personRef(p.Person),
		Connected: p.Connected, Covered: p.Covered,
	}
	if !p.LastExchange.IsZero() {
		view.LastExchange = &p.LastExchange
	}
	if p.Trouble != nil {
		view.Error = &api.Trouble{Code: string(p.Trouble.Code), Sentence: p.Trouble.Sentence}
	}
	return view
}

const shutOutSentence = "An administrator shut this device out. Nobody shares with it any more; what is on it is kept. Ask an administrator."

// shutOut reports whether nobody shares with this device because the cluster has shut it out. It is told so by whoever refuses it.
func shutOut(status *syncer.Status) bool {
	return status.State == syncer.CutOff && slices.ContainsFunc(status.Peers, func(p syncer.PeerStatus) bool {
		return p.Trouble != nil && p.Trouble.Code == enrol.DeviceRevoked
	})
}

// sentence says how sharing stands, as a colleague would.
func sentence(status *syncer.Status) string {
	switch status.State {
	case syncer.Sharing:
		return "Sharing…"
	case syncer.Waiting:
		return waiting(status.Waiting) + "."
	case syncer.CutOff:
		return "Cut off since " + clockTime(status.Since) + " — everything you do is kept and shared when a peer is back."
	case syncer.Paused:
		return "Working offline since " + clockTime(status.Since) + " — everything you do is kept and shared when you go online again."
	}
	return "Up to date."
}

func waiting(n int) string {
	if n == 1 {
		return "1 change waiting"
	}
	return strconv.Itoa(n) + " changes waiting"
}

func clockTime(at time.Time) string { return at.Local().Format("15:04") }

// Pause works offline until Resume, over restarts too.
func (sh *sharing) Pause() error {
	sh.syncer.Pause()
	return sh.site.program.prefs.Update(func(s *prefs.Settings) { s.SyncPaused = true })
}

// Resume shares again.
func (sh *sharing) Resume() error {
	sh.syncer.Resume()
	return sh.site.program.prefs.Update(func(s *prefs.Settings) { s.SyncPaused = false })
}
