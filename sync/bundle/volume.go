package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// PartName names the file of a part: the bundle's name alone when it is the only one, with .001, .002, … behind it otherwise.
func PartName(name string, number, parts int) string {
	if parts == 1 {
		return name
	}
	return fmt.Sprintf("%s.%03d", name, number)
}

// partMode is what parts may be read with: this user only, until they are copied elsewhere.
const partMode = 0o600

// volume is the folder that the parts are written into. Parts get their tails at the end, when it is known how many there are.
type volume struct {
	folder string
	head   head
	parts  []written
	file   *os.File
	open   *partWriter
	whole  bool
}

type written struct {
	path string
	size int64
	sum  []byte
}

func (v *volume) number() int { return len(v.parts) + 1 }

// alone reports whether the part at hand has had one section only: a new part would not give its message more room.
func (v *volume) alone() bool { return v.open != nil && v.open.sections == 1 }

func (v *volume) size() int64 {
	size := int64(0)
	for _, part := range v.parts {
		size += part.size
	}
	if v.open != nil {
		size += v.open.size
	}
	return size
}

// part gives the part at hand, and begins one where there is none.
func (v *volume) part() (*partWriter, error) {
	if v.open != nil {
		v.open.sections++
		return v.open, nil
	}
	if v.number() > PartsMax {
		return nil, fault.Newf(fault.Invalid, "bundle.Export", "The bundle would have more than %d parts. Choose larger parts.", PartsMax)
	}
	file, err := os.OpenFile(filepath.Join(v.folder, PartName("part", v.number(), 0)), os.O_CREATE|os.O_EXCL|os.O_RDWR, partMode)
	if err != nil {
		return nil, v.failure(err)
	}
	h := v.head
	h.Number = uint64(v.number())
	v.file = file
	if v.open, err = newPartWriter(file, &h); err != nil {
		return nil, v.failure(err)
	}
	v.open.sections = 1
	return v.open, nil
}

// turn ends the part at hand, all but its tail.
func (v *volume) turn() error {
	if v.open == nil {
		return nil
	}
	if err := v.open.out.Flush(); err != nil {
		return v.failure(err)
	}
	v.parts = append(v.parts, written{v.file.Name(), v.open.size, v.open.sum.Sum(nil)})
	err := v.file.Close()
	v.file, v.open = nil, nil
	return v.failure(err)
}

// finish signs every part and gives their sizes.
func (v *volume) finish(sign func([]byte) []byte) ([]int64, error) {
	if err := v.turn(); err != nil {
		return nil, err
	}
	sizes := make([]int64, 0, len(v.parts))
	for _, part := range v.parts {
		end, err := tailOf(uint64(len(v.parts)), part.sum, sign)
		if err != nil {
			return nil, err
		}
		file, err := os.OpenFile(part.path, os.O_APPEND|os.O_WRONLY, partMode)
		if err != nil {
			return nil, v.failure(err)
		}
		_, err = file.Write(end)
		if err == nil {
			err = file.Sync()
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, v.failure(err)
		}
		sizes = append(sizes, part.size+int64(len(end)))
	}
	v.whole = true
	return sizes, nil
}

// abandon removes what was written of a bundle that did not get whole.
func (v *volume) abandon() {
	if v.whole {
		return
	}
	if v.file != nil {
		// It is thrown away.
		_ = v.file.Close()
		_ = os.Remove(v.file.Name())
	}
	for _, part := range v.parts {
		_ = os.Remove(part.path)
	}
}

func (v *volume) failure(err error) error {
	if err == nil || fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(err, diskfile.Code(err), "bundle.Export", "The bundle could not be written. Free some space and try again; nothing was lost.")
}
