package program

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"holdfast/app/api"
	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/store"
	"holdfast/sync/backup"
	"holdfast/sync/enrol"
)

// lastBackupName is where the newest proven backup of this device is remembered among the store's named values.
const lastBackupName = "backup/last"

// Backup writes everything that this device holds into a file, encrypted to the recovery key, and proves it by restoring it.
func (sh *sharing) Backup(ctx context.Context, file string) (api.Backup, error) {
	const op = "program.Backup"
	s := sh.site
	if err := sh.mayManage(op); err != nil {
		return api.Backup{}, err
	}
	if !filepath.IsAbs(file) {
		return api.Backup{}, fault.New(fault.Invalid, op, "The backup needs a whole path, such as /mnt/backup/holdfast.age.")
	}
	recipient, err := desk.BackupRecipient(s.store)
	if err != nil {
		return api.Backup{}, err
	}
	if len(recipient) != ed25519.PublicKeySize {
		return api.Backup{}, fault.New(fault.NotFound, op, "Backups are encrypted to the cluster's recovery key, and none was made yet. Make one with holdfast recovery-key, on a node.")
	}
	membership, now := s.trust.Membership(), s.program.config.Wall().UTC()
	made, err := backup.Make(ctx, backup.Making{
		Store: s.store, Recipient: recipient, File: file, Scratch: s.program.path("backup-trial"),
		Head: backup.Head{
			Cluster: membership.Cluster.String(), ClusterName: membership.ClusterName, Authority: membership.Authority, Site: s.actor().Site, Person: s.actor().Person,
			Made: now.Unix(), Statements: s.book.Statements(),
		},
	})
	if err != nil {
		return api.Backup{}, err
	}
	view := api.Backup{File: file, At: now, Bytes: made.Bytes, Files: made.Blobs, Waiting: int(made.Head.Pending), Spaces: len(made.Head.Frontiers)}
	raw, err := json.Marshal(view)
	if err != nil {
		return api.Backup{}, err
	}
	if err := s.store.SetMeta(ctx, lastBackupName, raw); err != nil {
		return view, err
	}
	sh.try(ctx, "how far the backup goes could not be told to the others; the next one tells", s.desk.AnnounceBackup(ctx, s.actor(), made.Head.Frontiers))
	return view, nil
}

// lastBackup gives the newest proven backup of this device, or nil.
func (sh *sharing) lastBackup() *api.Backup {
	raw, err := sh.site.store.Meta(lastBackupName)
	if err != nil || raw == nil {
		return nil
	}
	view := &api.Backup{}
	if json.Unmarshal(raw, view) != nil {
		return nil
	}
	return view
}

// Restoring says how a backup is restored.
type Restoring struct {
	File    string
	Key     string // the recovery key of the time of the backup
	Encrypt bool   // the folder, with the keyring or the passphrase of the configuration's keys
}

// Restore makes a new device of a backup in an empty data folder: the first node of the cluster in a new generation, as Recover does. Faults: those of backup.Restore, of Recover and of the
// vault; fault.Conflict (the folder is not empty).
func Restore(ctx context.Context, c Config, how Restoring) (Recovered, error) {
	const op = "program.Restore"
	c = defaults(c)
	folder, err := filepath.Abs(c.Data)
	if err != nil {
		return Recovered{}, fault.Wrap(err, fault.Invalid, op, "The data folder's path cannot be used: "+c.Data+".")
	}
	c.Data = folder
	return newRecovery(c).restore(ctx, how)
}

// unrestored lies in a folder while a restore is under way: whoever finds it knows that the folder holds nothing that is not in the backup.
const unrestored = "restore-unfinished"

func (r *recovery) restore(ctx context.Context, how Restoring) (Recovered, error) {
	key, err := enrol.ParseRecoveryKey(how.Key)
	if err != nil {
		return Recovered{}, err
	}
	if err := r.emptyFolder(); err != nil {
		return Recovered{}, err
	}
	r.reached("folder made")
	if err := r.fill(ctx, how, key); err != nil {
		// What was filled in so far is no data folder that could be gone on with.
		return Recovered{}, errors.Join(err, os.RemoveAll(r.program.config.Data))
	}
	r.reached("filled")
	if err := errors.Join(r.run(ctx, how.Key), r.store.Close()); err != nil {
		return r.done, err
	}
	r.reached("recovered")
	if err := os.Remove(r.program.path(unrestored)); err != nil {
		return r.done, fault.Wrap(err, diskfile.Code(err), "program.Restore", "The file "+unrestored+" in the data folder cannot be removed. The restore is done: remove it yourself, then start Holdfast.")
	}
	return r.done, diskfile.SyncFolder(r.program.config.Data)
}

// emptyFolder makes the folder, or empties it of what an interrupted restore left.
func (r *recovery) emptyFolder() error {
	const op = "program.Restore"
	p := r.program
	left, err := os.ReadDir(p.config.Data)
	if err == nil && len(left) > 0 {
		if _, err := os.Stat(p.path(unrestored)); err != nil {
			return fault.New(fault.Conflict, op, "The folder "+p.config.Data+" is not empty. Restore into a new one; nothing was changed.")
		}
	}
	for _, entry := range left {
		if entry.Name() == unrestored {
			continue
		}
		if err := os.RemoveAll(p.path(entry.Name())); err != nil {
			return fault.Wrap(err, diskfile.Code(err), op, "What an interrupted restore left in "+p.config.Data+" cannot be removed. Restore into another folder.")
		}
	}
	err = os.MkdirAll(p.config.Data, 0o700)
	if err == nil {
		err = diskfile.Replace(p.path(unrestored), nil, 0o600)
	}
	if err == nil {
		err = os.MkdirAll(p.path("device"), 0o700)
	}
	return fault.Wrap(err, fault.ReadOnly, op, "The data folder "+p.config.Data+" cannot be made. Choose another with --data.")
}

// checkRestored refuses a folder that a restore has not finished with.
func (p *Program) checkRestored() error {
	if _, err := os.Stat(p.path(unrestored)); err != nil {
		return nil
	}
	return fault.New(fault.Conflict, "program.Open", "A restore into the folder "+p.config.Data+" was interrupted. Run holdfast restore on it again; it begins anew from the backup.")
}

// fill makes the device and its store, and reads the backup into it.
func (r *recovery) fill(ctx context.Context, how Restoring, key enrol.RecoveryKey) (err error) {
	p := r.program
	if r.done.Recovery, err = p.lock(how.Encrypt); err != nil {
		return err
	}
	if p.device, err = enrol.LoadOrCreateDevice(p.path("device", "key"), p.config.Random); err != nil {
		return err
	}
	r.store, err = store.Open(ctx, store.Config{
		Dir: p.path("store"), Device: p.device, Kinds: desk.Kinds(), Wall: p.config.Wall, Random: p.config.Random, Log: p.config.Log, Key: p.key,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.store.Close())
		}
	}()
	identity, err := key.FileIdentity()
	if err != nil {
		return err
	}
	r.reached("store made")
	head, err := backup.Restore(ctx, how.File, identity, r.store)
	if err != nil {
		return err
	}
	r.reached("data restored")
	return r.enrolAnew(ctx, &head, key)
}

// enrolAnew gives the new device a certificate of the backup's cluster.
func (r *recovery) enrolAnew(ctx context.Context, head *backup.Head, key enrol.RecoveryKey) error {
	p := r.program
	sealed, err := desk.SealedAuthority(r.store)
	if err != nil {
		return err
	}
	authority, err := key.OpenAuthority(sealed, p.config.Random)
	if err != nil {
		return err
	}
	identity := enrol.Identity{Role: Node, Name: deviceName(), Person: head.Person, Sites: []string{head.Site}}
	certificate, err := authority.Issue(identity, p.device.PublicKey(), []string{"localhost", "127.0.0.1"}, p.config.Wall())
	if err != nil {
		return err
	}
	r.membership = &enrol.Membership{
		Cluster: authority.Cluster(), ClusterName: authority.ClusterName(), Certificate: certificate, Authority: authority.Certificate(), Joined: p.config.Wall().UTC(),
	}
	if r.trust, err = enrol.NewCredentials(p.device, r.membership, nil); err != nil {
		return err
	}
	return r.learn(ctx, head.Statements)
}
