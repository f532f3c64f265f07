package enrol

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Membership is what a device has got by joining: nothing in it is secret.
type Membership struct {
	Cluster     uuid.UUID `json:"cluster"`
	ClusterName string    `json:"clusterName"`
	Certificate []byte    `json:"certificate"` // the device's, DER
	Authority   []byte    `json:"authority"`   // the authority's, DER
	Peers       []Peer    `json:"peers,omitempty"`
	Joined      time.Time `json:"joined"`
	Recovery    []byte    `json:"recovery,omitempty"` // the signed statement of the cluster's newest recovery when the device joined
}

// Peer is a device of the cluster with the addresses ("host:port") at which it was last known.
type Peer struct {
	Device    record.DeviceID `json:"-" cbor:"1,keyasint"`
	ID        string          `json:"device" cbor:"-"`
	Role      Role            `json:"role" cbor:"2,keyasint"`
	Name      string          `json:"name" cbor:"3,keyasint"`
	Addresses []string        `json:"addresses" cbor:"4,keyasint"`
}

// Founding says what a new cluster starts with. The founder is its first device.
type Founding struct {
	ClusterName string
	Founder     Identity // Role, Name, Person and Sites
	Hosts       []string // as in Authority.Issue
}

// Found makes a new cluster with the device as its first member and holder of the authority.
func Found(device *Device, f Founding, wall clock.Wall, random io.Reader) (*Authority, *Membership, error) {
	authority, err := NewAuthority(f.ClusterName, wall, random)
	if err != nil {
		return nil, nil, err
	}
	now := wall()
	certificate, err := authority.Issue(f.Founder, device.PublicKey(), f.Hosts, now)
	if err != nil {
		return nil, nil, err
	}
	return authority, &Membership{
		Cluster:     authority.Cluster(),
		ClusterName: authority.ClusterName(),
		Certificate: certificate,
		Authority:   authority.Certificate(),
		Joined:      now.UTC(),
	}, nil
}

// SaveMembership writes a membership to path, durably and never torn.
func SaveMembership(path string, m *Membership) error {
	stored := *m
	stored.Peers = nil
	for _, peer := range m.Peers {
		peer.ID = peer.Device.String()
		stored.Peers = append(stored.Peers, peer)
	}
	raw, err := json.MarshalIndent(stored, "", "  ")
	if err != nil {
		return err
	}
	return diskfile.Replace(path, append(raw, '\n'), secretMode)
}

// LoadMembership reads what SaveMembership wrote. A device that has joined nothing has no such file: fault.NotFound.
func LoadMembership(path string) (*Membership, error) {
	raw, err := readStored(path, "enrol.LoadMembership", "This device has not joined a cluster yet. Start a new site, or join one with an invite.")
	if err != nil {
		return nil, err
	}
	damaged := "The membership file " + path + " is damaged. Put it back from a copy, or join again with a new invite; it was not changed."
	var m Membership
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, "enrol.LoadMembership", damaged)
	}
	for i := range m.Peers {
		if m.Peers[i].Device, err = record.ParseDevice(m.Peers[i].ID); err != nil {
			return nil, fault.Wrap(err, fault.Corrupt, "enrol.LoadMembership", damaged)
		}
	}
	return &m, nil
}

// SaveAuthority writes the authority to path, encrypted to the device, so that a copy of the folder does not give it away.
func SaveAuthority(path string, device *Device, a *Authority) error {
	sealed, err := a.Seal(device.BoxKey())
	if err != nil {
		return err
	}
	return diskfile.Replace(path, sealed, secretMode)
}

// LoadAuthority reads what SaveAuthority wrote; fault.NotFound where this device does not hold the authority.
func LoadAuthority(path string, device *Device, random io.Reader) (*Authority, error) {
	sealed, err := readStored(path, "enrol.LoadAuthority", "This device cannot admit others: it does not hold the cluster's authority. Use a node.")
	if err != nil {
		return nil, err
	}
	return OpenAuthority(device, sealed, random)
}

func readStored(path, op, absent string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, op, absent)
	}
	return raw, fault.Wrap(err, diskfile.Code(err), op, "The file "+path+" could not be read. Give this user the right to read it; it was not changed.")
}
