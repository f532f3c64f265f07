package desktop

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

type sent struct {
	at    time.Duration
	event Changed
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
	relay(context.Background(), ready, changes, func(c Changed) { out = append(out, sent{time.Since(start), c}) })
	return out
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func ticket(revision, id string) Changed {
	return Changed{Revision: revision, IDs: []string{id}, Kinds: []string{"incident"}}
}

func TestFirstChangeGoesAtOnceAndTheRestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := runRelay(closed(), func(changes chan<- Changed) {
			time.Sleep(time.Second)
			changes <- ticket("1", "c")
			changes <- ticket("2", "b")
			changes <- Changed{Revision: "3", IDs: []string{"a", "b"}, Kinds: []string{"article", "incident"}, Sync: true}
		})
		want := []sent{
			{time.Second, Changed{Revision: "1", IDs: []string{"c"}, Kinds: []string{"incident"}}},
			{time.Second + noticeInterval, Changed{Revision: "3", IDs: []string{"a", "b"}, Kinds: []string{"article", "incident"}, Sync: true}},
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
		out := runRelay(ready, func(changes chan<- Changed) { changes <- ticket("1", "a") })
		want := []sent{{3 * time.Second, ticket("1", "a")}}
		if fmt.Sprint(out) != fmt.Sprint(want) {
			t.Fatalf("want %v, got %v", want, out)
		}
	})
}

func TestWhatIsGatheredNeverSaysLess(t *testing.T) {
	var hundreds []string
	for i := range noticeIDsMax + 1 {
		hundreds = append(hundreds, strconv.Itoa(i))
	}
	many := Changed{Kinds: []string{"service"}}
	cases := []struct {
		name    string
		changes []Changed
		want    string
	}{
		{"named records", []Changed{ticket("1", "b"), ticket("2", "a"), ticket("3", "b")}, `{"revision":"3","ids":["a","b"],"kinds":["incident"],"sync":false,"config":false}`},
		{"many of a kind", []Changed{many, ticket("2", "a")}, `{"revision":"2","ids":[],"kinds":["incident","service"],"sync":false,"config":false}`},
		{"many later", []Changed{ticket("1", "a"), many}, `{"revision":"","ids":[],"kinds":["incident","service"],"sync":false,"config":false}`},
		{"too many to name", []Changed{{IDs: hundreds, Kinds: []string{"incident"}}, ticket("2", "a")}, `{"revision":"2","ids":[],"kinds":["incident"],"sync":false,"config":false}`},
		{"sync alone keeps the ids", []Changed{ticket("1", "a"), {Revision: "2", Sync: true}}, `{"revision":"2","ids":["a"],"kinds":["incident"],"sync":true,"config":false}`},
		{"configuration", []Changed{{Revision: "1", Config: true}}, `{"revision":"1","ids":[],"kinds":[],"sync":false,"config":true}`},
		{"everything", []Changed{{Revision: "1"}, ticket("2", "a"), {Sync: true}}, `{"revision":"","ids":[],"kinds":[],"sync":false,"config":false}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var g gathered
			for _, change := range c.changes {
				g.add(change)
			}
			if raw, err := json.Marshal(g.event()); err != nil || string(raw) != c.want {
				t.Fatalf("want %s\ngot  %s %v", c.want, raw, err)
			}
		})
	}
}

func TestRelayEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			relay(ctx, make(chan struct{}), make(chan Changed), func(Changed) { t.Error("sent an event") })
		}()
		synctest.Wait()
		cancel()
		<-ended
	})
}

func TestEveryKeyArrivesAndEventsKeepTheirDistance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		gaps := rapid.SliceOfN(rapid.IntRange(0, 120), 1, 40).Draw(rt, "gaps in ms")
		synctest.Test(t, func(t *testing.T) {
			out := runRelay(closed(), func(changes chan<- Changed) {
				for i, gap := range gaps {
					time.Sleep(time.Duration(gap) * time.Millisecond)
					changes <- ticket(strconv.Itoa(i+1), strconv.Itoa(i))
				}
			})
			var keys []string
			for i, s := range out {
				keys = append(keys, s.event.IDs...)
				if i > 0 && s.at-out[i-1].at < noticeInterval {
					t.Fatalf("events %v apart", s.at-out[i-1].at)
				}
			}
			slices.Sort(keys)
			if len(slices.Compact(keys)) != len(gaps) || out[len(out)-1].event.Revision != strconv.Itoa(len(gaps)) {
				t.Fatalf("keys %v of %d", keys, len(gaps))
			}
		})
	})
}
