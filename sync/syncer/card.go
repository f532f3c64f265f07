package syncer

import (
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// card is the first frame of a connection, from each side: where the sender can be reached, and whom else it knows. It lets desktops of a site find each
// other on the day when no node is there to introduce them. It grants no trust. Spaces are those that a node holds: two nodes share what either holds.
type card struct {
	Addresses []string       `cbor:"1,keyasint,omitempty"`
	Others    []cardOfOther  `cbor:"2,keyasint,omitempty"`
	Spaces    []record.Space `cbor:"3,keyasint,omitempty"`
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
	othersMax    = 128
	spacesMax    = 512
	// cardTime bounds how long a peer may take to show its card.
	cardTime = 10 * time.Second
)

// ownCard makes the card for a peer: it names nodes, and desktops of sites that the peer reads.
func (s *Syncer) ownCard(to enrol.Identity) ([]byte, error) {
	c := card{Addresses: s.cfg.Addresses()}
	c.Addresses = c.Addresses[:min(len(c.Addresses), limit.AddressesMax)]
	if to.Role == enrol.Node && s.cfg.Credentials.Identity().Role == enrol.Node {
		c.Spaces = s.cfg.Store.Spaces()
		c.Spaces = c.Spaces[:min(len(c.Spaces), spacesMax)]
	}
	s.mu.Lock()
	for device, p := range s.peers {
		wanted := p.Role == enrol.Node || to.MayRead(record.SiteSpace(p.Site))
		if device != to.Device && wanted && len(p.Addresses) > 0 && len(c.Others) < othersMax && !s.cfg.Credentials.Revoked(device) {
			c.Others = append(c.Others, cardOfOther{device, p.Role, p.Name, p.Site, p.Addresses[:min(len(p.Addresses), 3)]})
		}
	}
	raw, err := record.Encode(c)
	s.mu.Unlock()
	return raw, err
}

// takeCard notes what a peer's card says, and gives the spaces that it names.
func (s *Syncer) takeCard(from enrol.Identity, raw []byte) ([]record.Space, error) {
	var c card
	if len(raw) > cardBytesMax {
		return nil, fault.New(fault.Invalid, "syncer.takeCard", "The other device sent more than fits the conversation. Nothing was exchanged.")
	}
	if err := record.Decode(raw, &c); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hear(from.Device, from.Role, c.Addresses[:min(len(c.Addresses), limit.AddressesMax)]...)
	for _, o := range c.Others[:min(len(c.Others), othersMax)] {
		known := s.peers[o.Device] != nil
		s.hear(o.Device, o.Role, o.Addresses[:min(len(o.Addresses), limit.AddressesMax)]...)
		if p := s.peers[o.Device]; !known && p != nil && len(o.Name) <= limit.NameBytesMax && len(o.Site) <= limit.NameBytesMax {
			p.Name, p.Site = o.Name, o.Site
		}
	}
	return c.Spaces[:min(len(c.Spaces), spacesMax)], nil
}
