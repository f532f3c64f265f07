package session

import (
	"context"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

func (s *Session) takeDevices(ctx context.Context, m *Introductions) error {
	for _, device := range m.Devices {
		id := record.DeviceOf(device.Key)
		if s.cfg.Devices.KeyOf(id) != nil {
			continue
		}
		if err := s.cfg.Devices.Admit(ctx, device); err != nil {
			if fault.Is(err, fault.Unavailable) {
				return err
			}
			// Its edits stay with the peer. That the device is not (or no longer) one of the cluster is no fault of the one who carries its work.
			s.cfg.Log.Warn("a device was not admitted", "device", id, "peer", s.peer.Device, "error", err)
		}
	}
	return nil
}

func (s *Session) takeWantDevices(m *WantDevices) error {
	var known []Device
	for _, id := range m.IDs {
		if device, ok := s.cfg.Devices.Introduce(id); ok {
			known = append(known, device)
		}
	}
	if len(known) > 0 {
		s.controls = append(s.controls, &Introductions{Devices: known})
	}
	return nil
}

// introduce gives the message that introduces an author to a peer that may not know it, once a session; nil when there is none.
func (s *Session) introduce(sh *sharing, author record.DeviceID) Message {
	if s.introduced[author] || author == s.peer.Device {
		return nil
	}
	s.introduced[author] = true
	for of := range sh.held {
		if of.Device == author {
			return nil // the peer holds edits of the author, so it knows the author
		}
	}
	device, known := s.cfg.Devices.Introduce(author)
	if !known {
		return nil
	}
	return &Introductions{Devices: []Device{device}}
}
