package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/sync/generation"
)

// upToDate is the state in which a peer has all that this device has.
const upToDate = "up_to_date"

// SyncStatus says how sharing goes, in words for people and figures for scripts.
type SyncStatus struct {
	State     string        `json:"state" enum:"up_to_date,sharing,waiting,cut_off,paused"`
	Since     *time.Time    `json:"since"`
	Sentence  string        `json:"sentence"`
	Waiting   int           `json:"waiting" doc:"changes that are not agreed yet"`
	Decisions int           `json:"decisions" doc:"conflicts and parked changes that wait for a person"`
	ShutOut   bool          `json:"shutOut,omitempty" doc:"an administrator shut this device out: nobody shares with it any more"`
	Embedded  bool          `json:"embedded" doc:"this device is a site of its own and shares with nobody yet"`
	Cluster   NamedID       `json:"cluster"`
	Device    DeviceSelf    `json:"device"`
	Spaces    []SpaceStatus `json:"spaces"`
	Peers     []Peer        `json:"peers"`
	Clock     ClockStatus   `json:"clock"`
}

// DeviceSelf is this device.
type DeviceSelf struct {
	NamedID
	Person *Ref   `json:"person"`
	Site   string `json:"site"`
}

// SpaceStatus is how far this device is in one space.
type SpaceStatus struct {
	Space      string `json:"space"`
	Generation string `json:"generation"`
	Commit     string `json:"commit"`
	Digest     string `json:"digest"`
	Pending    int    `json:"pending"`
}

// Peer is another device that this one shares with.
type Peer struct {
	Device       string     `json:"device"`
	Name         string     `json:"name"`
	Role         string     `json:"role"`
	Address      string     `json:"address"`
	Person       *Ref       `json:"person,omitempty"`
	Connected    bool       `json:"connected"`
	LastExchange *time.Time `json:"lastExchange"`
	Covered      bool       `json:"covered" doc:"the peer has everything that this device has"`
	Error        *Trouble   `json:"error,omitempty"`
}

// Trouble is what went wrong with a peer, in a sentence.
type Trouble struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// ClockStatus tells whether this device's clock looks right.
type ClockStatus struct {
	Suspicious bool   `json:"suspicious"`
	Sentence   string `json:"sentence,omitempty"`
}

// Members are the voters of the group that agrees on the order of changes.
type Members struct {
	Members []Member `json:"members"`
	Warning string   `json:"warning,omitempty"`
	Seen    bool     `json:"seen,omitempty" doc:"this device takes no part in agreeing: it tells of the nodes what it has seen of them itself"`
}

// Member is one node of the group.
type Member struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Voter   bool   `json:"voter"`
	Leader  bool   `json:"leader"`
	Healthy bool   `json:"healthy"`
	Unknown bool   `json:"unknown,omitempty" doc:"whether it answers only the leader knows; ask there"`
	Lag     string `json:"lag"`
}

// InviteWish says whom an invite is for.
type InviteWish struct {
	Role   string `json:"role" enum:"desktop,node"`
	Site   string `json:"site,omitempty"`
	Person string `json:"person,omitempty" doc:"the id of the person who will work on the device"`
	Hours  int    `json:"hours,omitempty" minimum:"1" maximum:"720" doc:"how long it can be used; 24 when left out"`
}

// Invite lets one device join.
type Invite struct {
	Text      string     `json:"text,omitempty" doc:"shown once"`
	QRPNG     string     `json:"qrPng,omitempty" doc:"the same as a PNG picture, base64"`
	Role      string     `json:"role"`
	Expires   time.Time  `json:"expires"`
	Addresses []string   `json:"addresses"`
	Used      *time.Time `json:"used"`
}

// RecoveryKey is the key with which a cluster is recovered when most of its nodes are lost.
type RecoveryKey struct {
	Key string `json:"key" doc:"shown once and kept nowhere"`
}

// Invites are the invites that can still be used, and used ones.
type Invites struct {
	Invites []Invite `json:"invites"`
}

func (s *server) registerSync(api huma.API) {
	operation(api, http.MethodGet, "/sync", "sync-status", "How sharing goes", s.syncStatus)
	operation(api, http.MethodPost, "/sync/pause", "sync-pause", "Work offline: share nothing until resumed", s.syncPause)
	operation(api, http.MethodPost, "/sync/resume", "sync-resume", "Share again", s.syncResume)
	operation(api, http.MethodGet, "/sync/waiting", "sync-waiting", "Changes that are not agreed yet", s.waiting)
	operation(api, http.MethodPost, "/sync/give-up", "give-up-changes", "Give up changes that wait for a record which is gone, or that are parked because of one", s.giveUp)
	operation(api, http.MethodPost, "/sync/retry", "retry-change", "Make a change that could not be applied anew, against the record as it is now", s.retry)
	operation(api, http.MethodGet, "/sync/members", "sync-members", "Nodes that agree on the order of changes", s.members)
	operation(api, http.MethodPost, "/sync/members/{id}/promote", "promote-member", "Give a node a vote", s.promote)
	operation(api, http.MethodPost, "/sync/members/{id}/remove", "remove-member", "Take a node out of the group", s.remove)
	operation(api, http.MethodGet, "/sync/renumbered", "sync-renumbered", "Records that had other numbers before the cluster was recovered", s.renumbered)
	operation(api, http.MethodGet, "/sync/care", "sync-care", "What makes the cluster recoverable, and what needs a person", s.care)
	operation(api, http.MethodPost, "/sync/backup", "make-backup", "Write everything that this device holds into an encrypted file, and prove it by restoring it", s.backup)
	operation(api, http.MethodPost, "/sync/recovery-key", "make-recovery-key", "Make the key with which the cluster is recovered; the one before is void", s.recoveryKey)
	operation(api, http.MethodPost, "/sync/invites", "create-invite", "Invite a device", s.invite)
	operation(api, http.MethodGet, "/sync/invites", "list-invites", "Invites and whether they were used", s.invites)
}

func (s *server) syncStatus(ctx context.Context, _ *none) (*body[SyncStatus], error) {
	v, err := s.services("api.syncStatus")
	if err != nil {
		return nil, err
	}
	return answer(v.syncStatus(ctx))
}

// syncStatus completes what the syncer says with what the store and the tables know.
func (v *Services) syncStatus(ctx context.Context) (SyncStatus, error) {
	status := v.Sync.Status()
	status.Waiting = v.Store.PendingCount()
	status.Device.Person, status.Device.Site = v.ref(v.Actor.Person), v.Actor.Site
	status.Device.NamedID = v.device(v.Device)
	if sentence := v.Store.Health().ClockSuspicion; sentence != "" {
		status.Clock = ClockStatus{true, sentence}
	}
	status.Spaces = []SpaceStatus{}
	for _, f := range v.Store.Frontiers() {
		status.Spaces = append(status.Spaces, SpaceStatus{
			Space: string(f.Space), Generation: generation.Name(f.Generation), Commit: number(f.Commit), Digest: f.Digest.String(), Pending: v.Store.PendingIn(f.Space),
		})
	}
	decisions, err := v.decisions(ctx)
	status.Decisions = decisions
	status.Sentence = withDecisions(status.State, status.Sentence, decisions)
	return status, err
}

// withDecisions says in one sentence how sharing stands and what waits for a person: being up to date does not mean that nothing is left to do.
func withDecisions(state, sentence string, decisions int) string {
	if decisions == 0 {
		return sentence
	}
	if state == upToDate {
		sentence = "Everything is shared."
	}
	if decisions == 1 {
		return sentence + " 1 thing needs your decision."
	}
	return fmt.Sprintf("%s %d things need your decision.", sentence, decisions)
}

// decisions counts what the review shows: a record whose title and text are both in conflict counts twice.
func (v *Services) decisions(ctx context.Context) (int, error) {
	conflicts, err := v.conflicted(ctx)
	if err != nil {
		return 0, err
	}
	parked, err := v.reviewable(ctx)
	return len(conflicts) + len(parked), err
}

type backupInput struct {
	Body struct {
		File string `json:"file" doc:"a whole path on this computer; the file must not exist"`
	}
}

// Backup is a file that was proven to restore everything that this device held.
type Backup struct {
	File    string    `json:"file"`
	At      time.Time `json:"at"`
	Bytes   int64     `json:"bytes"`
	Files   int       `json:"files" doc:"attached files in it"`
	Waiting int       `json:"waiting" doc:"changes in it that were not agreed yet"`
	Spaces  int       `json:"spaces"`
}

func (s *server) backup(ctx context.Context, in *backupInput) (*body[Backup], error) {
	v, err := s.services("api.backup")
	if err != nil {
		return nil, err
	}
	return answer(v.Sync.Backup(ctx, in.Body.File))
}

func (s *server) recoveryKey(ctx context.Context, _ *none) (*body[RecoveryKey], error) {
	v, err := s.services("api.recoveryKey")
	if err != nil {
		return nil, err
	}
	key, err := v.Sync.RecoveryKey(ctx)
	return answer(RecoveryKey{key}, err)
}

func (s *server) syncPause(ctx context.Context, _ *none) (*body[SyncStatus], error) {
	return s.switchSync(ctx, "api.syncPause", Sync.Pause)
}

func (s *server) syncResume(ctx context.Context, _ *none) (*body[SyncStatus], error) {
	return s.switchSync(ctx, "api.syncResume", Sync.Resume)
}

func (s *server) switchSync(ctx context.Context, op string, act func(Sync) error) (*body[SyncStatus], error) {
	v, err := s.services(op)
	if err != nil {
		return nil, err
	}
	if err := act(v.Sync); err != nil {
		return nil, err
	}
	return answer(v.syncStatus(ctx))
}

func (s *server) members(ctx context.Context, _ *none) (*body[Members], error) {
	v, err := s.services("api.members")
	if err != nil {
		return nil, err
	}
	return answer(v.Sync.Members(ctx))
}

type memberInput struct {
	ID string `path:"id"`
}

func (s *server) promote(ctx context.Context, in *memberInput) (*body[Members], error) {
	return s.changeMember(ctx, in.ID, Sync.Promote)
}

func (s *server) remove(ctx context.Context, in *memberInput) (*body[Members], error) {
	return s.changeMember(ctx, in.ID, Sync.Remove)
}

func (s *server) changeMember(ctx context.Context, id string, act func(Sync, context.Context, string) error) (*body[Members], error) {
	v, err := s.services("api.changeMember")
	if err != nil {
		return nil, err
	}
	if err := act(v.Sync, ctx, id); err != nil {
		return nil, err
	}
	return answer(v.Sync.Members(ctx))
}

type inviteInput struct{ Body InviteWish }

func (s *server) invite(ctx context.Context, in *inviteInput) (*body[Invite], error) {
	v, err := s.services("api.invite")
	if err != nil {
		return nil, err
	}
	return answer(v.Sync.Invite(ctx, in.Body))
}

func (s *server) invites(ctx context.Context, _ *none) (*body[Invites], error) {
	v, err := s.services("api.invites")
	if err != nil {
		return nil, err
	}
	invites, err := v.Sync.Invites(ctx)
	return answer(Invites{invites}, err)
}
