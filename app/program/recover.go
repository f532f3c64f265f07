package program

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/store"
	"holdfast/sync/enrol"
	"holdfast/sync/generation"
	"holdfast/sync/node"
)

// Recovered says what a recovery has begun.
type Recovered struct {
	Cluster    string           `json:"cluster"`
	Generation string           `json:"generation"`
	Spaces     []RecoveredSpace `json:"spaces"`
	Pending    int              `json:"pending"`  // edits on this device that will be agreed anew
	Salvaged   int              `json:"salvaged"` // entries out of the log of the lost group
	Former     int              `json:"former"`   // nodes that are left behind
	// Recovery is the recovery code of a folder that a restore encrypted; it is shown once.
	Recovery string `json:"recovery,omitempty"`
}

// RecoveredSpace is where a space goes on.
type RecoveredSpace struct {
	Space  string `json:"space"`
	Commit uint64 `json:"commit"`
	Digest string `json:"digest"`
}

// recovery is one call of Recover.
type recovery struct {
	program    *Program
	store      *store.Store
	membership *enrol.Membership
	trust      *enrol.Credentials
	authority  *enrol.Authority
	done       Recovered
	agreed     map[record.Space]record.Frontier // where the store stood before anything was taken from the log
	// reached is called after each step that leaves something on the disk; tests look at what a crash would leave there.
	reached func(step string)
}

func newRecovery(c Config) *recovery {
	return &recovery{program: &Program{config: c}, reached: func(string) {}}
}

// Recovering says how a cluster is recovered.
type Recovering struct {
	// Key is the cluster's recovery key; only a node of a cluster that never had one does without.
	Key string
	// Incomplete lets a folder be taken whose damaged database was rebuilt and which may lack what others hold.
	Incomplete bool
}

// DataIncomplete is the code of a recovery that was not begun because the folder's database was rebuilt, so that other devices may hold more.
const DataIncomplete fault.Code = "data_incomplete"

// Recover makes the device of a data folder on which no Holdfast runs the first node of the cluster in a new generation, with all that it holds. It can be repeated after a failure.
// Faults: fault.InUse, fault.NotFound (no cluster here, or nothing to open the authority in), DataIncomplete, enrol.NotARecoveryKey, enrol.RecoveryKeyWrong.
func Recover(ctx context.Context, c Config, how Recovering) (Recovered, error) {
	c = defaults(c)
	folder, err := filepath.Abs(c.Data)
	if err != nil {
		return Recovered{}, fault.Wrap(err, fault.Invalid, "program.Recover", "The data folder's path cannot be used: "+c.Data+".")
	}
	c.Data = folder
	return newRecovery(c).recover(ctx, how)
}

func (r *recovery) recover(ctx context.Context, how Recovering) (Recovered, error) {
	if err := r.open(ctx); err != nil {
		return Recovered{}, err
	}
	err := r.checkComplete(how)
	if err == nil {
		err = r.run(ctx, how.Key)
	}
	if err == nil {
		err = r.store.Completed(ctx) // it is what the cluster goes on from
	}
	return r.done, errors.Join(err, r.store.Close())
}

// checkComplete refuses a replica that may lack what others hold, unless the person knows.
func (r *recovery) checkComplete(how Recovering) error {
	aside, err := r.store.Incomplete()
	if err != nil || aside == "" || how.Incomplete {
		return err
	}
	return fault.Newf(DataIncomplete, "program.Recover", "The database of this folder was damaged and set aside in %s. What is here now was built anew from what could be read and from this device's own changes, "+
		"and it may lack what other devices hold. If another node or desktop is left, recover on that one. Nothing was changed; to go on with this one all the same, say so with --incomplete.", aside)
}

func (r *recovery) open(ctx context.Context) error {
	p := r.program
	var err error
	if r.membership, err = enrol.LoadMembership(p.path("device", "membership.json")); err != nil {
		return err
	}
	if p.device, err = enrol.LoadOrCreateDevice(p.path("device", "key"), p.config.Random); err != nil {
		return err
	}
	if err := p.unlock(); err != nil {
		return err
	}
	if r.trust, err = enrol.NewCredentials(p.device, r.membership, nil); err != nil {
		return err
	}
	r.store, err = store.Open(ctx, store.Config{
		Dir: p.path("store"), Device: p.device, Kinds: desk.Kinds(), Wall: p.config.Wall, Random: p.config.Random, Log: p.config.Log, Key: p.key,
	})
	if fault.Is(err, fault.InUse) {
		return fault.Wrap(err, fault.InUse, "program.Recover", "Holdfast runs on this data folder. Close it, then recover.")
	}
	return lockFault(err)
}

func (r *recovery) run(ctx context.Context, key string) error {
	if err := r.openAuthority(key); err != nil {
		return err
	}
	if err := r.store.AbandonImports(ctx); err != nil {
		return err
	}
	if err := r.salvage(ctx); err != nil {
		return err
	}
	r.reached("salvaged")
	number, err := r.begin(ctx)
	if err != nil {
		return err
	}
	r.reached("statement kept")
	if err := r.becomeNode(); err != nil {
		return err
	}
	if err := r.leaveGroup(); err != nil {
		return err
	}
	r.reached("log put aside")
	return r.takePlace(number)
}

// openAuthority gets the key that signs for the cluster.
func (r *recovery) openAuthority(key string) error {
	const op = "program.Recover"
	p := r.program
	sealed, err := desk.SealedAuthority(r.store)
	if err != nil {
		return err
	}
	if sealed == nil {
		r.authority, err = enrol.LoadAuthority(p.path("device", "authority"), p.device, p.config.Random)
		if fault.Is(err, fault.NotFound) {
			return fault.Wrap(err, fault.NotFound, op, "No recovery key was ever made for this cluster, so only a node can recover it. Recover on a node, or restore a node from a backup.")
		}
		return err
	}
	if key == "" {
		return fault.New(enrol.NotARecoveryKey, op, "The cluster's recovery key is needed. Name it, or the file that holds it, with --recovery-key.")
	}
	parsed, err := enrol.ParseRecoveryKey(key)
	if err != nil {
		return err
	}
	if r.authority, err = parsed.OpenAuthority(sealed, p.config.Random); err != nil {
		return err
	}
	if r.authority.Fingerprint() != fingerprintOf(r.membership) {
		return fault.New(enrol.OtherCluster, op, "What this device keeps for the recovery belongs to another cluster. Nothing was changed.")
	}
	return nil
}

func fingerprintOf(m *enrol.Membership) enrol.Fingerprint {
	trust, err := enrol.NewTrust(m.Authority)
	if err != nil {
		return enrol.Fingerprint{}
	}
	return trust.Fingerprint()
}

// salvage takes what is on its way in the log of a node. A log that cannot be read has nothing to give.
func (r *recovery) salvage(ctx context.Context) error {
	r.agreed = map[record.Space]record.Frontier{}
	for _, f := range r.store.Frontiers() {
		r.agreed[f.Space] = f
	}
	applied, err := node.Salvage(ctx, r.program.path("raft"), r.program.key, r.store)
	r.done.Salvaged = applied
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if fault.Is(err, fault.Corrupt) {
		r.program.config.Log.Warn("the log of this node could not be read to its end", "error", err)
		return nil
	}
	return err
}

// begin signs and keeps the statement of the new generation.
func (r *recovery) begin(ctx context.Context) (uint64, error) {
	book, err := r.book()
	if err != nil {
		return 0, err
	}
	var salt [4]byte
	if _, err := io.ReadFull(r.program.config.Random, salt[:]); err != nil {
		return 0, fault.Wrap(err, fault.Internal, "program.Recover", "This computer gave no random numbers. Nothing was changed; try again.")
	}
	statement := generation.Statement{
		Cluster: r.membership.Cluster.String(), Founder: r.program.device.ID(), Begun: r.program.config.Wall().Unix(),
	}
	newest, room := max(book.Generation(), 1), generation.TailsMax
	for _, f := range r.store.Frontiers() {
		newest = max(newest, f.Generation)
		tail, err := r.tailOf(f, room)
		if err != nil {
			return 0, err
		}
		room -= len(tail)
		statement.Bases = append(statement.Bases, generation.Base{Space: f.Space, Generation: f.Generation, Commit: f.Commit, Chain: f.Chain, Tail: tail})
		r.done.Spaces = append(r.done.Spaces, RecoveredSpace{string(f.Space), f.Commit, f.Digest.String()})
	}
	if statement.Former, err = r.otherNodes(ctx); err != nil {
		return 0, err
	}
	statement.Generation = generation.After(newest, binary.BigEndian.Uint32(salt[:]))
	raw, err := statement.Sign(r.authority.Sign)
	if err != nil {
		return 0, err
	}
	r.done.Cluster, r.done.Generation = r.membership.ClusterName, generation.Name(statement.Generation)
	r.done.Pending, r.done.Former = r.store.PendingCount(), len(statement.Former)
	r.membership.Recovery = raw
	return statement.Generation, book.Learn(ctx, [][]byte{raw})
}

// tailOf gives the chain at each commit of a space that came out of the log of this node, the newest ones if there are more than most.
func (r *recovery) tailOf(now record.Frontier, most int) ([]record.Hash, error) {
	before := r.agreed[now.Space]
	if r.done.Salvaged == 0 || before.Generation != now.Generation && before.Commit > 0 {
		return nil, nil
	}
	var tail []record.Hash
	for at, chain := before.Commit+1, before.Chain; at <= now.Commit; {
		commits, err := r.store.Commits(now.Space, at, chainBytes)
		if err != nil || len(commits) == 0 {
			return nil, err
		}
		for i := range commits {
			chain = record.ChainHash(chain, commits[i].Outcome)
			tail = append(tail, chain)
		}
		at += uint64(len(commits))
	}
	return tail[max(0, len(tail)-most):], nil
}

// chainBytes is how much of a log is read at once to reckon its chain.
const chainBytes = 1 << 20

func (r *recovery) book() (*generation.Book, error) {
	return generation.OpenBook(r.store, r.membership.Cluster.String(), r.trust.VerifyStatement, nil)
}

// learn keeps what a backup knows of earlier recoveries.
func (r *recovery) learn(ctx context.Context, statements [][]byte) error {
	book, err := r.book()
	if err != nil {
		return err
	}
	return book.Learn(ctx, statements)
}

// otherNodes gives the nodes that the cluster knows, but for this device.
func (r *recovery) otherNodes(ctx context.Context) ([]record.DeviceID, error) {
	var others []record.DeviceID
	err := r.store.EachView(ctx, func(state *record.State) error {
		device := record.DeviceID(state.ID)
		if state.Kind == people.Device && state.Shown(people.FieldRole).AsText() == people.RoleNode && device != r.program.device.ID() {
			others = append(others, device)
		}
		return nil
	})
	return others, err
}

// becomeNode gives this device the certificate of a node, and the authority.
func (r *recovery) becomeNode() error {
	p := r.program
	identity := r.trust.Identity()
	identity.Role = Node
	certificate, err := r.authority.Issue(identity, p.device.PublicKey(), []string{"localhost", "127.0.0.1"}, p.config.Wall())
	if err != nil {
		return err
	}
	r.membership.Certificate = certificate
	if err := enrol.SaveAuthority(p.path("device", "authority"), p.device, r.authority); err != nil {
		return err
	}
	r.reached("authority kept")
	if err := enrol.SaveMembership(p.path("device", "membership.json"), r.membership); err != nil {
		return err
	}
	r.reached("membership kept")
	return nil
}

// leaveGroup puts the log of the lost group aside; it is never read again.
func (r *recovery) leaveGroup() error {
	aside := r.program.path("raft.before-" + r.program.config.Wall().UTC().Format("20060102T150405.000"))
	err := os.Rename(r.program.path("raft"), aside)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fault.Wrap(err, diskfile.Code(err), "program.Recover", "The log of the lost group could not be put aside. Check the permissions of "+r.program.path("raft")+", then recover again.")
}

// takePlace makes the next start found the new group.
func (r *recovery) takePlace(number uint64) error {
	var at place
	raw, err := os.ReadFile(r.program.path("device", "place.json"))
	if err == nil {
		err = json.Unmarshal(raw, &at)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.program.config.Log.Warn("where this device listened is not known any more", "error", err)
	}
	at.Embedded, at.Generation, at.Refounds = false, number, true
	if raw, err = json.Marshal(at); err != nil {
		return err
	}
	return diskfile.Replace(r.program.path("device", "place.json"), raw, 0o600)
}
