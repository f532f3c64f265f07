package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/backend/audit"
	"holdfast/backend/core/clock"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

const lyon record.Space = "site/LYO"

// laptop writes the edits of one device, two to a signed batch.
type laptop struct {
	key      ed25519.PrivateKey
	sequence uint64
	previous record.Hash
}

func newLaptop(seed string) *laptop {
	sum := sha256.Sum256([]byte(seed))
	return &laptop{key: ed25519.NewKeyFromSeed(sum[:])}
}

func (l *laptop) public() ed25519.PublicKey { return l.key.Public().(ed25519.PublicKey) }

func (l *laptop) write(t *testing.T, space record.Space, text string) (record.Sealed, record.EditID) {
	t.Helper()
	l.sequence++
	id := record.EditID{Incarnation: record.Incarnation{Device: record.DeviceOf(l.public()), Number: 1}, Sequence: l.sequence}
	sealed, err := record.Seal(
		record.Header{Format: record.FormatVersion, ID: id, Previous: l.previous, Time: 1, Space: space, Action: "note"},
		record.Payload{Salt: []byte("0123456789abcdef"), Mutations: []record.Mutation{{Op: record.OpSet, Field: "text", Value: record.Text(text)}}})
	if err != nil {
		t.Fatal(err)
	}
	l.previous = sealed.Hash()
	if l.sequence%2 == 0 {
		sealed.Signature = ed25519.Sign(l.key, l.previous[:])
	}
	return sealed, id
}

// history writes what two laptops agreed: commits of them in turns, in one space.
func history(t *testing.T, commits int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := audit.NewWriter(&out, audit.Head{Cluster: "c1", Made: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	laptops := []*laptop{newLaptop("a"), newLaptop("b")}
	for _, l := range laptops {
		if err := w.Device(audit.Device{ID: record.DeviceOf(l.public()).String(), Name: "Laptop", Key: l.public()}); err != nil {
			t.Fatal(err)
		}
	}
	var chain record.Hash
	for n := 1; n <= commits; n++ {
		sealed, id := laptops[n%2].write(t, lyon, fmt.Sprint("note ", n))
		outcome, err := record.Encode(&record.Outcome{Edit: id, Hash: sealed.Hash(), Commit: uint64(n), Result: record.Applied})
		if err != nil {
			t.Fatal(err)
		}
		chain = record.ChainHash(chain, outcome)
		c := audit.Commit{
			Space: lyon, Number: uint64(n), Generation: 1, Time: clock.Stamp(n), Outcome: outcome,
			Header: sealed.Header, Payload: sealed.Payload, Signature: sealed.Signature,
		}
		if err := w.Commit(&c, record.Hash{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(record.Frontier{Space: lyon, Commit: uint64(commits), Chain: chain}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWholeHistoryHolds(t *testing.T) {
	report, err := audit.Verify(bytes.NewReader(history(t, 7)))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Spaces) != 1 || report.Spaces[0].Commits != 7 || report.Devices != 2 {
		t.Errorf("%+v", report)
	}
	if got := report.Spaces[0].Unsigned; got != 1 {
		t.Errorf("%d edits without a signature, want the odd one", got)
	}
}

// withoutContent gives a history of five steps of which the last removed the content of the third; pin is what it says of that one.
func withoutContent(t *testing.T, pin func(*record.RedactedCommit)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := audit.NewWriter(&out, audit.Head{Cluster: "c1"})
	if err != nil {
		t.Fatal(err)
	}
	l := newLaptop("a")
	if err := w.Device(audit.Device{ID: record.DeviceOf(l.public()).String(), Key: l.public()}); err != nil {
		t.Fatal(err)
	}
	var chain record.Hash
	var removed record.RedactedCommit
	for n := uint64(1); n <= 5; n++ {
		sealed, id := l.write(t, lyon, fmt.Sprint("note ", n))
		o := &record.Outcome{Edit: id, Hash: sealed.Hash(), Commit: n, Result: record.Applied}
		c := audit.Commit{Space: lyon, Number: n, Header: sealed.Header, Payload: sealed.Payload, Signature: sealed.Signature}
		before := chain
		switch n {
		case 3:
			c.Removed, c.Payload = true, nil
			o.Writes = []record.Write{{Record: record.ID{1}, Field: "text"}}
		case 5:
			o.Redacts = &record.Redaction{Record: record.ID{1}, Field: "text", Commits: []record.RedactedCommit{removed}}
		}
		raw, err := record.Encode(o)
		if err != nil {
			t.Fatal(err)
		}
		chain = record.ChainHash(chain, raw)
		if c.Removed {
			removed = record.RedactedCommit{Number: n, Before: before, After: chain}
			pin(&removed)
			if raw, err = record.Encode(o.Stub()); err != nil {
				t.Fatal(err)
			}
		}
		c.Outcome = raw
		if err := w.Commit(&c, chain); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(record.Frontier{Space: lyon, Commit: 5, Chain: chain}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRemovedContentLeavesTheHistoryWhole: whoever removed something says so in a later step, and only then the history holds.
func TestRemovedContentLeavesTheHistoryWhole(t *testing.T) {
	whole := withoutContent(t, func(*record.RedactedCommit) {})
	report, err := audit.Verify(bytes.NewReader(whole))
	if err != nil || report.Spaces[0].Redacted != 1 || report.Spaces[0].Commits != 5 {
		t.Errorf("%+v, %v", report, err)
	}
	flip := func(raw []byte) []byte { raw = bytes.Clone(raw); raw[len(raw)/2] ^= 1; return raw }
	for name, altered := range map[string][]byte{
		"nobody removed it":           withoutContent(t, func(c *record.RedactedCommit) { c.Number = 2 }),
		"it stood elsewhere":          withoutContent(t, func(c *record.RedactedCommit) { c.Before[0] ^= 1 }),
		"it led elsewhere":            withoutContent(t, func(c *record.RedactedCommit) { c.After[0] ^= 1 }),
		"what is before was altered":  edited(t, whole, 2, func(c *audit.Commit) { c.Outcome = flip(c.Outcome) }),
		"another step lost its own":   edited(t, whole, 2, func(c *audit.Commit) { c.Payload = nil }),
		"another step says it did":    edited(t, whole, 2, func(c *audit.Commit) { c.Payload, c.Removed = nil, true }),
		"what goes on was altered":    edited(t, whole, 3, func(c *audit.Commit) { c.Chain = strings.Repeat("0", 64) }),
		"the chain says nothing":      edited(t, whole, 3, func(c *audit.Commit) { c.Chain = "" }),
		"the content was put back in": edited(t, whole, 3, func(c *audit.Commit) { c.Removed = false }),
	} {
		if _, err := audit.Verify(bytes.NewReader(altered)); !fault.Is(err, audit.Altered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAlteredEntryIsNamed changes one part of one entry in every way, and expects that very entry to be named.
func TestAlteredEntryIsNamed(t *testing.T) {
	whole := history(t, 8)
	flip := func(raw []byte) []byte {
		raw = bytes.Clone(raw)
		raw[len(raw)/2] ^= 1
		return raw
	}
	for name, alter := range map[string]func(c *audit.Commit){
		"the decision":  func(c *audit.Commit) { c.Outcome = flip(c.Outcome) },
		"the content":   func(c *audit.Commit) { c.Payload = flip(c.Payload) },
		"the header":    func(c *audit.Commit) { c.Header = flip(c.Header) },
		"the signature": func(c *audit.Commit) { c.Signature = flip(c.Signature) },
		"the chain":     func(c *audit.Commit) { c.Chain = strings.Repeat("0", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Verify(bytes.NewReader(edited(t, whole, 4, alter)))
			if !fault.Is(err, audit.Altered) || !strings.Contains(err.Error(), `entry 4 of "site/LYO"`) {
				t.Errorf("%v", err)
			}
		})
	}
}

// edited gives the history with entry number altered.
func edited(t *testing.T, whole []byte, number uint64, alter func(c *audit.Commit)) []byte {
	t.Helper()
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for i, raw := range lines {
		var c audit.Commit
		if err := json.Unmarshal(raw, &c); err == nil && c.Number == number {
			alter(&c)
			again, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			lines[i] = append(again, '\n')
		}
	}
	return bytes.Join(lines, nil)
}

// TestEveryByteCounts flips each byte of a short history in turn. Only what the hashes do not cover may change unnoticed: the head,
// a device's name, and when and in which generation an entry was written down.
func TestEveryByteCounts(t *testing.T) {
	whole := history(t, 4)
	for at := range whole {
		altered := bytes.Clone(whole)
		altered[at] ^= 1
		if _, err := audit.Verify(bytes.NewReader(altered)); err == nil && !uncovered(whole, altered, at) {
			t.Fatalf("byte %d is %q in place of %q, and nothing was found:\n%s", at, altered[at], whole[at], altered)
		}
	}
}

// uncovered tells whether the byte is one that no hash covers.
func uncovered(whole, altered []byte, at int) bool {
	number := bytes.Count(whole[:at], []byte("\n"))
	was, is := bytes.Split(whole, []byte("\n"))[number], bytes.Split(altered, []byte("\n"))[number]
	if number == 0 {
		return true
	}
	var a, b audit.Commit
	var d, e audit.Device
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil || json.Unmarshal(was, &d) != nil || json.Unmarshal(is, &e) != nil {
		return false
	}
	a.Generation, a.Time, b.Generation, b.Time = 0, 0, 0, 0
	same := func(x, y any) bool { return fmt.Sprintf("%+v", x) == fmt.Sprintf("%+v", y) }
	d.Name, e.Name = "", ""
	return same(a, b) && same(d, e)
}

func TestMissingOrMovedEntries(t *testing.T) {
	lines := bytes.SplitAfter(history(t, 6), []byte("\n")) // a head, two devices, six entries, an end
	for name, altered := range map[string][][]byte{
		"an entry left out":     append(append([][]byte{}, lines[:4]...), lines[5:]...),
		"two entries swapped":   append(append([][]byte{}, lines[:4]...), append([][]byte{lines[5], lines[4]}, lines[6:]...)...),
		"the end cut off":       lines[:7],
		"the last entry hidden": append(append([][]byte{}, lines[:8]...), lines[9:]...),
		"an author hidden":      append(append([][]byte{}, lines[:1]...), lines[2:]...),
	} {
		if _, err := audit.Verify(bytes.NewReader(bytes.Join(altered, nil))); !fault.Is(err, audit.Altered) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	for text, code := range map[string]fault.Code{
		"":                             fault.Invalid,
		"not a history\n":              fault.Invalid,
		`{"kind":"ticket"}`:            fault.Invalid,
		`{"holdfastAudit":99}` + "\n":  fault.NewerFormat,
		strings.Repeat("x", 200) + "{": fault.Invalid,
	} {
		if _, err := audit.Verify(strings.NewReader(text)); !fault.Is(err, code) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"holdfastAudit":1,"cluster":"c","made":"2026-11-21T12:00:00Z"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if report, err := audit.Verify(bytes.NewReader(raw)); err == nil && report.Head.Format != audit.FormatVersion {
			t.Errorf("%+v", report)
		}
	})
}
