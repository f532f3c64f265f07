package bundles

import (
	"slices"
	"strconv"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
	"holdfast/sync/bundle"
)

func number(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

func troubleOf(err error) *api.Trouble {
	return &api.Trouble{Code: string(fault.CodeOf(err)), Sentence: fault.SentenceOf(err)}
}

func writtenOf(w *bundle.Written) *api.BundleWritten {
	return &api.BundleWritten{
		Bundle: w.Bundle.String(), Parts: w.Parts, Readers: w.Readers, Spaces: spacesOf(w.Spaces), Files: w.Files, FilesAbsent: w.FilesAbsent,
	}
}

func spacesOf(spaces []bundle.SpaceContent) []api.BundleSpace {
	views := make([]api.BundleSpace, 0, len(spaces))
	for i := range spaces {
		s := &spaces[i]
		views = append(views, api.BundleSpace{
			Space: string(s.Space), Generation: strconv.FormatUint(s.Generation, 10), Waiting: s.Edits, Agreed: s.Commits,
			From: number(s.From), To: number(s.To), Whole: s.Snapshot, Incomplete: s.Incomplete,
		})
	}
	return views
}

// info gives what is known of a bundle without opening it.
func (b *Bundles) info(w *bundle.Waiting) api.BundleInfo {
	orNone := func(numbers []int) []int { return append([]int{}, numbers...) }
	return api.BundleInfo{
		Bundle: w.Bundle.String(), Made: w.Made, Cluster: w.Cluster, Parts: w.Parts,
		Device: api.NamedID{ID: w.Device.String(), Name: b.config.Device(w.Device)},
		Read:   orNone(w.Read), Here: orNone(w.Here), Missing: orNone(w.Missing), Spaces: []api.BundleSpace{}, Taken: []api.BundleTaken{},
	}
}

// author adds what the writer's certificate says.
func (b *Bundles) author(info *api.BundleInfo, a *bundle.Author) {
	if a.Device.IsZero() {
		return
	}
	info.Site, info.Trust = a.Site, string(a.Trust)
	if info.Device.Name == "" {
		info.Device.Name = a.Name
	}
	if a.Person != (record.ID{}) {
		info.Person = b.config.Person(a.Person)
	}
}

// seen adds what was found in a part that was looked into.
func (b *Bundles) seen(info *api.BundleInfo, inside *bundle.Inside) {
	b.author(info, &inside.Author)
	info.Files += inside.Files
	for _, more := range spacesOf(inside.Spaces) {
		at := slices.IndexFunc(info.Spaces, func(s api.BundleSpace) bool { return s.Space == more.Space })
		if at < 0 {
			info.Spaces = append(info.Spaces, more)
			continue
		}
		s := &info.Spaces[at]
		s.Waiting += more.Waiting
		s.Agreed += more.Agreed
		s.Whole, s.Incomplete = s.Whole || more.Whole, s.Incomplete || more.Incomplete
		if s.From == "" {
			s.From = more.From
		}
		if more.To != "" {
			s.To = more.To
		}
	}
}

func (b *Bundles) readingOf(r *bundle.Reading) api.BundleInfo {
	info := b.info(&r.Waiting)
	b.author(&info, &r.Author)
	info.Spaces, info.Files, info.Closed = spacesOf(r.Spaces), r.Content.Files, r.Closed
	info.NewFiles, info.Changed = r.Files, r.Changed()
	for i := range r.Taken {
		t := &r.Taken[i]
		view := api.BundleTaken{
			Space: string(t.Space), New: t.NewEdits, Known: t.KnownEdits, Aside: t.Aside, Left: t.LeftEdits,
			AgreedNew: t.NewCommits, AgreedKnown: t.KnownCommits, AgreedLeft: t.LeftCommits, Whole: t.Snapshot, Why: []api.Trouble{},
		}
		for _, why := range t.Why {
			view.Why = append(view.Why, api.Trouble{Code: string(why.Code), Sentence: why.Sentence})
		}
		info.Taken = append(info.Taken, view)
	}
	return info
}
