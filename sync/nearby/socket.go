package nearby

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"golang.org/x/net/ipv4"
)

// group is where multicast DNS is spoken.
var group = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// hops is what multicast DNS asks of its packets; routers do not pass them on whatever it is.
const hops = 255

// Interface is one interface of this computer with its IPv4 addresses.
type Interface struct {
	net.Interface
	Prefixes []netip.Prefix
}

// Interfaces gives the interfaces on which a port that listens at host is reached by others: all that are up and carry multicast where host names none, that
// of host otherwise. Loopback reaches nobody else and is not among them.
func Interfaces(host string) ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	only, err := netip.ParseAddr(host)
	if host != "" && err != nil {
		return nil, nil // a name: who listens at one has said where
	}
	any := host == "" || only.IsUnspecified()
	var found []Interface
	for _, one := range all {
		const needed = net.FlagUp | net.FlagMulticast
		if one.Flags&needed != needed || one.Flags&net.FlagLoopback != 0 {
			continue
		}
		i := Interface{one, prefixesOf(one)}
		if slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool { return any || p.Addr() == only.Unmap() }) {
			found = append(found, i)
		}
	}
	return found, nil
}

func prefixesOf(one net.Interface) []netip.Prefix {
	addresses, err := one.Addrs()
	if err != nil {
		return nil // gone meanwhile
	}
	var prefixes []netip.Prefix
	for _, address := range addresses {
		if p, err := netip.ParsePrefix(address.String()); err == nil && p.Addr().Is4() {
			prefixes = append(prefixes, p)
		}
	}
	return prefixes
}

func sameInterfaces(a, b []Interface) bool {
	return slices.EqualFunc(a, b, func(a, b Interface) bool { return a.Index == b.Index && slices.Equal(a.Prefixes, b.Prefixes) })
}

// socket speaks multicast DNS on some interfaces.
type socket struct {
	conn       *net.UDPConn
	packets    *ipv4.PacketConn
	interfaces []Interface
	sending    sync.Mutex // an interface is chosen, then the packet goes out
}

func openSocket(interfaces []Interface) (*socket, error) {
	// The port is shared with the operating system's own multicast DNS, which this call sees to everywhere.
	conn, err := net.ListenMulticastUDP("udp4", &interfaces[0].Interface, group)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, packets: ipv4.NewPacketConn(conn), interfaces: interfaces[:1:1]}
	for i := range interfaces[1:] {
		if err := s.packets.JoinGroup(&interfaces[i+1].Interface, group); err == nil {
			s.interfaces = append(s.interfaces, interfaces[i+1]) // one that refuses is left out
		}
	}
	// Another Holdfast of this computer is found too. Where it cannot be said how far packets go, they go no further than by default: to the next router.
	_ = s.packets.SetMulticastLoopback(true)
	_ = s.packets.SetMulticastTTL(hops)
	return s, nil
}

// near reports whether a packet came from the network of one of the interfaces.
func (s *socket) near(from netip.Addr) bool {
	return slices.ContainsFunc(s.interfaces, func(i Interface) bool {
		return slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool { return p.Contains(from) })
	})
}

// send sends what make gives for each interface's address. It fails where none of them lets anything out.
func (s *socket) send(make func(ip netip.Addr) ([]byte, error)) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	var failed error
	out := 0
	for i := range s.interfaces {
		packet, err := make(s.interfaces[i].Prefixes[0].Addr())
		if err == nil {
			err = s.packets.SetMulticastInterface(&s.interfaces[i].Interface)
		}
		if err == nil {
			_, err = s.conn.WriteToUDP(packet, group)
		}
		if err == nil {
			out++
		}
		failed = errors.Join(failed, err)
	}
	if out > 0 {
		return nil
	}
	return failed
}
