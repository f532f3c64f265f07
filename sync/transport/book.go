package transport

import (
	"cmp"
	"net"
	"slices"
	"sync"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Book remembers at which addresses devices were last reached. It grants no trust: whoever answers must show the certificate. Safe for
// concurrent use; its owner stores Encode's bytes and gives them to OpenBook at the next start.
type Book struct {
	mu    sync.Mutex
	known map[record.DeviceID][]Sighting
}

// Sighting is one address of a device.
type Sighting struct {
	Address string    `cbor:"1,keyasint"` // "host:port"
	Reached time.Time `cbor:"2,keyasint"` // when it last worked; zero: only heard of
	Heard   time.Time `cbor:"3,keyasint"`
}

type bookEntry struct {
	Device    record.DeviceID `cbor:"1,keyasint"`
	Sightings []Sighting      `cbor:"2,keyasint"`
}

const devicesMax = 10_000

// NewBook makes an empty book.
func NewBook() *Book { return &Book{known: map[record.DeviceID][]Sighting{}} }

// OpenBook reads what Encode wrote.
func OpenBook(raw []byte) (*Book, error) {
	var entries []bookEntry
	if err := record.Decode(raw, &entries); err != nil {
		return nil, fault.Wrap(err, fault.Corrupt, "transport.OpenBook", "The list of known addresses is damaged. It is gathered anew.")
	}
	b := NewBook()
	for _, e := range entries {
		b.known[e.Device] = e.Sightings
	}
	return b, nil
}

// Encode gives the book's content, the same bytes for the same content.
func (b *Book) Encode() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entries := make([]bookEntry, 0, len(b.known))
	for device, sightings := range b.known {
		entries = append(entries, bookEntry{device, sightings})
	}
	slices.SortFunc(entries, func(x, y bookEntry) int { return slices.Compare(x.Device[:], y.Device[:]) })
	return record.Encode(entries)
}

// Heard notes addresses that somebody named: an invite, the device itself, another peer.
func (b *Book) Heard(device record.DeviceID, now time.Time, addresses ...string) {
	for _, address := range addresses {
		b.note(device, Sighting{Address: address, Heard: now.UTC()})
	}
}

// Reached notes that a device showed its certificate at an address.
func (b *Book) Reached(device record.DeviceID, now time.Time, address string) {
	b.note(device, Sighting{Address: address, Reached: now.UTC(), Heard: now.UTC()})
}

// Forget drops a device.
func (b *Book) Forget(device record.DeviceID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, device)
}

// Addresses gives a device's addresses, the one that last worked first.
func (b *Book) Addresses(device record.DeviceID) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	addresses := make([]string, 0, limit.AddressesMax)
	for _, s := range b.known[device] {
		addresses = append(addresses, s.Address)
	}
	return addresses
}

// Devices gives all devices that have an address, in no particular order.
func (b *Book) Devices() []record.DeviceID {
	b.mu.Lock()
	defer b.mu.Unlock()
	devices := make([]record.DeviceID, 0, len(b.known))
	for device := range b.known {
		devices = append(devices, device)
	}
	return devices
}

// note keeps the best limit.AddressesMax addresses of a device.
func (b *Book) note(device record.DeviceID, s Sighting) {
	if _, _, err := net.SplitHostPort(s.Address); err != nil || len(s.Address) > limit.AddressBytesMax {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	held := b.known[device]
	if held == nil && len(b.known) >= devicesMax {
		return
	}
	if i := slices.IndexFunc(held, func(h Sighting) bool { return h.Address == s.Address }); i >= 0 {
		held[i].Reached = later(held[i].Reached, s.Reached)
		held[i].Heard = later(held[i].Heard, s.Heard)
	} else {
		held = append(held, s)
	}
	slices.SortStableFunc(held, func(x, y Sighting) int {
		return cmp.Or(y.Reached.Compare(x.Reached), y.Heard.Compare(x.Heard))
	})
	b.known[device] = held[:min(len(held), limit.AddressesMax)]
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Reachable gives the addresses by which others can reach a port that listens at address: itself, or, when it listens on all interfaces, the
// machine's addresses: those of the network, those that it gave itself (IPv4), loopback.
func Reachable(address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "transport.Reachable", "The address "+address+" is not valid.")
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return []string{address}, nil
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "transport.Reachable", "This machine's network addresses could not be listed.")
	}
	var network, given, loopback []string
	for _, a := range interfaces {
		prefix, isNet := a.(*net.IPNet)
		if !isNet || prefix.IP.IsLinkLocalUnicast() && prefix.IP.To4() == nil {
			continue // such an address of IPv6 leads nowhere without the name of the other's interface
		}
		switch joined := net.JoinHostPort(prefix.IP.String(), port); {
		case prefix.IP.IsLoopback():
			loopback = append(loopback, joined)
		case prefix.IP.IsLinkLocalUnicast():
			given = append(given, joined)
		default:
			network = append(network, joined)
		}
	}
	all := slices.Concat(network, given, loopback)
	return all[:min(len(all), limit.AddressesMax)], nil
}
