package api

import (
	"slices"
	"testing"
	"time"

	"holdfast/backend/store"
)

// bad gives the names of the checks that failed.
func bad(checks []Check) (names []string) {
	for _, check := range checks {
		if !check.OK {
			names = append(names, check.Name)
		}
		if check.Sentence == "" {
			names = append(names, check.Name+" says nothing")
		}
	}
	return names
}

func TestChecksSayWhatNeedsAPerson(t *testing.T) {
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	before := func(days int) *Backup { return &Backup{At: now.AddDate(0, 0, -days)} }
	for name, c := range map[string]struct {
		care Care
		want []string
	}{
		"a desktop that agrees on nothing": {Care{}, nil},
		"a new node":                       {Care{Node: true}, []string{checkRecoveryKey, checkBackup}},
		"a node that is looked after":      {Care{Node: true, RecoveryKey: &now, Backup: before(6)}, nil},
		"a node with an old backup":        {Care{Node: true, RecoveryKey: &now, Backup: before(7)}, []string{checkBackupAge}},
	} {
		if got := bad(c.care.recoverable(now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	members := Members{Members: []Member{{ID: "1", Name: "N1", Healthy: true, Leader: true}, {ID: "2", Name: "N2"}}, Warning: "An even number."}
	if got := bad(members.checks("1")); !slices.Equal(got, []string{checkNode, checkNodes}) {
		t.Errorf("nodes, as their leader sees them: %v", got)
	}
	if got := bad(members.checks("2")); !slices.Equal(got, []string{checkNodes}) {
		t.Errorf("nodes, as one sees them that does not lead: %v", got)
	}
	members.Members[0].Leader = false
	if got := bad(members.checks("1")); !slices.Equal(got, []string{checkLeader}) {
		t.Errorf("nodes without a leader: %v", got)
	}
	members.Seen = true
	if got := bad(members.checks("1")); len(got) > 0 {
		t.Errorf("nodes that are only seen: %v", got)
	}
	if got := bad(deviceChecks(&store.Health{})); len(got) > 0 {
		t.Errorf("a device that is well: %v", got)
	}
	ill := store.Health{ClockSuspicion: "It is 1970.", FolderWarning: "It is away.", Rebuilt: "/old", DiskFull: true}
	if got := bad(deviceChecks(&ill)); !slices.Equal(got, []string{"clock", "folder", "rebuilt", checkDisk}) {
		t.Errorf("a device that is ill: %v", got)
	}
}
