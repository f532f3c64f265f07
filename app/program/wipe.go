package program

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/sync/enrol"
)

// wiped is what stays behind in a folder whose data was removed.
type wiped struct {
	At      time.Time `json:"at"`
	Cluster string    `json:"cluster"`
	Done    bool      `json:"done"`
}

// wipedFile lies in a folder whose data is to be removed, and says afterwards that it was.
const wipedFile = "wiped.json"

// siteParts are the parts of the data folder that belong to a site; the settings are the person's own. The device's folder goes last: it holds what opens the others.
var siteParts = []string{"search", "incoming", "raft", "store", "configuration.git", "device"}

// obeyWipe removes this device's data once a node has told it to. It gives false as long as nobody has.
func (sh *sharing) obeyWipe() bool {
	status := sh.syncer.Status()
	for i := range status.Peers {
		if trouble := status.Peers[i].Trouble; trouble != nil && trouble.Code == enrol.WipeAsked {
			sh.site.program.leaving.Go(sh.site.program.wipe)
			return true
		}
	}
	return false
}

// wipe leaves the site and removes its data. What a crash leaves undone is done at the next start, before anything is opened.
func (p *Program) wipe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return
	}
	site := p.site
	p.site = nil
	mark := wiped{At: p.config.Wall().UTC(), Cluster: site.trust.Membership().ClusterName}
	if err := errors.Join(p.markWiped(mark), site.close(), p.completeWipe(mark)); err != nil {
		p.config.Log.Error("the data of this device could not all be removed; the rest is removed at the next start", "error", err)
	}
	p.changes.send(api.ChangeEvent{IDs: []string{}, Kinds: []string{}, Sync: true, Config: true})
}

// finishWipe goes on with what an interrupted wipe left.
func (p *Program) finishWipe() error {
	mark, found := p.wipedMark()
	if !found || mark.Done {
		return nil
	}
	return p.completeWipe(mark)
}

func (p *Program) completeWipe(mark wiped) error {
	if err := p.removeSite(); err != nil {
		return err
	}
	mark.Done = true
	return p.markWiped(mark)
}

func (p *Program) markWiped(mark wiped) error {
	raw, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return diskfile.Replace(p.path(wipedFile), raw, 0o600)
}

func (p *Program) wipedMark() (mark wiped, found bool) {
	raw, err := os.ReadFile(p.path(wipedFile))
	return mark, err == nil && json.Unmarshal(raw, &mark) == nil
}

// removeSite deletes the site's parts and gives this computer a new identity.
func (p *Program) removeSite() error {
	const op = "program.removeSite"
	for _, part := range siteParts {
		if err := os.RemoveAll(p.path(part)); err != nil {
			return fault.Wrap(err, fault.ReadOnly, op, "The data of this device was to be removed, but "+p.path(part)+" cannot be deleted. Delete it yourself.")
		}
	}
	if err := os.MkdirAll(p.path("device"), 0o700); err != nil {
		return fault.Wrap(err, fault.ReadOnly, op, "The data folder cannot be written. Choose another with --data, or change its permissions.")
	}
	var err error
	p.key = nil
	p.device, err = enrol.LoadOrCreateDevice(p.path("device", "key"), p.config.Random)
	return err
}

// Wiped says when and by whom the data of this folder was removed; "" when it never was, or when a site was entered since.
func (p *Program) Wiped() string {
	mark, found := p.wipedMark()
	if !found {
		return ""
	}
	return "An administrator of " + mark.Cluster + " shut this device out and had its data removed from it on " + mark.At.Format("2 January 2006, 15:04 UTC") + "."
}

// forgetWipe lets a folder begin again.
func (p *Program) forgetWipe() error {
	if err := os.Remove(p.path(wipedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.ReadOnly, "program.forgetWipe", "The data folder cannot be written. Choose another with --data, or change its permissions.")
	}
	return nil
}
