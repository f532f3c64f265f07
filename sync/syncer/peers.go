package syncer

import (
	"bytes"
	"context"
	"net"
	"slices"
	"time"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/transport"
)

// peer is a device that this one may share with. What is known here grants no trust: whoever answers must show its certificate.
type peer struct {
	Device    record.DeviceID `cbor:"1,keyasint"`
	Role      enrol.Role      `cbor:"2,keyasint"`
	Name      string          `cbor:"3,keyasint"`
	Site      string          `cbor:"4,keyasint"`
	Person    record.ID       `cbor:"5,keyasint"`
	Addresses []string        `cbor:"6,keyasint"` // the one that last worked first
	Reached   time.Time       `cbor:"7,keyasint"` // when an address last worked
	Exchanged time.Time       `cbor:"8,keyasint"` // when something was last exchanged
	// Astray says that this device has moved since the two last met, so that the peer looks for it where it is no more.
	Astray bool `cbor:"9,keyasint,omitempty"`
	// Digests says that the peer's program reads digests of cards; Told is the digest of whom it told of last, all of whom are known here.
	Digests bool   `cbor:"10,keyasint,omitempty"`
	Told    []byte `cbor:"11,keyasint,omitempty"`

	trouble *Trouble
	covered bool
	taken   uint64
	moved   uint64 // data messages that the last session moved, either way
	tried   bool   // at least once in this run
	passes  int    // how often it was dialled in vain and had to let others have their turn
}

const (
	peersName     = "syncer/peers"
	addressesName = "syncer/addresses"
	// peersMax bounds the peers that are remembered; the stored list must fit into a named value of the store.
	peersMax = 4096
	savedMax = 60 << 10
)

// load reads the peers of earlier runs and those that the invite named.
func (s *Syncer) load() {
	raw, err := s.cfg.Store.Meta(peersName)
	var stored []*peer
	if err == nil && raw != nil {
		err = record.Decode(raw, &stored)
	}
	if err != nil {
		s.cfg.Log.Warn("The list of known peers could not be read; it is gathered anew.", "error", err)
	}
	for _, p := range stored {
		if p != nil && len(s.peers) < peersMax {
			s.peers[p.Device] = p
		}
	}
	for _, p := range s.cfg.Credentials.Membership().Peers {
		known := s.peers[p.Device]
		s.hear(p.Device, p.Role, p.Addresses...)
		if known == nil && s.peers[p.Device] != nil {
			s.peers[p.Device].Name = p.Name
		}
	}
	s.unsaved = false
	s.noteMove()
}

// noteMove compares where this device is reached with where it was in its last run; peers that it had met before a move look for it in vain.
func (s *Syncer) noteMove() {
	now := s.cfg.Addresses()
	raw, err := s.cfg.Store.Meta(addressesName)
	var before []string
	if err == nil && raw != nil {
		err = record.Decode(raw, &before)
	}
	if err != nil {
		s.cfg.Log.Warn("Where this device was reached before could not be read.", "error", err)
	}
	if slices.Equal(before, now) {
		return
	}
	for _, p := range s.peers {
		if raw != nil {
			p.Astray, s.unsaved = true, true
		}
	}
	if raw, err = record.Encode(now); err == nil {
		err = s.cfg.Store.SetMeta(s.life, addressesName, raw)
	}
	if err != nil {
		s.cfg.Log.Warn("Where this device is reached could not be stored.", "error", err)
	}
}

// save stores the peers, those of most use first.
func (s *Syncer) save(ctx context.Context) error {
	s.mu.Lock()
	var all []peer
	for _, p := range s.peers {
		copied := *p
		copied.Addresses = slices.Clone(p.Addresses)
		all = append(all, copied)
	}
	s.unsaved = false
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b peer) int {
		if (a.Role == enrol.Node) != (b.Role == enrol.Node) {
			if a.Role == enrol.Node {
				return -1
			}
			return 1
		}
		if c := b.Reached.Compare(a.Reached); c != 0 {
			return c
		}
		return bytes.Compare(a.Device[:], b.Device[:])
	})
	for {
		raw, err := record.Encode(all)
		if err != nil {
			return err
		}
		if len(raw) <= savedMax {
			return s.cfg.Store.SetMeta(ctx, peersName, raw)
		}
		all = all[:len(all)*savedMax/len(raw)]
		for i := range all {
			all[i].Told = nil // who is left out has to be told of again
		}
	}
}

// hear notes where a device is said to be. The caller holds mu, or is alone.
func (s *Syncer) hear(device record.DeviceID, role enrol.Role, addresses ...string) {
	if device == s.cfg.Credentials.Identity().Device || device.IsZero() {
		return
	}
	p := s.peers[device]
	if p == nil {
		if len(s.peers) >= peersMax {
			return
		}
		p = &peer{Device: device, Role: role}
		s.peers[device] = p
	}
	for _, address := range addresses {
		if _, _, err := net.SplitHostPort(address); err != nil || len(address) > limit.AddressBytesMax || slices.Contains(p.Addresses, address) {
			continue
		}
		if len(p.Addresses) == limit.AddressesMax {
			p.Addresses = p.Addresses[:limit.AddressesMax-1]
		}
		p.Addresses = append(p.Addresses, address)
		p.passes = 0
		s.unsaved = true
	}
}

// meet notes what a certificate says of a peer, and the address at which it was reached ("" when it came by itself).
func (s *Syncer) meet(who transport.Peer, address string) *peer {
	s.hear(who.Device, who.Role)
	p := s.peers[who.Device]
	if p == nil {
		return &peer{Device: who.Device}
	}
	p.Role, p.Name, p.Site, p.Person = who.Role, who.Name, who.Site(), who.Person
	p.trouble, p.Astray, p.passes = nil, false, 0
	s.unsaved = true
	if address != "" {
		p.Addresses = slices.Insert(slices.DeleteFunc(p.Addresses, func(a string) bool { return a == address }), 0, address)
		p.Reached = s.cfg.Wall().UTC()
	}
	return p
}

// Known gives the devices that this one knows an address of, nodes first: what a joining device is told.
func (s *Syncer) Known() []enrol.Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []enrol.Peer
	for _, p := range s.peers {
		if len(p.Addresses) > 0 && !s.cfg.Credentials.Revoked(p.Device) {
			all = append(all, enrol.Peer{Device: p.Device, Role: p.Role, Name: p.Name, Addresses: slices.Clone(p.Addresses)})
		}
	}
	slices.SortFunc(all, func(a, b enrol.Peer) int {
		if (a.Role == enrol.Node) != (b.Role == enrol.Node) {
			if a.Role == enrol.Node {
				return -1
			}
			return 1
		}
		return bytes.Compare(a.Device[:], b.Device[:])
	})
	return all
}
