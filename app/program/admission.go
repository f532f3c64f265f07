package program

import (
	"context"
	"encoding/base64"
	"time"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/sync/enrol"
)

// admissionTime bounds how long a joining device waits for the cluster to agree that it belongs to it.
const admissionTime = 15 * time.Second

// admitted makes a new device known to the whole cluster before it gets its certificate.
func (s *site) admitted(ctx context.Context, a enrol.Admission) error {
	if a.Renewal {
		return nil
	}
	facts := desk.DeviceFacts{Key: a.PublicKey, Name: a.Name, Role: string(a.Role), Site: a.Site(), Person: a.Person, Invite: people.InviteRecord(a.Invite)}
	if len(a.Addresses) > 0 {
		facts.Address = a.Addresses[0]
	}
	if a.Role == Node && a.PersonName == "" {
		facts.Person = record.ID{}
	}
	edit, err := s.desk.Admit(ctx, facts, a.PersonName, s.tables.For(people.Person).Len() == 0)
	if fault.Is(err, fault.Conflict) {
		return fault.Wrap(err, enrol.InviteUsed, "program.admitted", fault.SentenceOf(err))
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, admissionTime)
	defer cancel()
	if err := s.agreed(ctx, edit); err != nil {
		return err
	}
	return s.invitedAs(ctx, facts.Invite, a.Device)
}

// invitedAs waits until the cluster has agreed which device an invite admitted, and fails when that is another one than this: at another node, which had a copy of the list of invites. What a device
// tried before may be undecided still.
func (s *site) invitedAs(ctx context.Context, invite record.ID, device record.DeviceID) error {
	const op = "program.admitted"
	err := s.until(ctx, func() (bool, error) {
		used, err := s.store.Committed(invite)
		if err == nil && used != nil && used.Shown(people.FieldDevice).AsText() != device.String() {
			err = fault.New(enrol.InviteUsed, op, "This invite was used by another device. Each invite admits one device; ask for a new one.")
		}
		return used != nil, err
	})
	if err != nil && err == ctx.Err() {
		return fault.Wrap(err, fault.Unavailable, op, "No sync node could agree to this device in time. Try again with the same invite when the nodes are back.")
	}
	return err
}

// claimPerson lets a device be a person's whose id nobody has yet.
func (s *site) claimPerson(_ context.Context, person record.ID, device record.DeviceID) bool {
	state, err := s.store.View(person)
	if err != nil {
		return false
	}
	if state == nil {
		return true
	}
	known, err := s.store.View(people.DeviceRecord(device))
	return err == nil && known != nil && known.Shown(people.FieldPerson).AsRef() == person
}

// Invite makes an invite for one device.
func (s *sharing) Invite(ctx context.Context, wish api.InviteWish) (api.Invite, error) {
	const op = "program.Invite"
	if s.issuer == nil {
		return api.Invite{}, fault.New(fault.Forbidden, op, "This device cannot invite others: only a sync node can. Make the invite there.")
	}
	actor := s.site.actor()
	if actor.Person != (record.ID{}) {
		if may, err := s.site.desk.May(actor.Person, []string{policy.DeviceInvite}); err != nil || !may[policy.DeviceInvite] {
			return api.Invite{}, fault.New(fault.Forbidden, op, "Your roles do not allow you to invite devices. Ask an administrator of your site.")
		}
	}
	asked := enrol.InviteWish{
		Site: firstOf(wish.Site, actor.Site), Role: Role(wish.Role), Addresses: s.addresses(), IssuedBy: actor.Person, ValidFor: time.Duration(wish.Hours) * time.Hour,
	}
	if wish.Person != "" {
		id, err := parseID(wish.Person)
		if err != nil {
			return api.Invite{}, err
		}
		asked.Person = id
	}
	invite, err := s.issuer.Invite(ctx, asked)
	if err != nil {
		return api.Invite{}, err
	}
	text, err := invite.Text()
	if err != nil {
		return api.Invite{}, err
	}
	picture, err := invite.QR()
	if err != nil {
		return api.Invite{}, err
	}
	return api.Invite{
		Text: text, QRPNG: base64.StdEncoding.EncodeToString(picture), Role: string(invite.Role), Expires: invite.Expires, Addresses: invite.Addresses,
	}, nil
}

// Invites gives the invites that this device made, newest first.
func (s *sharing) Invites(ctx context.Context) ([]api.Invite, error) {
	if s.ledger == nil {
		return []api.Invite{}, nil
	}
	issued, err := s.ledger.List(ctx)
	if err != nil {
		return nil, err
	}
	invites := make([]api.Invite, 0, len(issued))
	for _, i := range issued {
		view := api.Invite{Role: string(i.Role), Expires: i.Expires, Addresses: []string{}}
		if !i.UsedAt.IsZero() {
			view.Used = &i.UsedAt
		}
		invites = append(invites, view)
	}
	return invites, nil
}
