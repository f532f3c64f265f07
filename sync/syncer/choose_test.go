package syncer

import (
	"slices"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

func TestChoose(t *testing.T) {
	device := func(n byte) record.DeviceID { return record.DeviceID{n} }
	known := func(n byte, role enrol.Role, site string, reached int64) *peer {
		return &peer{Device: device(n), Role: role, Site: site, Addresses: []string{"192.0.2.1:1"}, Reached: time.Unix(reached, 0)}
	}
	near, nearToo, far := known(1, enrol.Node, "LYO", 5), known(2, enrol.Node, "LYO", 9), known(3, enrol.Node, "BER", 20)
	colleague, elsewhere := known(4, enrol.Desktop, "LYO", 1), known(5, enrol.Desktop, "BER", 30)
	vain := known(7, enrol.Desktop, "LYO", 40)
	vain.passes = 1
	silent := &peer{Device: device(6), Role: enrol.Node, Site: "LYO"}
	all := []*peer{vain, elsewhere, colleague, far, near, nearToo, silent}
	self := enrol.Identity{Device: device(100), Role: enrol.Desktop, Sites: []string{"LYO"}}
	for name, c := range map[string]struct {
		member bool
		leader byte
		live   []byte
		left   []byte
		want   []byte
	}{
		"nobody is reached":                     {want: []byte{2, 1, 3, 4, 5, 7}},
		"a node of the site is reached":         {live: []byte{1}, want: []byte{1}},
		"a node elsewhere is reached":           {live: []byte{3}, want: []byte{2, 1, 3}},
		"two nodes are reached":                 {live: []byte{3, 2}, want: []byte{2}},
		"a desktop is reached":                  {live: []byte{4}, want: []byte{2, 1, 3, 4, 5, 7}},
		"a member whose leader is known":        {member: true, leader: 3, want: []byte{3}},
		"a member that leads":                   {member: true, leader: 100, live: []byte{1}},
		"a leader whose cluster was recovered":  {member: true, leader: 100, left: []byte{1, 6}, want: []byte{1}},
		"a member without a leader":             {member: true, want: []byte{2, 1, 3}},
		"a member whose leader nobody heard of": {member: true, leader: 77, want: []byte{77}},
	} {
		t.Run(name, func(t *testing.T) {
			v := view{self: self, member: c.member, peers: slices.Clone(all), live: map[record.DeviceID]bool{}, left: map[record.DeviceID]bool{}}
			for _, n := range c.left {
				v.left[device(n)] = true
			}
			if c.leader != 0 {
				v.leader = device(c.leader)
			}
			for _, n := range c.live {
				v.live[device(n)] = true
			}
			var want []record.DeviceID
			for _, n := range c.want {
				want = append(want, device(n))
			}
			if got := choose(v); !slices.Equal(got, want) {
				t.Errorf("dialled are %v, not %v", got, want)
			}
		})
	}
}
