package program

import (
	"context"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
	"holdfast/sync/generation"
)

// openBook brings up what this device knows of the cluster's recoveries.
func (s *site) openBook(ctx context.Context) error {
	var err error
	s.recovered = make(chan struct{}, 1)
	news := func(generation.Lineage) {
		select {
		case s.recovered <- struct{}{}:
		default:
		}
	}
	membership := s.trust.Membership()
	if s.book, err = generation.OpenBook(s.store, membership.Cluster.String(), s.trust.VerifyStatement, news); err != nil {
		return err
	}
	if membership.Recovery == nil {
		return nil
	}
	return s.book.Learn(ctx, [][]byte{membership.Recovery})
}

// refounder tells of the device that recovered the cluster last.
func (s *site) refounder(device record.DeviceID) bool {
	latest := s.book.Lineage().Latest()
	return latest != nil && latest.Founder == device
}

// newestRecovery gives what a joining device is told: the newest recovery's signed statement, or nil.
func (s *site) newestRecovery() []byte {
	all := s.book.Statements()
	if len(all) == 0 || len(all[len(all)-1]) > recoveryToldMax {
		return nil
	}
	return all[len(all)-1]
}

// recoveryToldMax bounds a statement that travels with an enrolment; a longer one follows with the first session.
const recoveryToldMax = 32 << 10

// fenced reports whether this node belongs to a group that a recovery of the cluster has replaced: it decides nothing any more.
func (sh *sharing) fenced() bool {
	return sh.member() && sh.site.book.Generation() > sh.place.Generation
}

// followRecoveries acts when a recovery of the cluster becomes known: a node of the group before stands down, and all sessions begin anew.
func (sh *sharing) followRecoveries(life context.Context) {
	for {
		select {
		case <-life.Done():
			return
		case <-sh.site.recovered:
		}
		if sh.node != nil && sh.fenced() {
			sh.site.program.config.Log.Warn("The cluster was recovered without this node. It stands down.", "generation", generation.Name(sh.site.book.Generation()))
			sh.site.program.leaving.Go(sh.site.program.standDown)
			return
		}
		sh.syncer.Renew()
	}
}

// standDown enters the site again, in the place that the newest recovery leaves to this device.
func (p *Program) standDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.site == nil {
		return
	}
	membership := p.site.trust.Membership()
	err := p.site.close()
	p.site = nil
	if err != nil {
		p.config.Log.Error("a part of this node did not stop in good order", "error", err)
	}
	if p.site, err = p.enter(context.Background(), membership, false); err != nil {
		p.config.Log.Error("this node could not go on after it stood down; start it again", "error", err)
	}
	p.changes.send(api.ChangeEvent{IDs: []string{}, Kinds: []string{}, Sync: true, Config: true})
}

// fencedSentence says what a node that a recovery left behind is, and what to do with it.
func (sh *sharing) fencedSentence(edits int) string {
	said := "The cluster was recovered without this node (generation " + generation.Name(sh.site.book.Generation()) + "). It decides nothing any more"
	if edits > 0 {
		return said + " and hands over what the recovered cluster lacks: " + waiting(edits) + "."
	}
	return said + ". Once it is up to date, let it join again: stop it, then holdfast rejoin with an invite for a node."
}

// reinstate makes the device that recovered the cluster one of its nodes, as soon as it leads. It reports whether it has to be called again.
func (sh *sharing) reinstate(ctx context.Context) (again bool) {
	own := sh.site.program.device.ID()
	if !sh.site.refounder(own) {
		return false
	}
	identity := sh.site.trust.Identity()
	_, err := sh.site.desk.Reinstate(ctx, desk.DeviceFacts{
		Key: sh.site.program.device.PublicKey(), Name: identity.Name, Role: string(Node), Site: identity.Site(), Person: identity.Person, Address: sh.site.address(),
	})
	sh.try(ctx, "this device could not be entered as a node yet", err)
	return err != nil
}

// former gives the nodes that recoveries have left behind: they must not vote again under the ids that they have.
func (s *site) former() map[record.DeviceID]bool {
	former := map[record.DeviceID]bool{}
	for _, statement := range s.book.Lineage() {
		for _, device := range statement.Former {
			former[device] = true
		}
	}
	return former
}

// leftBehind gives the nodes of former with the name of the generation that began without them first.
func (s *site) leftBehind() map[record.DeviceID]string {
	behind := map[record.DeviceID]string{}
	for _, statement := range s.book.Lineage() {
		for _, device := range statement.Former {
			if behind[device] == "" {
				behind[device] = generation.Name(statement.Generation)
			}
		}
	}
	return behind
}

// keepNumbers keeps the numbers that records had before a recovery took them back, so that they are still found by them.
func (sh *sharing) keepNumbers(life context.Context) {
	changes := sh.site.store.Subscribe(1)
	defer changes.Close()
	for look := true; ; {
		if look {
			look = sh.noteNumbers(life)
		}
		select {
		case <-life.Done():
			return
		case set, open := <-changes.C():
			if !open {
				return
			}
			look = look || set.Everything
		}
	}
}

// noteNumbers reports whether records are still without a new number.
func (sh *sharing) noteNumbers(ctx context.Context) (again bool) {
	s := sh.site
	numbers, err := s.store.WithdrawnNumbers()
	sh.try(ctx, "the numbers from before the recovery cannot be read", err)
	for _, was := range numbers {
		state, err := s.store.Committed(was.Record)
		if err != nil || state == nil || len(state.Shown(record.FieldNumber)) == 0 {
			again = true
			continue
		}
		if _, err = s.desk.FormerNumber(ctx, s.actor(), was.Record, was.Number); err == nil {
			err = s.store.ForgetWithdrawn(ctx, was)
		}
		again = again || err != nil
		sh.try(ctx, "a number from before the recovery could not be kept yet", err)
	}
	return again
}

// RecoveryKey makes a new recovery key of the cluster in the place of the one before. It is kept nowhere.
func (sh *sharing) RecoveryKey(ctx context.Context) (string, error) {
	const op = "program.RecoveryKey"
	if sh.issuer == nil {
		return "", fault.New(fault.Forbidden, op, "This device cannot make a recovery key: only a sync node can. Make it there.")
	}
	if err := sh.mayManage(op); err != nil {
		return "", err
	}
	key, err := enrol.NewRecoveryKey(sh.site.program.config.Random)
	if err != nil {
		return "", err
	}
	recipient, err := key.PublicKey()
	if err != nil {
		return "", err
	}
	box, err := key.BoxKey()
	if err != nil {
		return "", err
	}
	sealed, err := sh.issuer.Authority.Seal(box)
	if err != nil {
		return "", err
	}
	edit, err := sh.site.desk.KeepAuthority(ctx, desk.Actor{}, sealed, recipient)
	if err != nil {
		return "", err
	}
	return key.Text(), sh.site.agreed(ctx, edit)
}
