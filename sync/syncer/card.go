package syncer

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// card is the first frame of a connection, from each side: where the sender can be reached, and whom else it knows. It lets desktops of a site find each
// other on the day when no node is there to introduce them. It grants no trust. Spaces are those that a node holds: two nodes share what either holds.
//
// Whom else the sender knows is long and hardly changes. So a peer that reads digests is told only the digest of it, and the list follows in a second card
// when that is not the digest of what the peer says that it got last.
type card struct {
	Addresses []string       `cbor:"1,keyasint,omitempty"`
	Others    []cardOfOther  `cbor:"2,keyasint,omitempty"`
	Spaces    []record.Space `cbor:"3,keyasint,omitempty"`
	// Digest is that of Others as the receiver is told them; Held that of those that the sender got from the receiver last. A program that knows no digests
	// sends neither, and tells Others at once.
	Digest []byte `cbor:"4,keyasint,omitempty"`
	Held   []byte `cbor:"5,keyasint,omitempty"`
	// Whole says that Others are in this card, so that no second one comes.
	Whole bool `cbor:"6,keyasint,omitempty"`
}

type cardOfOther struct {
	Device    record.DeviceID `cbor:"1,keyasint"`
	Role      enrol.Role      `cbor:"2,keyasint"`
	Name      string          `cbor:"3,keyasint"`
	Site      string          `cbor:"4,keyasint"`
	Addresses []string        `cbor:"5,keyasint"`
}

const (
	cardBytesMax = 64 << 10
	// othersBytesMax leaves a card room for the rest.
	othersBytesMax = 40 << 10
	othersMax      = 128
	spacesMax      = 512
	digestBytes    = 16
	// cardTime bounds how long a peer may take to show its card.
	cardTime = 10 * time.Second
	// recently is how long ago a device may have been met for it to be told of before those that nobody has heard from.
	recently = 30 * 24 * time.Hour
)

// ownCard makes the whole card for a peer.
func (s *Syncer) ownCard(to enrol.Identity) (card, error) {
	c := card{Addresses: s.cfg.Addresses(), Whole: true}
	c.Addresses = c.Addresses[:min(len(c.Addresses), limit.AddressesMax)]
	if to.Role == enrol.Node && s.cfg.Credentials.Identity().Role == enrol.Node {
		c.Spaces = s.cfg.Store.Spaces()
		c.Spaces = c.Spaces[:min(len(c.Spaces), spacesMax)]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Others = s.othersFor(to)
	for {
		raw, err := record.Encode(c.Others)
		if err != nil {
			return c, err
		}
		if len(raw) <= othersBytesMax {
			sum := sha256.Sum256(raw)
			c.Digest = sum[:digestBytes]
			break
		}
		c.Others = c.Others[:len(c.Others)/2]
	}
	if p := s.peers[to.Device]; p != nil {
		c.Held = p.Told
	}
	return c, nil
}

// othersFor gives whom a peer is told of: nodes, and desktops of sites that it reads. The choice stays the same while the devices do. Of more desktops than
// are told, each peer is told of other ones, so that between them they know all. The caller holds mu.
func (s *Syncer) othersFor(to enrol.Identity) []cardOfOther {
	type ranked struct {
		*peer
		rank [sha256.Size]byte
	}
	var all []ranked
	since := s.cfg.Wall().Add(-recently)
	for device, p := range s.peers {
		wanted := p.Role == enrol.Node || to.MayRead(record.SiteSpace(p.Site))
		if device == to.Device || !wanted || len(p.Addresses) == 0 || s.cfg.Credentials.Revoked(device) {
			continue
		}
		one := ranked{peer: p, rank: sha256.Sum256(slices.Concat(to.Device[:], device[:]))}
		switch { // the first byte says what matters most
		case p.Role == enrol.Node:
			one.rank[0] = 0
		case p.Exchanged.After(since):
			one.rank[0] = 1
		default:
			one.rank[0] = 2
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b ranked) int { return bytes.Compare(a.rank[:], b.rank[:]) })
	var others []cardOfOther
	for _, p := range all[:min(len(all), othersMax)] {
		// A copy: the list is written down while the peers move on.
		others = append(others, cardOfOther{p.Device, p.Role, p.Name, p.Site, slices.Clone(p.Addresses[:min(len(p.Addresses), 3)])})
	}
	return others
}

// brief gives the card for a peer that reads digests; c, for another.
func (s *Syncer) brief(to record.DeviceID, c card) card {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.peers[to]; p != nil && p.Digests {
		c.Others, c.Whole = nil, false
	}
	return c
}

// follows reports whether a second card follows the first one, by what the receiver said that it holds.
func (c *card) follows(held []byte) bool {
	return len(c.Digest) > 0 && !c.Whole && !bytes.Equal(c.Digest, held)
}

func decodeCard(raw []byte) (card, error) {
	var c card
	if len(raw) > cardBytesMax {
		return c, fault.New(fault.Invalid, "syncer.decodeCard", "The other device sent more than fits the conversation. Nothing was exchanged.")
	}
	return c, record.Decode(raw, &c)
}

// takeCards notes what a peer's cards say, and gives the spaces that they name. others are those of the second card where one came.
func (s *Syncer) takeCards(from enrol.Identity, c *card, others []cardOfOther) []record.Space {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hear(from.Device, from.Role, c.Addresses[:min(len(c.Addresses), limit.AddressesMax)]...)
	for _, o := range others[:min(len(others), othersMax)] {
		known := s.peers[o.Device] != nil
		s.hear(o.Device, o.Role, o.Addresses[:min(len(o.Addresses), limit.AddressesMax)]...)
		if p := s.peers[o.Device]; !known && p != nil && len(o.Name) <= limit.NameBytesMax && len(o.Site) <= limit.NameBytesMax {
			p.Name, p.Site = o.Name, o.Site
		}
	}
	if p := s.peers[from.Device]; p != nil {
		p.Digests, p.Told = len(c.Digest) == digestBytes, nil
		if p.Digests {
			p.Told = c.Digest
		}
	}
	return c.Spaces[:min(len(c.Spaces), spacesMax)]
}
