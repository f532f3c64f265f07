package bundle

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"filippo.io/age"

	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// Trust says what is taken from the device that wrote a bundle.
type Trust string

// The kinds of trust. The changes in a bundle are signed by their authors and judged by the cluster as always; agreed changes are only as good as who brings them.
const (
	Trusted Trust = "trusted"
	// Expired: the certificate had run out before the bundle was made. Agreed changes are left out.
	Expired Trust = "expired"
	// Revoked: the device is shut out. Agreed changes are left out.
	Revoked Trust = "revoked"
)

// Author is the device that wrote a bundle, as its certificate says.
type Author struct {
	Device record.DeviceID
	Name   string
	Role   enrol.Role
	Person record.ID
	Site   string
	Trust  Trust
}

// Inside says what this device can see of a part.
type Inside struct {
	Author Author
	Content
	// Closed counts sections that are encrypted for others.
	Closed int
}

// Inspect reads a part without taking anything in. Content counts what is there, not what somebody says is there. NotForUs when nothing can be opened: the Part says what may be known.
func Inspect(ctx context.Context, cfg Config, from io.ReadSeeker) (Part, Inside, error) {
	var inside Inside
	part, err := Check(ctx, from)
	if err != nil {
		return part, inside, err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return part, inside, err
	}
	v := &visit{cfg: &cfg, each: func(ctx context.Context, o *opened, author Author) error {
		inside.Author = author
		return look(ctx, o, &inside.Content)
	}}
	if err := v.part(ctx, from, part.Made); err != nil {
		return part, inside, err
	}
	inside.Closed = v.closed
	if v.opened == 0 {
		return part, inside, notForUs()
	}
	return part, inside, nil
}

func notForUs() error {
	return fault.New(NotForUs, "bundle.Read", "Nothing in this bundle is encrypted for this device: it is of another organisation, or it was made before this device joined. Nothing was changed.")
}

// visit opens the sections of a part.
type visit struct {
	cfg    *Config
	each   func(ctx context.Context, o *opened, author Author) error
	opened int
	closed int
}

func (v *visit) part(ctx context.Context, from io.Reader, made time.Time) error {
	framing, err := newFraming()
	if err != nil {
		return err
	}
	identity, err := v.cfg.Credentials.Device().FileIdentity()
	if err != nil {
		return err
	}
	r, err := openPart(contextReader{ctx, from})
	if err != nil {
		return err
	}
	for {
		s, err := r.nextSection()
		if err != nil || s == nil {
			return err
		}
		if err := v.section(ctx, framing, s, identity, made); err != nil {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
}

func (v *visit) section(ctx context.Context, framing *framing, s *section, identity age.Identity, made time.Time) error {
	o, err := framing.open(s, identity)
	if errors.Is(err, errNotReadable) {
		v.closed++
		return nil
	}
	if err != nil {
		return err
	}
	author, err := v.author(o, s.part.head.Key, made)
	if err != nil {
		return err
	}
	v.opened++
	return v.each(ctx, o, author)
}

// author judges who wrote a section: the key that signed the part must be the one that the cluster's authority certified.
func (v *visit) author(o *opened, key []byte, made time.Time) (Author, error) {
	identity, err := v.cfg.Credentials.Verify(o.Certificate)
	if err != nil {
		return Author{}, err
	}
	if identity.Device != record.DeviceOf(key) {
		return Author{}, altered("it was signed by another device than the one that wrote it")
	}
	author := Author{
		Device: identity.Device, Name: identity.Name, Role: identity.Role, Person: identity.Person, Site: identity.Site(), Trust: Trusted,
	}
	switch {
	case v.cfg.Credentials.Revoked(identity.Device):
		author.Trust = Revoked
	case identity.Expires.Before(made):
		author.Trust = Expired
	}
	return author, nil
}

// Reading says what came of reading the parts of one bundle that were here.
type Reading struct {
	Waiting        // as it stands now; all of its parts are read when none is Missing and none is Here
	Now     []int  // the parts that were read now
	Author  Author // zero when no part was read now
	Content        // of the parts read now
	Taken   []Taken
	Files   int // attached files that are here now and were not before
	Closed  int
}

// Whole reports whether all parts of the bundle were read by now.
func (r *Reading) Whole() bool { return len(r.Read) == r.Parts }

// Changed reports whether anything was not here already.
func (r *Reading) Changed() bool {
	return r.Files > 0 || slices.ContainsFunc(r.Taken, func(t Taken) bool { return t.NewEdits+t.NewCommits+t.Aside > 0 || t.Snapshot })
}

// Read takes in the parts of a bundle that are in the inbox, in their order, up to the first one that is missing. What comes after waits in the inbox. A part that
// fails for good is dropped and named by the fault; what was read before it stays. progress, when not nil, is told how many parts are read.
func Read(ctx context.Context, cfg Config, inbox *Inbox, id ID, progress func(parts int)) (Reading, error) {
	var reading Reading
	waiting, err := inbox.Find(id)
	if err != nil {
		return reading, err
	}
	reading.Waiting = waiting
	opened := 0
	for number := 1; number <= waiting.Parts; number++ {
		if slices.Contains(waiting.Read, number) {
			continue
		}
		if !slices.Contains(waiting.Here, number) {
			break
		}
		n, err := readPart(ctx, &cfg, inbox, &reading, number)
		if err != nil {
			return reading, err
		}
		opened += n
		if progress != nil {
			progress(number)
		}
	}
	if len(reading.Now) > 0 && opened == 0 && reading.Whole() {
		return reading, notForUs()
	}
	return reading, nil
}

// readPart takes in one part and gives how many of its sections could be opened.
func readPart(ctx context.Context, cfg *Config, inbox *Inbox, reading *Reading, number int) (int, error) {
	file, err := inbox.open(reading.Bundle, number)
	if err != nil {
		return 0, err
	}
	v := &visit{cfg: cfg, each: func(ctx context.Context, o *opened, author Author) error {
		reading.Author = author
		return take(ctx, cfg, o, author, reading)
	}}
	err = v.part(ctx, file, reading.Made)
	// It was read only.
	_ = file.Close()
	reading.Closed += v.closed
	if err != nil {
		if forGood(err) {
			err = errors.Join(err, inbox.drop(reading.Bundle, number))
		}
		return v.opened, err
	}
	if err := inbox.done(reading.Bundle, number); err != nil {
		return v.opened, err
	}
	reading.Now = append(reading.Now, number)
	reading.Read = append(reading.Read, number)
	reading.Here = slices.DeleteFunc(slices.Clone(reading.Here), func(n int) bool { return n == number })
	slices.Sort(reading.Read)
	return v.opened, nil
}

// forGood reports whether a part that failed so would fail again.
func forGood(err error) bool {
	switch fault.CodeOf(err) {
	case Broken, Altered, Truncated, NotABundle, enrol.NotEnrolled, enrol.OtherCluster:
		return true
	}
	return false
}
