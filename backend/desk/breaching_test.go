package desk_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"holdfast/backend/record"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
)

// promising is a bench whose tickets are promised an answer within an hour, and a solution within four hours, or two of the highest priority.
func promising(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.rules.Promise = func(_, _, priority string) (*sla.Promise, string, sla.ChangeRule) {
		solution := 4
		if priority == "1" {
			solution = 2
		}
		return &sla.Promise{Priority: priority, FirstResponse: sla.Target{Amount: 1, Unit: sla.Hours}, Resolution: sla.Target{Amount: solution, Unit: sla.Hours}}, "standard", sla.Retroactive
	}
	return b
}

// owed gives what a leader would note at this moment.
func (b *bench) owed(id record.ID) []record.Draft {
	drafts, _ := b.Breaches(b, b.committed[id], b.now)
	return drafts
}

// note commits drafts as the leader's.
func (b *bench) note(drafts ...record.Draft) {
	b.t.Helper()
	for _, draft := range drafts {
		b.as("a", func() {
			if _, err := b.Append(b.t.Context(), draft); err != nil {
				b.t.Fatal(err)
			}
		})
		b.expect(record.Applied, "")
	}
}

// breaches lists what was noted on a ticket.
func (b *bench) breaches(id record.ID) (list []string) {
	for _, item := range b.committed[id].Fields[ticket.FieldBreaches].Items {
		breach, untrue, ok := ticket.BreachIn(item.Value)
		if !ok {
			b.t.Fatalf("an entry cannot be read: %v", item)
		}
		word := breach.Metric + " " + breach.Target
		if untrue {
			word = "not " + word
		}
		list = append(list, word)
	}
	return list
}

func TestABrokenPromiseIsNotedOnceByWhicheverLeader(t *testing.T) {
	b := promising(t)
	id := b.incident().ID
	made := b.now
	if drafts, next := b.Breaches(b, b.committed[id], b.now); len(drafts) > 0 || !next.Equal(made.Add(time.Hour)) {
		t.Fatalf("before anything is due: %v, next at %v", drafts, next)
	}
	b.now = made.Add(time.Hour)
	if drafts := b.owed(id); len(drafts) > 0 {
		t.Fatalf("at the very instant it is not broken yet: %v", drafts)
	}
	b.now = made.Add(61 * time.Minute)
	first, second := b.owed(id), b.owed(id) // two leaders, of which neither knows of the other
	b.note(first...)
	b.note(second...)
	if len(b.last().Writes) > 0 {
		t.Error("the second leader noted it again")
	}
	b.now = made.Add(130 * time.Minute)
	b.note(b.owed(id)...)
	b.note(first...)
	if got := b.breaches(id); !slices.Equal(got, []string{"first_response 1 hour", "resolution 2 hours"}) || len(b.owed(id)) > 0 {
		t.Errorf("noted are %v, and %d are left", got, len(b.owed(id)))
	}
	if at := b.committed[id].Fields[ticket.FieldBreaches].Items[0]; at.Author != (record.ID{}) {
		t.Errorf("it was noted by %s", at.Author)
	}
}

func TestAnAnswerThatComesLateTakesABreachBack(t *testing.T) {
	b := promising(t)
	id := b.incident().ID
	made := b.now
	answered := b.now.Add(40 * time.Minute)
	b.now = made.Add(90 * time.Minute)
	b.note(b.owed(id)...)
	proposed := b.owed(id)
	b.now = answered // on a laptop without a network
	b.force("b", ben, id, "reply", say("replies", "Solved it", newID(t)))
	b.now = made.Add(5 * time.Hour)
	due := b.owed(id)
	b.note(due...)
	b.note(proposed...)
	want := []string{"first_response 1 hour", "resolution 2 hours", "not first_response 1 hour"}
	got := b.breaches(id)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(b.owed(id)) > 0 {
		t.Errorf("noted are %v, want %v", got, want)
	}
}

func TestASofterTargetLeavesABreach(t *testing.T) {
	b := promising(t)
	id := b.incident().ID
	b.now = b.now.Add(3 * time.Hour)
	b.note(b.owed(id)...)
	b.force("a", ana, id, "edit", record.Mutation{Op: record.OpSet, Field: "impact", Value: record.Text("3"), Seen: b.committed[id].SeenIn("impact")})
	if b.committed[id].Shown("priority").AsText() == "1" {
		t.Fatal("the priority did not change")
	}
	if drafts := b.owed(id); len(drafts) > 0 {
		t.Errorf("a softer target owes %d entries", len(drafts))
	}
	b.now = b.now.Add(2 * time.Hour)
	b.note(b.owed(id)...)
	if got := b.breaches(id); !slices.Equal(got, []string{"first_response 1 hour", "resolution 2 hours", "resolution 4 hours"}) {
		t.Errorf("noted are %v", got)
	}
}

func TestPeopleNoteNoBreaches(t *testing.T) {
	b := promising(t)
	id := b.incident().ID
	b.now = b.now.Add(2 * time.Hour)
	b.force("b", ben, id, "edit", b.owed(id)[0].Mutations[0])
	b.expect(record.Parked, "not_system")
}

// TestBreachesAreNotedOnceInEveryOrder lets answers come late, and leaders that are behind propose again what they had seen. In the end what is noted is what is true.
func TestBreachesAreNotedOnceInEveryOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := promising(t)
		id := b.incident().ID
		made := b.now
		latest := made
		var stale []record.Draft
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			latest = latest.Add(time.Duration(rapid.IntRange(1, 50).Draw(r, "minutes")) * time.Minute)
			b.now = latest
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				stale = append(stale, b.owed(id)...)
			case 1:
				b.note(b.owed(id)...)
			case 2:
				b.now = made.Add(time.Duration(rapid.IntRange(1, 90).Draw(r, "answered")) * time.Minute)
				b.force("b", ben, id, "reply", say("replies", "x", newID(t)))
			default:
				b.note(stale...)
			}
		}
		b.now = latest.Add(time.Minute)
		for range 3 { // noting takes seconds, in which another target may run out
			b.note(b.owed(id)...)
			b.note(stale...)
		}
		if left := b.owed(id); len(left) > 0 {
			r.Fatalf("%d entries are never noted: %s", len(left), left[0].Action)
		}
		seen := map[string]int{}
		for _, item := range b.committed[id].Fields[ticket.FieldBreaches].Items {
			breach, untrue, _ := ticket.BreachIn(item.Value)
			if seen[breach.Metric]%2 == 1 != untrue {
				r.Fatalf("noted are %v", b.breaches(id))
			}
			seen[breach.Metric]++
		}
		for _, change := range b.outcomes {
			if change.Result == record.Parked {
				r.Fatalf("an edit of the system was parked: %+v", change.Reason)
			}
		}
	})
}

func newID(t *testing.T) record.ID {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id
}
