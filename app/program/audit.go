package program

import (
	"bufio"
	"context"
	"io"

	"holdfast/backend/audit"
	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/backend/store"
)

// History writes the agreed history of every space of this device, so that it can be verified without it. What is not agreed yet is left out.
// It fails with store.Trimmed when this device no longer keeps every step.
func (s *site) History(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	head := audit.Head{Cluster: s.trust.Membership().Cluster.String(), Made: s.program.config.Wall().UTC()}
	file, err := audit.NewWriter(out, head)
	if err != nil {
		return err
	}
	h := historian{site: s, file: file, introduced: map[record.DeviceID]bool{}}
	for _, f := range s.store.Frontiers() {
		if err := h.space(ctx, f); err != nil {
			return err
		}
	}
	return out.Flush()
}

// historian writes one history.
type historian struct {
	site       *site
	file       *audit.Writer
	introduced map[record.DeviceID]bool
}

// space writes a space up to f.
func (h *historian) space(ctx context.Context, f record.Frontier) error {
	for next := uint64(1); next <= f.Commit; {
		if err := ctx.Err(); err != nil {
			return err
		}
		commits, err := h.site.store.Steps(f.Space, next, limit.BatchBytes)
		if err != nil {
			return err
		}
		if len(commits) == 0 {
			return fault.Newf(store.Trimmed, "program.History", "This device no longer keeps every step of %q. Export the history on a device that was there from the start.", f.Space)
		}
		for i := range commits {
			if next > f.Commit {
				break
			}
			if err := h.commit(f.Space, next, &commits[i]); err != nil {
				return err
			}
			next++
		}
	}
	return h.file.End(f)
}

func (h *historian) commit(space record.Space, number uint64, c *store.Commit) error {
	edit, err := record.Open(c.Sealed)
	if err != nil {
		return err
	}
	if err := h.introduce(edit.ID.Device); err != nil {
		return err
	}
	if c.Redacted && c.After == (record.Hash{}) {
		return fault.Newf(store.Trimmed, "program.History", "The content of step %d of %q was removed by a node that no longer kept every step. Export the history on a device that was there from the start.", number, space)
	}
	return h.file.Commit(&audit.Commit{
		Space: space, Number: number, Generation: c.Generation, Time: c.Time, Outcome: c.Outcome,
		Header: c.Sealed.Header, Payload: c.Sealed.Payload, Signature: c.Sealed.Signature, Removed: c.Redacted,
	}, c.After)
}

// introduce writes an author before its first edit. One whose key this device does not know is left out: the verification will say so.
func (h *historian) introduce(device record.DeviceID) error {
	key := h.site.roster.KeyOf(device)
	if h.introduced[device] || key == nil {
		return nil
	}
	h.introduced[device] = true
	row, _ := h.site.tables.Row(record.ID(device))
	return h.file.Device(audit.Device{ID: device.String(), Name: row.Title, Key: key})
}
