package ticket

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// FieldBreaches is the list of what was noted of broken promises: that one was broken, and that it turned out not to have been. Nothing in it is ever taken out.
const FieldBreaches = "breaches"

// Names in the map of its items.
const (
	itemMetric = "metric"
	itemStart  = "start"
	itemTarget = "target"
	itemPolicy = "policy"
	itemWhen   = "when"
	itemUntrue = "untrue"
)

// Breach is one promise that was broken: of a clock, in one of its cycles, under one target.
type Breach struct {
	Metric string    // the clock's name
	Start  time.Time // of the cycle
	Target string    // what was promised, in words
	Policy string    // by which policy, with its version
	When   time.Time // the instant at which the target ran out
}

// key names the promise: a policy that says the same in another version promises nothing else.
func (b *Breach) key() string {
	return strings.Join([]string{b.Metric, strconv.FormatInt(b.Start.UnixMilli(), 10), b.Target}, "\x00")
}

// Same reports whether both are of one promise.
func (b *Breach) Same(other Breach) bool { return b.key() == other.key() }

// BreachIn reads an item of FieldBreaches; untrue says that the promise turned out not to have been broken.
func BreachIn(value record.Value) (b Breach, untrue, ok bool) {
	named := value.AsNamed()
	b = Breach{
		Metric: named[itemMetric].AsText(), Start: named[itemStart].AsInstant().Time(), Target: named[itemTarget].AsText(),
		Policy: named[itemPolicy].AsText(), When: named[itemWhen].AsInstant().Time(),
	}
	return b, named[itemUntrue].AsFlag(), b.Metric != "" && b.Target != ""
}

// Noted are the breaches of a ticket with how often each was noted and taken back: an odd number of times means that it stands.
type Noted struct {
	record  record.ID
	counts  map[string]int
	breach  map[string]Breach
	ordered []string
}

// NotedOn reads what was noted on a ticket.
func NotedOn(state *record.State) *Noted {
	n := &Noted{record: state.ID, counts: map[string]int{}, breach: map[string]Breach{}}
	for _, item := range state.Fields[FieldBreaches].Items {
		b, _, ok := BreachIn(item.Value)
		if !ok {
			continue
		}
		key := b.key()
		if n.counts[key] == 0 {
			n.breach[key] = b
			n.ordered = append(n.ordered, key)
		}
		n.counts[key]++
	}
	return n
}

// Stands reports whether a breach is noted and was not taken back since.
func (n *Noted) Stands(b Breach) bool { return n.counts[b.key()]%2 == 1 }

// Standing gives the breaches that are noted and stand, by when they were first noted.
func (n *Noted) Standing() []Breach {
	var standing []Breach
	for _, key := range n.ordered {
		if n.counts[key]%2 == 1 {
			standing = append(standing, n.breach[key])
		}
	}
	return standing
}

// Turn gives the entry that notes a breach which does not stand, or takes back one that does. Its id follows from the ticket, the promise and how often it turned before, so whoever
// notes it makes the same entry.
func (n *Noted) Turn(b Breach) record.Mutation {
	key := b.key()
	named := map[string]record.Value{
		itemMetric: record.Text(b.Metric), itemStart: record.Instant(clock.At(b.Start)), itemTarget: record.Text(b.Target),
		itemPolicy: record.Text(b.Policy), itemWhen: record.Instant(clock.At(b.When)),
	}
	if n.Stands(b) {
		named[itemUntrue] = record.Flag(true)
	}
	return record.Mutation{
		Op: record.OpAppend, Record: n.record, Field: FieldBreaches, Value: record.Named(named),
		Item: uuid.NewSHA1(n.record, []byte("breach\x00"+key+"\x00"+strconv.Itoa(n.counts[key]))),
	}
}
