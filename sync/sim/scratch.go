package sim

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// What a journal's segment and its frames begin with, as the store lays them out: magic and size of the segment before; length and checksum.
const (
	segmentHead = 12
	frameHead   = 8
)

// scratch damages a frame of a device's journal, with others behind it: the store must say so, keep what it can read, and go on. What was in that frame, and what cannot be offered
// without it, may be lost with it.
func (w *world) scratch() error {
	d := pick(w, w.devices)
	if !w.forgetful(d) || d.disk.room > 0 {
		return nil
	}
	return w.losing(d, func() error {
		if err := d.store.Close(); err != nil {
			return err
		}
		if w.chance(50) { // as after a kill
			if err := os.Remove(filepath.Join(d.dir, markerName)); err != nil {
				return err
			}
		}
		hit, err := scratched(d.dir, d.disk.random)
		if err != nil {
			return err
		}
		if err := w.start(d); err != nil {
			return err
		}
		told := d.store.Health().Damage
		w.note("the journal of %s is damaged: %v, told of %d faults", d.name, hit, len(told))
		w.tally["scratched"] += btoi(hit)
		d.scarred = d.scarred || hit
		if hit && !slices.ContainsFunc(told, func(said string) bool { return said != "" }) {
			return fmt.Errorf("%s does not say that its journal is damaged", d.name)
		}
		if err := d.store.Close(); err != nil {
			return err
		}
		return w.open(d) // what was set aside is told of once
	})
}

// scratched flips bytes in a frame of the journal that is not the last of its segment; false where there is none.
func scratched(dir string, random *rand.Rand) (bool, error) {
	segments, err := filepath.Glob(filepath.Join(dir, "journal", "*.log"))
	if err != nil || len(segments) == 0 {
		return false, err
	}
	path := segments[random.IntN(len(segments))]
	raw, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	var frames []int64
	for at := int64(segmentHead); at+frameHead < int64(len(raw)); {
		length := int64(binary.LittleEndian.Uint32(raw[at:]))
		if length == 0 || at+frameHead+length > int64(len(raw)) {
			break
		}
		frames = append(frames, at)
		at += frameHead + length
	}
	if len(frames) < 2 {
		return false, nil
	}
	at := frames[random.IntN(len(frames)-1)]
	return true, flip(path, at+frameHead+int64(random.IntN(20)))
}
