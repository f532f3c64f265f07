package desktop

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

type sent struct {
	at     time.Duration
	notice Notice
}

// runRelay feeds what feed sends and gives what came out, with the time since the start.
func runRelay(ready <-chan struct{}, feed func(chan<- Changed)) []sent {
	start := time.Now()
	changes := make(chan Changed)
	go func() {
		defer close(changes)
		feed(changes)
	}()
	var out []sent
	relay(context.Background(), ready, changes, func(n Notice) { out = append(out, sent{time.Since(start), n}) })
	return out
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestFirstChangeGoesAtOnceAndTheRestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := runRelay(closed(), func(changes chan<- Changed) {
			time.Sleep(time.Second)
			changes <- Changed{Revision: 1, Keys: []string{"tickets"}}
			changes <- Changed{Revision: 3, Keys: []string{"tickets/b"}}
			changes <- Changed{Revision: 2, Keys: []string{"tickets/a", "tickets/b"}}
		})
		want := []sent{
			{time.Second, Notice{"1", []string{"tickets"}, false}},
			{time.Second + noticeInterval, Notice{"3", []string{"tickets/a", "tickets/b"}, false}},
		}
		if fmt.Sprint(out) != fmt.Sprint(want) {
			t.Fatalf("want %v, got %v", want, out)
		}
	})
}

func TestNothingIsSentBeforeThePageIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ready := make(chan struct{})
		time.AfterFunc(3*time.Second, func() { close(ready) })
		out := runRelay(ready, func(changes chan<- Changed) {
			changes <- Changed{Revision: 1 << 60, Keys: []string{"sync"}}
		})
		want := []sent{{3 * time.Second, Notice{"1152921504606846976", []string{"sync"}, false}}}
		if fmt.Sprint(out) != fmt.Sprint(want) {
			t.Fatalf("want %v, got %v", want, out)
		}
	})
}

func TestTooManyKeysBecomeEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := runRelay(closed(), func(changes chan<- Changed) {
			changes <- Changed{Revision: 1}
			for i := range noticeKeysMax + 1 {
				changes <- Changed{Revision: uint64(i), Keys: []string{"tickets/" + strconv.Itoa(i)}}
			}
		})
		for _, s := range out {
			if !s.notice.All || len(s.notice.Keys) != 0 || s.notice.Keys == nil {
				t.Fatalf("got %+v", s.notice)
			}
		}
		if len(out) != 2 {
			t.Fatalf("got %d notices", len(out))
		}
	})
}

func TestRelayEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			relay(ctx, make(chan struct{}), make(chan Changed), func(Notice) { t.Error("sent a notice") })
		}()
		synctest.Wait()
		cancel()
		<-ended
	})
}

func TestEveryKeyArrivesAndNoticesKeepTheirDistance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		gaps := rapid.SliceOfN(rapid.IntRange(0, 120), 1, 40).Draw(rt, "gaps in ms")
		synctest.Test(t, func(t *testing.T) {
			out := runRelay(closed(), func(changes chan<- Changed) {
				for i, gap := range gaps {
					time.Sleep(time.Duration(gap) * time.Millisecond)
					changes <- Changed{Revision: uint64(i + 1), Keys: []string{strconv.Itoa(i)}}
				}
			})
			var keys []string
			for i, s := range out {
				keys = append(keys, s.notice.Keys...)
				if i > 0 && s.at-out[i-1].at < noticeInterval {
					t.Fatalf("notices %v apart", s.at-out[i-1].at)
				}
			}
			slices.Sort(keys)
			if len(slices.Compact(keys)) != len(gaps) || out[len(out)-1].notice.Revision != strconv.Itoa(len(gaps)) {
				t.Fatalf("keys %v of %d", keys, len(gaps))
			}
		})
	})
}
