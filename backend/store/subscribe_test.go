package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"holdfast/backend/record"
)

func TestASlowSubscriberMissesNoRecord(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	sub := s.Subscribe(1)
	defer sub.Close()
	want := map[record.ID]bool{}
	for i := range 50 {
		id := newID()
		want[id] = true
		_, err := s.Append(ctx, draftOf(id, true, fmt.Sprint(i)))
		must(t, err)
	}
	commitAll(t, s)
	moved := false
	sets, last := 0, uint64(0)
	for len(want) > 0 || !moved {
		set := <-sub.C()
		sets++
		if set.Revision <= last {
			t.Errorf("revision %d after %d", set.Revision, last)
		}
		last = set.Revision
		moved = moved || slices.Contains(set.Moved, lyon)
		for _, id := range set.Records {
			delete(want, id)
			if titleOf(t, s, id) == "" {
				t.Error("a change was announced before it can be read")
			}
		}
	}
	if sets > 51 {
		t.Errorf("%d change sets", sets)
	}
}

func TestReadersSeeEveryRecordOnceWhileEditsAreCommitted(t *testing.T) {
	ctx := context.Background()
	s := newStoreOf(t, newSigner("A"))
	ids := fill(t, s, 500)
	var writing sync.WaitGroup
	done := make(chan struct{})
	writing.Go(func() {
		defer close(done)
		for i := range 40 {
			if _, err := s.Append(ctx, draftOf(ids[i], false, "changed"), draftOf(newID(), true, "new")); err != nil {
				t.Error(err)
			}
			commitAll(t, s)
		}
	})
	for walking := true; walking; {
		select {
		case <-done:
			walking = false
		default:
		}
		seen := map[record.ID]bool{}
		must(t, s.EachView(ctx, func(state *record.State) error {
			if seen[state.ID] {
				t.Errorf("%s twice", state.ID)
			}
			seen[state.ID] = true
			return nil
		}))
		if len(seen) < 500 || len(seen) > 540 {
			t.Errorf("%d records", len(seen))
		}
	}
	writing.Wait()
}

func TestAWalkEndsWithItsReader(t *testing.T) {
	s := newStoreOf(t, newSigner("A"))
	fill(t, s, 2000)
	_, err := s.Append(context.Background(), draftOf(newID(), true, "tentative"))
	must(t, err)
	enough := fmt.Errorf("enough")
	n := 0
	err = s.EachView(context.Background(), func(*record.State) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if err != enough || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	err = s.EachView(ctx, func(*record.State) error { n++; cancel(); return nil })
	if err == nil || n > 2 {
		t.Errorf("%v after %d", err, n)
	}
}
