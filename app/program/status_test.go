package program

import (
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/sync/enrol"
	"holdfast/sync/syncer"
)

func TestADeviceSaysThatItWasShutOut(t *testing.T) {
	refused := syncer.PeerStatus{Trouble: &syncer.Trouble{Code: enrol.DeviceRevoked}}
	away := syncer.PeerStatus{Trouble: &syncer.Trouble{Code: fault.Unavailable}}
	for _, c := range []struct {
		name  string
		state syncer.State
		peers []syncer.PeerStatus
		want  bool
	}{
		{"refused by one that answers", syncer.CutOff, []syncer.PeerStatus{away, refused}, true},
		{"nobody answers", syncer.CutOff, []syncer.PeerStatus{away, {}}, false},
		{"others still share with it", syncer.UpToDate, []syncer.PeerStatus{{Connected: true}, refused}, false},
	} {
		if got := shutOut(&syncer.Status{State: c.state, Peers: c.peers}); got != c.want {
			t.Errorf("%s: shut out is %v, want %v", c.name, got, c.want)
		}
	}
}
