package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"holdfast/backend/record"
)

// openJournal reads all segments and hands each edit of each whole save to each, oldest first. What stands behind the last whole save of the last segment was being
// written when the program stopped and is dropped; expect is the size that a clean stop recorded for that segment, or zero. A segment that is damaged otherwise is set
// aside, and the saves that could be read are written again.
func openJournal(files FileSystem, folder string, seal cipher.AEAD, random io.Reader, expect int64, each func(journalEdit, *record.Header) error) (*journal, error) {
	j := &journal{files: files, folder: folder, seal: seal, random: random}
	if err := files.MkdirAll(folder, folderMode); err != nil {
		return nil, err
	}
	numbers, err := j.numbers()
	if err != nil {
		return nil, err
	}
	var contents []contents
	for _, n := range numbers {
		c, err := j.read(n)
		if err != nil {
			return nil, err
		}
		contents = append(contents, c)
	}
	var rescued []save
	for i, c := range contents {
		last := i == len(contents)-1
		ends := expect
		switch {
		case last:
		case contents[i+1].number == c.number+1:
			ends = contents[i+1].previous
		default:
			ends = 0
		}
		damaged, err := j.take(c, ends, last, each)
		if err != nil {
			return nil, err
		}
		if damaged {
			rescued = append(rescued, c.saves...)
		}
	}
	if len(rescued) == 0 {
		return j, nil
	}
	return j, j.append(rescued)
}

func (j *journal) numbers() ([]int, error) {
	entries, err := j.files.ReadDir(j.folder)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		name, found := strings.CutSuffix(e.Name(), segmentSuffix)
		if n, err := strconv.Atoi(name); found && err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// contents is what a segment's file holds.
type contents struct {
	number   int
	previous int64 // the size that the segment before it had when this one began; zero: unknown
	saves    []save
	good     int64 // up to where all is whole
	size     int64
	broken   bool // something whole stands behind something that is not
}

func (j *journal) read(number int) (contents, error) {
	c := contents{number: number}
	f, err := j.files.OpenFile(j.path(number), os.O_RDONLY, 0)
	if err != nil {
		return c, err
	}
	raw, err := io.ReadAll(f)
	f.Close()
	if err != nil {
		return c, err
	}
	c.size = int64(len(raw))
	if len(raw) < segmentHeadBytes || string(raw[:len(segmentMagic)]) != segmentMagic {
		c.broken = len(raw) > segmentHeadBytes
		return c, nil // without a whole head nothing was ever acknowledged from it, unless it is damaged
	}
	c.previous = int64(binary.LittleEndian.Uint64(raw[len(segmentMagic):]))
	c.good = int64(segmentHeadBytes)
	return c, j.parse(&c, raw)
}

// parse walks the frames. The lengths let it go on behind a frame whose body is damaged.
func (j *journal) parse(c *contents, raw []byte) error {
	var open save
	at, whole := int64(segmentHeadBytes), true
	for {
		body, next, state := frameAt(raw, at)
		if state == frameEnd {
			return nil
		}
		at = next
		if state == frameTorn {
			whole, open = false, save{}
			continue
		}
		var frame journalFrame
		if err := j.decode(body, &frame); err != nil {
			return err
		}
		c.broken = c.broken || !whole
		if err := open.add(frame.Edits); err != nil {
			return err
		}
		if frame.More {
			continue
		}
		c.saves = append(c.saves, open)
		open = save{}
		if whole {
			c.good = at
		}
	}
}

func (s *save) add(edits []journalEdit) error {
	for _, e := range edits {
		var h record.Header
		if err := record.Decode(e.Sealed.Header, &h); err != nil {
			return err
		}
		s.edits, s.headers = append(s.edits, e), append(s.headers, h)
	}
	return nil
}

type frameState int

const (
	frameWhole frameState = iota
	frameTorn             // its length is plausible, its body is not
	frameEnd              // nothing that could be a frame
)

func frameAt(raw []byte, at int64) (body []byte, next int64, state frameState) {
	rest := raw[at:]
	if len(rest) < frameHeadBytes {
		return nil, at, frameEnd
	}
	length := int64(binary.LittleEndian.Uint32(rest))
	if length == 0 || length > frameBytesMax || length > int64(len(rest)-frameHeadBytes) {
		return nil, at, frameEnd
	}
	body = rest[frameHeadBytes : frameHeadBytes+length]
	next = at + frameHeadBytes + length
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(rest[4:]) {
		return nil, next, frameTorn
	}
	return body, next, frameWhole
}

// decode reads a frame whose checksum is right, so only another key or a newer program can be why it fails.
func (j *journal) decode(body []byte, frame *journalFrame) error {
	if j.seal != nil {
		n := j.seal.NonceSize()
		if len(body) < n {
			return wrongJournalKey(nil)
		}
		plain, err := j.seal.Open(nil, body[:n], body[n:], nil)
		if err != nil {
			return wrongJournalKey(err)
		}
		body = plain
	}
	if err := record.Decode(body, frame); err != nil {
		return wrongJournalKey(err)
	}
	return nil
}

func wrongJournalKey(err error) error {
	return wrongKey(errors.Join(errors.New("a frame of the journal does not open"), err))
}

// take hands over what a segment holds, and puts the segment in order. ends is the size it is known to have had, or zero. A damaged one is set aside.
func (j *journal) take(c contents, ends int64, last bool, each func(journalEdit, *record.Header) error) (damaged bool, err error) {
	for _, s := range c.saves {
		for i, e := range s.edits {
			if err := each(e, &s.headers[i]); err != nil {
				return false, err
			}
		}
	}
	if c.broken || c.good < ends {
		return true, j.setAside(c.number)
	}
	if c.good == 0 {
		return false, j.files.Remove(j.path(c.number)) // stopped while it was being made
	}
	g := newSegment(c.number)
	g.bytes = c.good
	for _, s := range c.saves {
		for i := range s.headers {
			g.note(&s.headers[i])
		}
	}
	j.segments = append(j.segments, g)
	if !last {
		return false, nil
	}
	return false, j.resume(g, c.size)
}

// resume opens the last segment for writing, without its torn end.
func (j *journal) resume(g *segment, size int64) error {
	f, err := j.files.OpenFile(j.path(g.number), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if size > g.bytes {
		if err = f.Truncate(g.bytes); err == nil {
			err = f.Sync()
		}
	}
	if err == nil {
		_, err = f.Seek(g.bytes, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return err
	}
	j.file = f
	return nil
}

// setAside renames a damaged segment.
func (j *journal) setAside(number int) error {
	aside := j.path(number) + asideMark + "0"
	j.damage = append(j.damage, fmt.Sprintf("The file %s was damaged. It was set aside as %s; what could be read of it was kept.", filepath.Base(j.path(number)), filepath.Base(aside)))
	if err := j.files.Rename(j.path(number), aside); err != nil {
		return err
	}
	return j.files.SyncFolder(j.folder)
}

// journalCipher derives the journal's own key from the store's.
func journalCipher(key []byte) (cipher.AEAD, error) {
	if key == nil {
		return nil, nil
	}
	own, err := hkdf.Key(sha256.New, key, nil, "holdfast journal 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
