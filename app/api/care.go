package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/backend/store"
)

// Care is what makes a cluster recoverable, and what about this device and its cluster needs a person.
type Care struct {
	Recoveries  []Recovery `json:"recoveries" doc:"when the cluster was begun anew, oldest first"`
	RecoveryKey *time.Time `json:"recoveryKey" doc:"when the recovery key was made; null when there is none"`
	MakesKeys   bool       `json:"makesKeys" doc:"the recovery key can be made on this device"`
	MayManage   bool       `json:"mayManage" doc:"this person may make backups and keys, and change the group of nodes"`
	Backup      *Backup    `json:"backup,omitempty" doc:"the newest proven backup of this device"`
	BackupFile  string     `json:"backupFile" doc:"where the next backup may go"`
	Node        bool       `json:"node" doc:"this device takes part in agreeing, so its backup is the cluster's"`
	Checks      []Check    `json:"checks"`
}

// Recovery is one beginning anew of a cluster.
type Recovery struct {
	Generation string    `json:"generation"`
	At         time.Time `json:"at"`
	Device     string    `json:"device" doc:"the name of the device that it went on from"`
}

// Renumbering is a record that has another number since the cluster was recovered.
type Renumbering struct {
	Record Ref      `json:"record"`
	Former []string `json:"former" doc:"the numbers that it had; it is still found by them"`
}

// Renumbered are all of them, by the number that they have now.
type Renumbered struct {
	Records []Renumbering `json:"records"`
}

func (s *server) renumbered(_ context.Context, _ *none) (*body[Renumbered], error) {
	v, err := s.services("api.renumbered")
	if err != nil {
		return nil, err
	}
	list := Renumbered{Records: []Renumbering{}}
	for _, one := range v.Tables.Renumbered() {
		if former := sameSite(one.Row.Space.Site(), one.Former); len(former) > 0 {
			list.Records = append(list.Records, Renumbering{*v.ref(one.Row.ID), former})
		}
	}
	return answer(list, nil)
}

// sameSite leaves out the numbers that a ticket had at another site, before it was moved: nobody promised those anew.
func sameSite(site string, numbers []string) []string {
	if site == "" {
		return numbers // of the whole organisation, which has no site in its numbers
	}
	return slices.DeleteFunc(slices.Clone(numbers), func(number string) bool { return !strings.Contains(number, "-"+site+"-") })
}

// The names of the checks besides those of the doctor. They are only ever added.
const (
	checkBackup      = "backup"
	checkBackupAge   = "backup_age"
	checkRecoveryKey = "recovery_key"
	checkNodes       = "nodes"
	checkNode        = "node"
	checkLeader      = "no_leader"
	checkDisk        = "disk"
	checkNewer       = "needs_newer"
)

// backupDaysMax is how old the newest backup may be.
const backupDaysMax = 7

func (s *server) care(ctx context.Context, _ *none) (*body[Care], error) {
	v, err := s.services("api.care")
	if err != nil {
		return nil, err
	}
	return answer(v.care(ctx))
}

func (v *Services) care(ctx context.Context) (Care, error) {
	care, err := v.Sync.Care(ctx)
	if err != nil {
		return care, err
	}
	members, err := v.Sync.Members(ctx)
	if err != nil {
		return care, err
	}
	health := v.Store.Health()
	care.Checks = slices.Concat(care.Checks, care.recoverable(v.Now()), members.checks(v.Device.String()), deviceChecks(&health), v.newerChecks())
	return care, nil
}

// newerChecks says that changes wait for an update. Those that do stay, so the oldest that wait tell.
func (v *Services) newerChecks() []Check {
	n := 0
	for _, space := range v.Store.Spaces() {
		for _, edit := range v.Store.PendingAfter(space, store.PendingCursor{}, newerLookedAt) {
			if v.newer(edit) {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []Check{{Name: checkNewer, Count: n, Sentence: "Some changes were made by a newer Holdfast and wait for it. They are kept; update Holdfast on the nodes and on this device."}}
}

// newerLookedAt is how many of the changes that wait in a space are looked at, oldest first.
const newerLookedAt = 200

// recoverable checks whether the cluster could be begun anew. Only those who decide have to keep backups.
func (c *Care) recoverable(now time.Time) []Check {
	if !c.Node {
		return nil
	}
	checks := []Check{{Name: checkRecoveryKey, OK: c.RecoveryKey != nil, Sentence: "There is a recovery key."}}
	if c.RecoveryKey == nil {
		checks[0].Sentence = "There is no recovery key, so nothing could be begun anew if the nodes were lost. Make one and keep it on paper."
	}
	if c.Backup == nil {
		return append(checks, Check{Name: checkBackup, Sentence: "No backup was ever made here. Make one on another disk."})
	}
	age := Check{Name: checkBackupAge, Count: int(now.Sub(c.Backup.At).Hours() / 24)}
	if age.OK = age.Count < backupDaysMax; age.OK {
		age.Sentence = "The last backup is less than a week old."
	} else {
		age.Sentence = fmt.Sprintf("The last backup is %d days old. Make a new one.", age.Count)
	}
	return append(checks, age)
}

// checks says which nodes do not answer, and what their number means. own is this device.
func (m *Members) checks(own string) []Check {
	if m.Seen {
		return nil // who agrees on nothing sees too little of them
	}
	leader := slices.IndexFunc(m.Members, func(one Member) bool { return one.Leader })
	if leader < 0 {
		return []Check{{
			Name: checkLeader, Count: len(m.Members),
			Sentence: "Most of the nodes do not answer, so nothing is agreed; work goes on and is kept. Start them again. If they are gone for good, begin the cluster anew: holdfast recover.",
		}}
	}
	var checks []Check
	for i := range m.Members {
		member := &m.Members[i]
		// Only the leader hears of all of them.
		if !member.Healthy && m.Members[leader].ID == own {
			checks = append(checks, Check{Name: checkNode, About: member.Name, Sentence: "The node " + member.Name + " does not answer. See whether it runs; if it is gone for good, remove it."})
		}
	}
	if m.Warning != "" && len(m.Members) > 1 {
		checks = append(checks, Check{Name: checkNodes, Count: len(m.Members), Sentence: m.Warning})
	}
	return checks
}

// deviceChecks says how this device's own data stands, without reading it all.
func deviceChecks(health *store.Health) []Check {
	var checks []Check
	for _, check := range []struct{ name, trouble, fine string }{
		{"clock", health.ClockSuspicion, "The clock agrees with what others wrote."},
		{"folder", health.FolderWarning, "The data folder is on a local disk."},
		{"rebuilt", setAside(health.Rebuilt), "The database was never set aside."},
	} {
		checks = append(checks, Check{Name: check.name, OK: check.trouble == "", Sentence: firstOf(check.trouble, check.fine), About: health.Rebuilt})
	}
	disk := Check{Name: checkDisk, OK: !health.DiskFull, Sentence: "There is room on the disk."}
	if health.DiskFull {
		disk.Sentence = "The disk is full, and changes are refused until there is room. Free some space."
	}
	checks = append(checks, disk)
	return checks
}
