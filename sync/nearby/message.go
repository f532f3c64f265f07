package nearby

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"holdfast/backend/core/limit"
)

const (
	// service is what a question asks for, as DNS-SD has it.
	service = "_holdfast._tcp.local."
	// timeToLive is for other programs that listen; this one keeps no answers.
	timeToLive = 120
	// packetBytesMax is how long a message of multicast DNS may be, recordsMax and answersMax how much of one is looked at.
	packetBytesMax = 9000
	recordsMax     = 64
	answersMax     = 8
	saltBytes      = 8
	tagBytes       = 16
	// cacheFlush marks a record that replaces those of the same name.
	cacheFlush = 1 << 15
)

// answer is what a device says of itself: nothing but a tag of each of its sites, which only who knows the cluster can tell from others, and its port.
type answer struct {
	instance string // made up for each run
	salt     []byte
	tags     [][]byte
	port     uint16
}

// tags gives the tags of sites. They change with the salt, so that nobody else can tell that two answers come from one site.
func tags(secret, salt []byte, sites []string) [][]byte {
	all := make([][]byte, 0, len(sites))
	for _, site := range sites[:min(len(sites), limit.AddressesMax)] {
		mac := hmac.New(sha256.New, secret)
		mac.Write(salt)
		mac.Write([]byte(site))
		all = append(all, mac.Sum(nil)[:tagBytes])
	}
	return all
}

// secretOf gives the key of tags. The authority's certificate is known to the devices of a cluster and is shown to nobody else.
func secretOf(authority []byte) []byte {
	sum := sha256.Sum256(append([]byte("holdfast nearby 1\x00"), authority...))
	return sum[:]
}

// ofSite reports whether an answer bears the tag of one of the sites.
func (a *answer) ofSite(secret []byte, sites []string) bool {
	return slices.ContainsFunc(tags(secret, a.salt, sites), func(own []byte) bool {
		return slices.ContainsFunc(a.tags, func(tag []byte) bool { return hmac.Equal(own, tag) })
	})
}

// question gives the message that asks who is there.
func question() ([]byte, error) {
	name, err := dnsmessage.NewName(service)
	if err != nil {
		return nil, err
	}
	m := dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypePTR, Class: dnsmessage.ClassINET}}}
	return m.Pack()
}

// pack gives the message that says where a device is, on the interface with the address.
func (a *answer) pack(ip netip.Addr) ([]byte, error) {
	names := make([]dnsmessage.Name, 0, 3)
	for _, text := range []string{service, a.instance + "." + service, a.instance + ".local."} {
		name, err := dnsmessage.NewName(text)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	texts := []string{"v=1", "s=" + hex.EncodeToString(a.salt)}
	for _, tag := range a.tags {
		texts = append(texts, "t="+hex.EncodeToString(tag))
	}
	head := func(name dnsmessage.Name, class dnsmessage.Class) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: name, Class: class, TTL: timeToLive}
	}
	own := dnsmessage.ClassINET | cacheFlush
	m := dnsmessage.Message{
		Header:  dnsmessage.Header{Response: true, Authoritative: true},
		Answers: []dnsmessage.Resource{{Header: head(names[0], dnsmessage.ClassINET), Body: &dnsmessage.PTRResource{PTR: names[1]}}},
		Additionals: []dnsmessage.Resource{
			{Header: head(names[1], own), Body: &dnsmessage.SRVResource{Port: a.port, Target: names[2]}},
			{Header: head(names[1], own), Body: &dnsmessage.TXTResource{TXT: texts}},
			{Header: head(names[2], own), Body: &dnsmessage.AResource{A: ip.As4()}},
		},
	}
	return m.Pack()
}

// parse reads a message of anybody. asks says that it asks for devices like this one; answers are those that are whole, answersMax at most. What does not belong is passed over.
func parse(packet []byte) (asks bool, answers []answer) {
	var p dnsmessage.Parser
	header, err := p.Start(packet)
	if err != nil || len(packet) > packetBytesMax {
		return false, nil
	}
	for range recordsMax {
		q, err := p.Question()
		if err != nil {
			break
		}
		asks = asks || !header.Response && q.Type == dnsmessage.TypePTR && strings.EqualFold(q.Name.String(), service)
	}
	if !header.Response || p.SkipAllQuestions() != nil {
		return asks, nil
	}
	found := gathered{}
	if !found.section(p.AnswerHeader, p.SkipAnswer, &p) || p.SkipAllAuthorities() != nil {
		return false, found.whole()
	}
	found.section(p.AdditionalHeader, p.SkipAdditional, &p)
	return false, found.whole()
}

// gathered are the answers of one message by their instance.
type gathered []answer

// section reads the records of one section. It is false when the message cannot be read on.
func (g *gathered) section(next func() (dnsmessage.ResourceHeader, error), skip func() error, p *dnsmessage.Parser) bool {
	for range recordsMax {
		header, err := next()
		if err != nil {
			return err == dnsmessage.ErrSectionDone
		}
		instance, is := strings.CutSuffix(strings.ToLower(header.Name.String()), "."+service)
		switch {
		case is && header.Type == dnsmessage.TypeSRV && header.TTL > 0:
			r, err := p.SRVResource()
			if err != nil {
				return false
			}
			if a := g.of(instance); a != nil {
				a.port = r.Port
			}
		case is && header.Type == dnsmessage.TypeTXT && header.TTL > 0:
			r, err := p.TXTResource()
			if err != nil {
				return false
			}
			if a := g.of(instance); a != nil {
				a.read(r.TXT)
			}
		default:
			if skip() != nil {
				return false
			}
		}
	}
	return false
}

func (g *gathered) of(instance string) *answer {
	for i := range *g {
		if (*g)[i].instance == instance {
			return &(*g)[i]
		}
	}
	if len(*g) >= answersMax {
		return nil
	}
	*g = append(*g, answer{instance: instance})
	return &(*g)[len(*g)-1]
}

func (a *answer) read(texts []string) {
	a.salt, a.tags = nil, nil
	for _, text := range texts[:min(len(texts), recordsMax)] {
		key, value, _ := strings.Cut(text, "=")
		raw, err := hex.DecodeString(value)
		switch {
		case err != nil:
		case key == "s" && len(raw) == saltBytes:
			a.salt = raw
		case key == "t" && len(raw) == tagBytes && len(a.tags) < limit.AddressesMax:
			a.tags = append(a.tags, raw)
		}
	}
}

// whole gives the answers that say all that is needed.
func (g gathered) whole() []answer {
	return slices.DeleteFunc(g, func(a answer) bool { return a.port == 0 || a.salt == nil || len(a.tags) == 0 })
}
