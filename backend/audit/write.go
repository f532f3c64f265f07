package audit

import (
	"encoding/json"
	"io"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Writer writes a history. Its methods fail when the writer below fails.
type Writer struct {
	out   *json.Encoder
	chain record.Hash
}

// NewWriter begins a history on w, which the caller buffers, flushes and closes.
func NewWriter(w io.Writer, head Head) (*Writer, error) {
	head.Format = FormatVersion
	out := json.NewEncoder(w)
	return &Writer{out: out}, out.Encode(head)
}

// Device adds an author, before the first of its edits.
func (w *Writer) Device(d Device) error { return w.out.Encode(d) }

// Commit adds the next step of a space, the first one with number 1, and gives it its chain hash; that of a removed step is after.
func (w *Writer) Commit(c *Commit, after record.Hash) error {
	if c.Number == 1 {
		w.chain = record.Hash{}
	}
	if w.chain = record.ChainHash(w.chain, c.Outcome); c.Removed {
		w.chain = after
	}
	c.Chain = w.chain.String()
	return w.out.Encode(c)
}

// End closes the space that was written last, which its replica says to stand at f. It fails with Altered when that is not what was written.
func (w *Writer) End(f record.Frontier) error {
	if w.chain != f.Chain {
		return fault.Newf(Altered, "audit.Writer.End",
			"The history of %q on this device is not the one that was agreed. Run “holdfast doctor”, and export it on another device.", f.Space)
	}
	return w.out.Encode(End{Space: f.Space, Last: f.Commit, Chain: f.Chain.String()})
}
