// Package enroltest gives tests real devices of a real cluster without the steps of an enrolment.
package enroltest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// Cluster is a cluster of its own authority.
type Cluster struct {
	Authority *enrol.Authority
	Wall      clock.Wall
}

// New founds a cluster on the real clock.
func New(t testing.TB) *Cluster { return At(t, time.Now) }

// At founds a cluster on another clock.
func At(t testing.TB, wall clock.Wall) *Cluster {
	t.Helper()
	authority, err := enrol.NewAuthority("Test cluster", wall, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Cluster{Authority: authority, Wall: wall}
}

// Node makes an enrolled node at the site.
func (c *Cluster) Node(t testing.TB, name, site string) *enrol.Credentials {
	t.Helper()
	return c.Member(t, enrol.Identity{Role: enrol.Node, Name: name, Sites: []string{site}}, nil)
}

// Desktop makes an enrolled desktop at the site, of a person of its own.
func (c *Cluster) Desktop(t testing.TB, name, site string) *enrol.Credentials {
	t.Helper()
	return c.Member(t, enrol.Identity{Role: enrol.Desktop, Name: name, Person: uuid.Must(uuid.NewV7()), Sites: []string{site}}, nil)
}

// Member makes any device; standing is what it holds of others, nil: all are welcome.
func (c *Cluster) Member(t testing.TB, identity enrol.Identity, standing func(record.DeviceID) enrol.Standing) *enrol.Credentials {
	t.Helper()
	device, err := enrol.NewDevice(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := enrol.NewCredentials(device, c.Membership(t, device, identity), standing)
	if err != nil {
		t.Fatal(err)
	}
	return credentials
}

// Membership issues what a device would have got by joining.
func (c *Cluster) Membership(t testing.TB, device *enrol.Device, identity enrol.Identity) *enrol.Membership {
	t.Helper()
	certificate, err := c.Authority.Issue(identity, device.PublicKey(), nil, c.Wall())
	if err != nil {
		t.Fatal(err)
	}
	return &enrol.Membership{
		Cluster: c.Authority.Cluster(), ClusterName: c.Authority.ClusterName(), Certificate: certificate,
		Authority: c.Authority.Certificate(), Joined: c.Wall(),
	}
}

// ShuttingOut gives a standing that shuts out the devices that out names and welcomes all others.
func ShuttingOut(out func(record.DeviceID) bool) func(record.DeviceID) enrol.Standing {
	return func(d record.DeviceID) enrol.Standing {
		if out(d) {
			return enrol.ShutOut
		}
		return enrol.Welcome
	}
}
