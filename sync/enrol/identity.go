package enrol

import (
	"crypto/ed25519"
	"crypto/x509"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Role says what a device is in its cluster. It is an open string: an unknown role may do what a desktop may.
type Role string

const (
	// Desktop is a person's replica.
	Desktop Role = "desktop"
	// Node is a replica that may be a voter of the Raft group, holds every space, and can admit further devices.
	Node Role = "node"
)

// Identity is what a certificate says about a device. The authority vouches for all of it.
type Identity struct {
	Cluster uuid.UUID
	Device  record.DeviceID
	Role    Role
	Name    string    // of the device, for people
	Person  record.ID // whose device it is; zero for a node that is nobody's
	Sites   []string  // codes; the first is where the device stands
	Expires time.Time // of the certificate; zero in what is yet to be issued
}

// Site gives the code of the site where the device stands, or "".
func (i Identity) Site() string {
	if len(i.Sites) == 0 {
		return ""
	}
	return i.Sites[0]
}

// Spaces gives the spaces that the device is for: the organisation's and its sites'. A node may read all others too.
func (i Identity) Spaces() []record.Space {
	spaces := []record.Space{record.Organisation}
	for _, site := range i.Sites {
		spaces = append(spaces, record.SiteSpace(site))
	}
	return spaces
}

// MayRead reports whether the device may receive a space.
func (i Identity) MayRead(space record.Space) bool {
	return i.Role == Node || slices.Contains(i.Spaces(), space)
}

func (i Identity) validate() error {
	refuse := func(sentence string) error { return fault.New(fault.Invalid, "enrol.Identity", sentence) }
	switch {
	case i.Role != Desktop && i.Role != Node:
		return refuse("A device is either a desktop or a node.")
	case len(i.Name) > limit.NameBytesMax:
		return refuse("The device's name is too long.")
	case len(i.Sites) == 0 || len(i.Sites) > limit.AddressesMax:
		return refuse("A device needs between one site and eight.")
	}
	for _, site := range i.Sites {
		if site == "" || len(site) > limit.NameBytesMax || strings.ContainsAny(site, " /?&#\t\r\n") {
			return refuse("A site's code is made of letters and digits.")
		}
	}
	return nil
}

const uriScheme, uriHost = "holdfast", "cluster"

// uri gives holdfast://cluster/<cluster>/device/<device>?name=…&person=…&role=…&site=…
func (i Identity) uri() *url.URL {
	query := url.Values{"role": {string(i.Role)}, "site": i.Sites}
	if i.Name != "" {
		query.Set("name", i.Name)
	}
	if i.Person != uuid.Nil {
		query.Set("person", i.Person.String())
	}
	return &url.URL{Scheme: uriScheme, Host: uriHost, Path: "/" + i.Cluster.String() + "/device/" + i.Device.String(), RawQuery: query.Encode()}
}

// identityIn reads what a certificate says; whether to believe it is Trust's matter.
func identityIn(certificate *x509.Certificate) (Identity, error) {
	refused := fault.New(NotEnrolled, "enrol.identityIn", "The other side's certificate is not one of a Holdfast device.")
	key, isEd25519 := certificate.PublicKey.(ed25519.PublicKey)
	if !isEd25519 || len(certificate.URIs) != 1 {
		return Identity{}, refused
	}
	u := certificate.URIs[0]
	parts := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Scheme != uriScheme || u.Host != uriHost || len(parts) != 3 || parts[1] != "device" {
		return Identity{}, refused
	}
	cluster, err := uuid.Parse(parts[0])
	if err != nil {
		return Identity{}, refused
	}
	device, err := record.ParseDevice(parts[2])
	if err != nil || device != record.DeviceOf(key) {
		return Identity{}, refused
	}
	query := u.Query()
	id := Identity{
		Cluster: cluster, Device: device, Role: Role(query.Get("role")), Name: query.Get("name"), Sites: query["site"],
		Expires: certificate.NotAfter,
	}
	if person := query.Get("person"); person != "" {
		if id.Person, err = uuid.Parse(person); err != nil {
			return Identity{}, refused
		}
	}
	return id, nil
}
