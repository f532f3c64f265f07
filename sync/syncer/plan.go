package syncer

import (
	"bytes"
	"cmp"
	"slices"

	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

const (
	nodesMax    = 8  // nodes dialled at a time while none is reached
	desktopsMax = 16 // desktops dialled at a time while no node is reached
	astrayMax   = 8  // desktops dialled at a time by a node that has moved
)

// view is what the choice of whom to dial depends on.
type view struct {
	self   enrol.Identity
	member bool            // of the Raft group
	leader record.DeviceID // zero: none is known
	peers  []*peer
	live   map[record.DeviceID]bool // sessions that are up, whoever dialled
	// dialled are those of the sessions that this device dialled.
	dialled map[record.DeviceID]bool
	// left are the nodes that a recovery of the cluster has left behind.
	left map[record.DeviceID]bool
}

// choose says whom to dial, best first.
//
// A desktop keeps to one node, of its own site if it can; without any node it turns to the other desktops. A member of the group keeps to the leader,
// so that tentative edits flow to it, and without a leader to the other nodes. The leader of a recovered cluster tells the nodes that were left behind. One that has moved dials its desktops, the last ones met first, until each has met it: they look for it
// where it was, and tell each other. Of more desktops than are dialled at a time, those that were dialled in vain let the others have their turn.
func choose(v view) []record.DeviceID {
	nodes, desktops := v.sorted(enrol.Node), v.sorted(enrol.Desktop)
	switch {
	case v.member && v.leader == v.self.Device:
		return append(v.astray(desktops), v.leftBehind(nodes)...)
	case v.member && !v.leader.IsZero():
		return append([]record.DeviceID{v.leader}, v.astray(desktops)...)
	case v.member:
		return append(ids(nodes, nodesMax), v.astray(desktops)...)
	}
	for at, p := range nodes {
		if !v.live[p.Device] {
			continue
		}
		better := nodes[:at]
		if v.near(p) {
			better = nil
		}
		better = slices.DeleteFunc(slices.Clone(better), func(p *peer) bool { return !v.near(p) })
		return append(ids(better, nodesMax), p.Device)
	}
	return append(ids(nodes, nodesMax), ids(desktops, desktopsMax)...)
}

// sorted gives the peers of a role: desktops whose turn it is, then those of the own site, then those that were reached last.
func (v *view) sorted(role enrol.Role) []*peer {
	var found []*peer
	for _, p := range v.peers {
		if (p.Role == enrol.Node) == (role == enrol.Node) && p.Device != v.self.Device && len(p.Addresses) > 0 {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b *peer) int {
		if c := cmp.Compare(a.passes, b.passes); c != 0 && role == enrol.Desktop {
			return c
		}
		if v.near(a) != v.near(b) {
			if v.near(a) {
				return -1
			}
			return 1
		}
		if c := b.Reached.Compare(a.Reached); c != 0 {
			return c
		}
		return bytes.Compare(a.Device[:], b.Device[:])
	})
	return found
}

// astray gives the desktops that do not know where this device is now; one that is being told stays until it is.
func (v *view) astray(desktops []*peer) []record.DeviceID {
	lost := slices.DeleteFunc(slices.Clone(desktops), func(p *peer) bool { return !p.Astray && !v.dialled[p.Device] })
	slices.SortStableFunc(lost, func(a, b *peer) int { return b.Exchanged.Compare(a.Exchanged) })
	return ids(lost, astrayMax)
}

// leftBehind gives the nodes that do not know of the cluster's recovery yet, or are handing over what it lacks: they look for nobody while they lead a group of their own.
func (v *view) leftBehind(nodes []*peer) []record.DeviceID {
	return ids(slices.DeleteFunc(slices.Clone(nodes), func(p *peer) bool { return !v.left[p.Device] }), nodesMax)
}

// near reports whether a peer stands at the own site.
func (v *view) near(p *peer) bool { return p.Site != "" && p.Site == v.self.Site() }

func ids(peers []*peer, most int) []record.DeviceID {
	var all []record.DeviceID
	for _, p := range peers[:min(len(peers), most)] {
		all = append(all, p.Device)
	}
	return all
}

// targets applies choose to how things stand. Peers that dialled this device themselves need not be dialled.
func (s *Syncer) targets() []record.DeviceID {
	v := view{self: s.cfg.Credentials.Identity(), live: map[record.DeviceID]bool{}, dialled: map[record.DeviceID]bool{}}
	if s.cfg.Group != nil {
		leader := s.cfg.Group.Leader()
		v.member, v.leader = true, leader.Leader
		if leader.Address != "" && !leader.Self {
			s.hear(leader.Leader, enrol.Node, leader.Address)
		}
	}
	if s.cfg.LeftBehind != nil {
		v.left = s.cfg.LeftBehind()
	}
	for device := range s.peers {
		if !s.cfg.Credentials.Revoked(device) {
			v.peers = append(v.peers, s.peers[device])
		}
	}
	for device, t := range s.talks {
		v.live[device], v.dialled[device] = true, t.outgoing
	}
	return slices.DeleteFunc(choose(v), func(device record.DeviceID) bool {
		t := s.talks[device]
		return s.peers[device] == nil || t != nil && !t.outgoing
	})
}
