package bundles

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/sync/bundle"
)

// Announce makes room for a file.
func (b *Bundles) Announce(_ context.Context, file api.BundleFile) (api.BundleFile, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return file, err
	}
	file.ID = id.String()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.files) >= filesMax {
		return file, fault.New(fault.Unavailable, "bundles.Announce", "Too many files are on their way in. Restart Holdfast and read them again.")
	}
	b.files[file.ID] = &arriving{file: file, path: b.path(arrivingDir, file.ID)}
	return file, nil
}

// Chunk takes the next piece of a file. A piece that came already is taken as done.
func (b *Bundles) Chunk(_ context.Context, id string, number int, data []byte) error {
	const op = "bundles.Chunk"
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.files[id]
	switch {
	case a == nil || a.taken:
		return fault.New(fault.NotFound, op, "This file was never announced, or it was read already. Choose it again.")
	case number < a.chunks:
		return nil
	case number > a.chunks:
		return fault.New(fault.Conflict, op, "The pieces of the file came in the wrong order. Choose the file again.")
	case a.bytes+int64(len(data)) > a.file.Size:
		return fault.New(fault.Invalid, op, "The file is larger than it said at first. Choose it again.")
	}
	if err := writeAt(a.path, a.bytes, data); err != nil {
		return folderFault(err, op)
	}
	a.chunks++
	a.bytes += int64(len(data))
	return nil
}

// writeAt writes the piece of a file that begins at an offset, over whatever an attempt that failed has left there.
func writeAt(path string, offset int64, data []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = file.Truncate(offset)
	if err == nil {
		_, err = file.WriteAt(data, offset)
	}
	return errors.Join(err, file.Close())
}

// Read begins to read files.
func (b *Bundles) Read(_ context.Context, wish api.BundleReading) (api.BundleJob, error) {
	files, err := b.claim(wish.Files)
	if err != nil {
		return api.BundleJob{}, err
	}
	job, err := b.start(func(ctx context.Context, j *job) error {
		b.reading.Lock()
		defer b.reading.Unlock()
		defer b.release(files)
		r := &reader{bundles: b, job: j, read: api.BundleRead{Files: []api.BundleFileRead{}, Bundles: []api.BundleInfo{}}}
		step := r.take
		if wish.Look {
			step = r.look
		}
		for _, file := range files {
			if err := step(ctx, file); err != nil {
				return err
			}
		}
		if err := r.readAll(ctx); err != nil {
			return err
		}
		b.update(j, func(view *api.BundleJob) { view.Read = &r.read })
		return nil
	})
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, a := range files {
			a.taken = false // they are here, and may be read later
		}
	}
	return job, err
}

func (b *Bundles) claim(ids []string) ([]*arriving, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var files []*arriving
	for _, id := range ids {
		a := b.files[id]
		if a == nil || a.taken {
			return nil, fault.New(fault.NotFound, "bundles.Read", "A file is not here, or it was read already. Choose the files again.")
		}
		files = append(files, a)
	}
	for _, a := range files {
		a.taken = true
	}
	return files, nil
}

func (b *Bundles) release(files []*arriving) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range files {
		delete(b.files, a.file.ID)
		// It was moved, or nobody needs it any more.
		_ = os.Remove(a.path)
	}
}

// reader is one reading of some files.
type reader struct {
	bundles *Bundles
	job     *job
	read    api.BundleRead
	found   []bundle.ID
}

// take checks a file and puts it into the inbox.
func (r *reader) take(ctx context.Context, a *arriving) error {
	part, fresh, err := bundle.Part{}, false, a.whole()
	if err == nil {
		part, fresh, err = r.bundles.inbox.Take(ctx, a.path, r.bundles.config.Bundle.Credentials.Identity().Cluster.String())
	}
	if err != nil {
		return r.refuse(ctx, a, err)
	}
	one := fileOf(a, &part)
	if !fresh {
		one.State = "known"
	}
	r.read.Files = append(r.read.Files, one)
	if !slices.Contains(r.found, part.Bundle) {
		r.found = append(r.found, part.Bundle)
	}
	return nil
}

func (a *arriving) whole() error {
	if a.bytes != a.file.Size {
		return fault.New(bundle.Truncated, "bundles.Read", "The file did not arrive whole. Choose it again.")
	}
	if a.chunks == 0 {
		return fault.New(bundle.NotABundle, "bundles.Read", "This file is empty.")
	}
	return nil
}

// refuse notes that a file cannot be read; what hinders reading any file ends the reading.
func (r *reader) refuse(ctx context.Context, a *arriving, err error) error {
	switch fault.CodeOf(err) {
	case fault.DiskFull, fault.ReadOnly, fault.Internal:
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.read.Files = append(r.read.Files, api.BundleFileRead{Name: a.file.Name, State: "refused", Trouble: troubleOf(err)})
	return nil
}

func fileOf(a *arriving, part *bundle.Part) api.BundleFileRead {
	return api.BundleFileRead{Name: a.file.Name, State: "taken", Bundle: part.Bundle.String(), Number: part.Number, Parts: part.Parts}
}

// readAll takes in what is in the inbox of the bundles that the files belong to.
func (r *reader) readAll(ctx context.Context) error {
	done := int64(0)
	for _, id := range r.found {
		reading, err := bundle.Read(ctx, r.bundles.config.Bundle, r.bundles.inbox, id, func(int) {
			done++
			r.bundles.update(r.job, func(view *api.BundleJob) { view.Done = done })
		})
		if err != nil && (ctx.Err() != nil || fault.CodeOf(err) == fault.Internal) {
			return err
		}
		info := r.bundles.readingOf(&reading)
		if err != nil {
			info.Trouble = troubleOf(err)
		}
		r.read.Bundles = append(r.read.Bundles, info)
	}
	return nil
}

// look says what is in a file, and leaves everything as it is.
func (r *reader) look(ctx context.Context, a *arriving) error {
	if err := a.whole(); err != nil {
		return r.refuse(ctx, a, err)
	}
	file, err := os.Open(a.path)
	if err != nil {
		return folderFault(err, "bundles.look")
	}
	defer file.Close()
	part, inside, err := bundle.Inspect(ctx, r.bundles.config.Bundle, file)
	if part.Parts == 0 {
		return r.refuse(ctx, a, err)
	}
	r.read.Files = append(r.read.Files, fileOf(a, &part))
	at := slices.IndexFunc(r.read.Bundles, func(info api.BundleInfo) bool { return info.Bundle == part.Bundle.String() })
	if at < 0 {
		at = len(r.read.Bundles)
		info := r.bundles.info(&bundle.Waiting{Part: part})
		for number := 1; number <= part.Parts; number++ {
			info.Missing = append(info.Missing, number)
		}
		r.read.Bundles = append(r.read.Bundles, info)
	}
	info := &r.read.Bundles[at]
	info.Missing = slices.DeleteFunc(info.Missing, func(n int) bool { return n == part.Number })
	info.Here = append(info.Here, part.Number)
	slices.Sort(info.Here)
	if err != nil {
		info.Trouble = troubleOf(err)
		return nil
	}
	info.Closed += inside.Closed
	r.bundles.seen(info, &inside)
	return nil
}
