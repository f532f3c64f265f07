package search_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backend/record"
	"holdfast/backend/search"
)

const (
	filledDocuments = 120
	filledMark      = "all of it"
)

// filled gives the records as they are in the end, or as they were before they were changed: then each has another word in its text.
func filled(changed bool) []search.Document {
	all := make([]search.Document, filledDocuments)
	for n := range all {
		all[n] = search.Document{ID: id(n), Kind: "incident", Title: fmt.Sprintf("Device in room%d", n%7), Names: []string{fmt.Sprintf("INC-LYO-%05d", n)}, Text: "It is broken."}
		if changed {
			all[n].Text, all[n].Gone = "It is mended.", n%10 == 9
		}
	}
	return all
}

// fillIndex makes an index as the program does over its life: in batches, with records that change and leave, and with a merge that has it forget what left.
func fillIndex(dir string) error {
	ctx := context.Background()
	x, err := search.Open(search.Config{Dir: dir, Log: slog.New(slog.DiscardHandler), BatchDelay: time.Millisecond})
	if err != nil {
		return err
	}
	for _, version := range [][]search.Document{filled(false), filled(true)} {
		for len(version) > 0 {
			n := min(len(version), filledDocuments/4)
			x.Put(version[:n]...)
			if err := x.Settle(ctx); err != nil {
				return err
			}
			version = version[n:]
		}
	}
	return errors.Join(x.SetMark(ctx, filledMark), x.Purge(ctx), x.Close())
}

// agrees holds what is found against the records.
func agrees(t *testing.T, x *search.Index, when string) {
	t.Helper()
	find := func(text string) map[record.ID]bool {
		hits, err := x.Search(t.Context(), search.Request{Text: text, Limit: 2 * filledDocuments})
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		found := map[record.ID]bool{}
		for _, hit := range hits {
			found[hit.ID] = true
		}
		return found
	}
	mended, broken, room, number := find("mended"), find("broken"), find("room3"), find("INC-LYO-00017")
	for n, d := range filled(true) {
		if mended[d.ID] == d.Gone || broken[d.ID] || room[d.ID] != (n%7 == 3 && !d.Gone) || number[d.ID] != (n == 17) {
			t.Fatalf("%s: record %d (gone: %v) is found as mended %v, broken %v, in its room %v, by number %v", when, n, d.Gone, mended[d.ID], broken[d.ID], room[d.ID], number[d.ID])
		}
	}
}

// marked starts on what a stopped program left, catches up, and reports whether there was nothing to catch up with.
func marked(t *testing.T, dir, when string) bool {
	t.Helper()
	left := filepath.Join(t.TempDir(), "search")
	if _, err := os.Stat(dir); err == nil {
		if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	x, err := search.Open(search.Config{Dir: left, Log: slog.New(slog.DiscardHandler), BatchDelay: time.Millisecond})
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	done := !x.Fresh() && x.Mark() == filledMark
	if done {
		agrees(t, x, when+", without catching up")
	}
	x.Put(filled(true)...)
	if err := x.Settle(t.Context()); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	agrees(t, x, when)
	if err := errors.Join(x.Close(), os.RemoveAll(left)); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	return done
}

// A power cut may leave files that end early. The index is made anew then, or stands further back; it never ends the program, and never says that it holds what it does not.
func TestCutFilesLeaveASearchThatAgrees(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "search")
	if err := fillIndex(dir); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		whole, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		const cuts = 16
		for i := range cuts {
			size := len(whole) * i / cuts
			if err := os.WriteFile(name, whole[:size], 0o600); err != nil {
				return err
			}
			marked(t, dir, fmt.Sprintf("%s of %d bytes cut to %d", filepath.Base(name), len(whole), size))
		}
		return os.WriteFile(name, whole, 0o600)
	})
	if err != nil || files < 3 {
		t.Errorf("%d files were cut: %v", files, err)
	}
	if !marked(t, dir, "whole again") {
		t.Error("an index that is whole was made anew")
	}
}
