package program

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"holdfast/app/api"
	"holdfast/backend/continuity"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/sync/generation"
)

// Care gives what makes the cluster recoverable, without checks.
func (sh *sharing) Care(context.Context) (api.Care, error) {
	s := sh.site
	care := api.Care{Recoveries: []api.Recovery{}, MakesKeys: sh.issuer != nil, Backup: sh.lastBackup(), BackupFile: sh.nextBackup(), Node: sh.node != nil, Checks: []api.Check{}}
	for _, statement := range s.book.Lineage() {
		founder, _ := s.tables.Row(record.ID(statement.Founder))
		care.Recoveries = append(care.Recoveries, api.Recovery{Generation: generation.Name(statement.Generation), At: time.Unix(statement.Begun, 0).UTC(), Device: founder.Title})
	}
	cluster, err := s.store.Committed(continuity.ClusterID)
	if err != nil {
		return care, err
	}
	if cluster != nil && len(cluster.Shown(continuity.FieldAuthority)) > 0 {
		made := cluster.Fields[continuity.FieldAuthority].Values[0].When().Time()
		care.RecoveryKey = &made
	}
	care.MayManage = true
	if person := s.actor().Person; person != (record.ID{}) {
		may, err := s.desk.May(person, []string{policy.ClusterManage})
		if err != nil {
			return care, err
		}
		care.MayManage = may[policy.ClusterManage]
	}
	return care, nil
}

// nextBackup gives a file beside the newest backup, or else in the person's own folder, with a name that no backup has yet.
func (sh *sharing) nextBackup() string {
	folder, err := os.UserHomeDir()
	if err != nil {
		folder = os.TempDir()
	}
	if last := sh.lastBackup(); last != nil {
		folder = filepath.Dir(last.File)
	}
	return filepath.Join(folder, "holdfast-"+sh.site.actor().Site+"-"+sh.site.program.config.Wall().Format("2006-01-02-150405")+".age")
}

// seenNodes gives the nodes that a device which takes no part in agreeing knows of, and whether it is in touch with them.
func (sh *sharing) seenNodes() (api.Members, error) {
	view := api.Members{Members: []api.Member{}, Seen: true}
	connected := map[string]bool{}
	for _, peer := range sh.Status().Peers {
		connected[peer.Device] = peer.Connected
	}
	rows, err := sh.site.everyDevice()
	if err != nil {
		return view, err
	}
	former := sh.site.former()
	for _, row := range rows {
		state, err := sh.site.store.Committed(row.ID)
		if err != nil {
			return view, err
		}
		device := record.DeviceID(row.ID)
		if state == nil || state.Shown(people.FieldRole).AsText() != people.RoleNode || len(state.Shown(people.FieldRevoked)) > 0 || former[device] {
			continue
		}
		view.Members = append(view.Members, api.Member{
			ID: device.String(), Name: row.Title, Address: state.Shown(people.FieldAddress).AsText(), Voter: true, Healthy: connected[device.String()],
		})
	}
	return view, nil
}
