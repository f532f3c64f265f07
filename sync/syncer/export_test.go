package syncer

import (
	"time"

	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// HearOf lets the syncer know desktops of a site as if peers had told of them.
func (s *Syncer) HearOf(site string, devices map[record.DeviceID]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for device, address := range devices {
		s.hear(device, enrol.Desktop, address)
		if p := s.peers[device]; p != nil {
			p.Name, p.Site, p.Exchanged = "A desktop with a name", site, time.Now()
		}
	}
}

// Sights gives how many addresses are remembered that were announced nearby.
func (s *Syncer) Sights() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sights)
}

// SightsMax bounds them.
const SightsMax = sightsMax
