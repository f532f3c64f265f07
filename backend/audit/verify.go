package audit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Report says what a verified history holds.
type Report struct {
	Head    Head          `json:"head"`
	Devices int           `json:"devices"`
	Spaces  []SpaceReport `json:"spaces"`
}

// SpaceReport says how far a space was verified.
type SpaceReport struct {
	Space    record.Space `json:"space"`
	Commits  uint64       `json:"commits"`
	Chain    string       `json:"chain"`    // compare it with what a device says of the same commit number
	Redacted int          `json:"redacted"` // edits whose content was removed; their hashes and signatures hold
	// Unsigned counts the last edits of devices whose batch, which is signed on its last edit, is not wholly agreed yet.
	Unsigned int `json:"unsigned"`
}

// lineBytesMax bounds a line: an edit and its outcome in base64, with room for what an outcome adds.
const lineBytesMax = 4 * limit.FrameBytesMax

const opVerify = "audit.Verify"

// Verify reads a history and checks every hash and signature in it. It fails with Altered, naming the first entry that is not what was agreed;
// with fault.Invalid when this is no such file; with fault.NewerFormat for one that a newer Holdfast wrote. Memory does not grow with the history.
func Verify(r io.Reader) (*Report, error) {
	v := &verifier{report: &Report{Spaces: []SpaceReport{}}, keys: map[record.DeviceID]ed25519.PublicKey{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), lineBytesMax)
	for v.number = 1; lines.Scan(); v.number++ {
		if err := v.take(lines.Bytes()); err != nil {
			return v.report, err
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return v.report, v.altered("is longer than any entry can be")
		}
		return v.report, fault.Wrap(err, fault.Unavailable, opVerify, "The file could not be read to its end. Copy it again and repeat the check.")
	}
	switch {
	case v.report.Head.Format == 0:
		return v.report, notAHistory(nil)
	case v.space != nil:
		return v.report, fault.Newf(Altered, opVerify, "The file ends after entry %d of %q: its end is missing. Everything before is as it was agreed.", v.space.commits, v.space.name)
	}
	return v.report, nil
}

func notAHistory(err error) error {
	return fault.Wrap(errors.Join(errors.New("no head"), err), fault.Invalid, opVerify, "This is not a history that Holdfast exported. Make one with “holdfast audit export”.")
}

// verifier is what a check remembers between two lines.
type verifier struct {
	report *Report
	number int // of the line
	keys   map[record.DeviceID]ed25519.PublicKey
	space  *space // under way
}

// space is a space under way.
type space struct {
	name     record.Space
	commits  uint64
	chain    record.Hash
	redacted int
	runs     map[record.Incarnation]*run
	// removed are the steps whose content is gone, with the chain around them: each waits for the step that removed it.
	removed map[uint64]record.RedactedCommit
}

// run is what is known of one device's chain of edits.
type run struct {
	last     record.Hash
	sequence uint64
	unsigned []record.Sealed // headers only, since the last signature
}

func (v *verifier) take(raw []byte) error {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&l)
	if _, rest := decoder.Token(); err == nil && rest != io.EOF {
		err = errors.New("more than one value on a line")
	}
	if v.number == 1 {
		return v.begin(l.Head, err)
	}
	switch {
	case err != nil:
		return v.altered("cannot be read")
	case l.Device.ID != "":
		return v.admit(&l.Device)
	case l.Commit.Space != "":
		return v.follow(&l.Commit)
	case l.End.Space != "":
		return v.close(&l.End)
	}
	return v.altered("is of no known kind")
}

func (v *verifier) begin(h Head, err error) error {
	switch {
	case err != nil || h.Format == 0:
		return notAHistory(err)
	case h.Format > FormatVersion:
		return fault.New(fault.NewerFormat, opVerify, "A newer Holdfast wrote this history. Verify it with that version or a later one.")
	}
	v.report.Head = h
	return nil
}

func (v *verifier) admit(d *Device) error {
	id, err := record.ParseDevice(d.ID)
	if err != nil || len(d.Key) != ed25519.PublicKeySize || record.DeviceOf(d.Key) != id {
		return v.altered("gives a device a key that is not its own")
	}
	v.keys[id] = d.Key
	v.report.Devices = len(v.keys)
	return nil
}

// follow checks that a commit is the next one of its space.
func (v *verifier) follow(c *Commit) error {
	if v.space == nil {
		v.space = &space{name: c.Space, runs: map[record.Incarnation]*run{}, removed: map[uint64]record.RedactedCommit{}}
	}
	s := v.space
	if c.Space != s.name || c.Number != s.commits+1 {
		return v.alteredAt(c, fmt.Sprintf("does not follow entry %d of %q: entries are missing or in another order", s.commits, s.name))
	}
	sealed := record.Sealed{Header: c.Header, Payload: c.Payload, Signature: c.Signature}
	edit, err := record.Open(sealed)
	if err != nil {
		return v.alteredAt(c, "holds an edit whose content is not what its author signed")
	}
	var outcome record.Outcome
	if err := record.Decode(c.Outcome, &outcome); err != nil {
		return v.alteredAt(c, "holds a decision that cannot be read")
	}
	if outcome.Commit != c.Number || outcome.Edit != edit.ID || outcome.Hash != sealed.Hash() || edit.Space != c.Space {
		return v.alteredAt(c, "holds a decision about another edit")
	}
	if why := s.runOf(edit.ID.Incarnation).extend(edit, v.keys[edit.ID.Device]); why != "" {
		return v.alteredAt(c, why)
	}
	if edit.Redacted() != c.Removed {
		return v.alteredAt(c, "lacks its content, or should lack it")
	}
	return v.chain(c, &outcome)
}

// chain checks that a decision is the one that was agreed. Of one whose content was removed, a later one says so: it names the chain before and after it.
func (v *verifier) chain(c *Commit, o *record.Outcome) error {
	s := v.space
	before := s.chain
	s.commits, s.chain = c.Number, record.ChainHash(before, c.Outcome)
	if c.Removed {
		after, err := hex.DecodeString(c.Chain)
		if err != nil || len(after) != len(s.chain) {
			return v.alteredAt(c, "does not say how the history goes on behind it")
		}
		s.redacted++
		s.chain = record.Hash(after)
		s.removed[c.Number] = record.RedactedCommit{Number: c.Number, Before: before, After: s.chain}
	}
	if c.Chain != s.chain.String() {
		return v.alteredAt(c, "holds a decision that is not the one that was agreed")
	}
	if o.Redacts == nil {
		return nil
	}
	for _, pinned := range o.Redacts.Commits {
		if found, waits := s.removed[pinned.Number]; waits && found == pinned {
			delete(s.removed, pinned.Number)
		}
	}
	return nil
}

func (s *space) runOf(i record.Incarnation) *run {
	if s.runs[i] == nil {
		s.runs[i] = &run{}
	}
	return s.runs[i]
}

// extend adds the device's next edit and checks the signature that covers it; it gives what is wrong, or "".
func (r *run) extend(edit *record.Edit, key ed25519.PublicKey) string {
	switch {
	case key == nil:
		return "names a device that the history does not introduce"
	case edit.ID.Sequence != r.sequence+1:
		return "is not its device's next edit: one is missing, doubled or in another order"
	case edit.Previous != r.last:
		return "does not follow its device's edit before it"
	}
	r.sequence, r.last = edit.ID.Sequence, edit.Sealed.Hash()
	r.unsigned = append(r.unsigned, record.Sealed{Header: edit.Sealed.Header, Signature: edit.Sealed.Signature})
	if len(edit.Sealed.Signature) == 0 {
		return ""
	}
	if err := record.VerifyBatch(key, r.unsigned); err != nil {
		return "is not signed by the device that it names"
	}
	r.unsigned = nil
	return ""
}

// close ends a space: what was found must be what its replica said.
func (v *verifier) close(e *End) error {
	s := v.space
	switch {
	case s == nil:
		return v.altered("closes a space that has no entries")
	case e.Space != s.name || e.Last != s.commits:
		return v.altered(fmt.Sprintf("says that %q has %d entries, but there are %d", e.Space, e.Last, s.commits))
	case len(s.removed) > 0:
		first := slices.Min(slices.Collect(maps.Keys(s.removed)))
		return v.altered(fmt.Sprintf("ends %q, but no decision in it removed the content of entry %d", e.Space, first))
	case e.Chain != s.chain.String():
		return v.altered(fmt.Sprintf("does not name the last entry of %q", e.Space))
	}
	report := SpaceReport{Space: s.name, Commits: s.commits, Chain: e.Chain, Redacted: s.redacted}
	for _, r := range s.runs {
		report.Unsigned += len(r.unsigned)
	}
	v.report.Spaces = append(v.report.Spaces, report)
	v.space = nil
	return nil
}

func (v *verifier) altered(why string) error {
	return fault.Newf(Altered, opVerify, "The history was altered: line %d %s.", v.number, why)
}

func (v *verifier) alteredAt(c *Commit, why string) error {
	return fault.Newf(Altered, opVerify, "The history was altered: entry %d of %q (line %d) %s.", c.Number, c.Space, v.number, why)
}
