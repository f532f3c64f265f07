package program

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"holdfast/app/api"
	"holdfast/backend/continuity"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/sync/generation"
)

// Care gives what makes the cluster recoverable, and of the checks only what is not seen in this device's data alone.
func (sh *sharing) Care(context.Context) (api.Care, error) {
	s := sh.site
	care := api.Care{Recoveries: []api.Recovery{}, MakesKeys: sh.issuer != nil, Backup: sh.lastBackup(), BackupFile: sh.nextBackup(), Node: sh.node != nil, Checks: sh.stopped()}
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
	copies, err := sh.copies()
	if err != nil {
		return care, err
	}
	care.Checks = append(care.Checks, copies...)
	care.MayManage, err = sh.manages()
	return care, err
}

// stopped says why this node takes over nothing any more of what is agreed, if that is so.
func (sh *sharing) stopped() []api.Check {
	if sh.node == nil || sh.node.Err() == nil {
		return []api.Check{}
	}
	return []api.Check{{Name: string(fault.CodeOf(sh.node.Err())), Sentence: fault.SentenceOf(sh.node.Err())}}
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
	nodes, err := sh.admittedNodes()
	if err != nil {
		return view, err
	}
	for _, state := range nodes {
		id, address := record.DeviceID(state.ID).String(), state.Shown(people.FieldAddress).AsText()
		row, _ := sh.site.tables.Row(state.ID)
		view.Members = append(view.Members, api.Member{ID: id, Name: row.Title, Address: address, Voter: true, Healthy: connected[id]})
	}
	return view, nil
}
