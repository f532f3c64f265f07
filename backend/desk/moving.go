package desk

import (
	"context"
	"regexp"
	"slices"

	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Actions of the edits that bring a ticket to another site. An edit never crosses spaces, so there is one of a person at the old site, and what follows from it is the
// system's: the leader proposes it until it is done.
const (
	ActionMove    = "move"    // a person sends a ticket to another site; from then on it is shut at the old one
	ActionArrive  = "arrive"  // it is made at the new site
	ActionFollow  = "follow"  // what was said at the old site since is brought after it
	ActionForward = "forward" // the old site learns the number that it has now
)

// ReasonMoved is the code of edits, and of refusals, of a ticket that was moved to another site.
const ReasonMoved fault.Code = "moved"

// anySite is what a site's code looks like where nobody asked for more than that it is one.
var anySite = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// Move sends a ticket to another site. What the mover may do there is for the leader to decide: it knows which sites the device is for.
func (d *Desk) Move(ctx context.Context, actor Actor, id record.ID, site string) (*record.State, error) {
	const op = "desk.Move"
	state, err := d.find(op, id)
	if err != nil {
		return nil, err
	}
	switch {
	case !ticket.Is(state.Kind):
		return nil, fault.New(fault.Invalid, op, "Only tickets can be moved to another site.")
	case state.Archived:
		return nil, fault.New(fault.Conflict, op, "This ticket is archived. Bring it back first, then move it.")
	case state.Space.Site() == site || !anySite.MatchString(site):
		return nil, fault.New(fault.Invalid, op, "Name another site to move the ticket to.")
	}
	if ticket.MovedTo(state) == site {
		return state, nil // asked for again
	}
	return d.Change(ctx, actor, Intent{Record: id, Action: ActionMove, Mutations: []record.Mutation{{
		Op: record.OpSet, Field: ticket.FieldMovedTo, Value: ticket.Toward(site),
	}}})
}

// moved refuses what would change a ticket that has gone to another site; nil for what may be said there still. Whatever is said goes after it.
func (d *Desk) moved(r record.Reader, author record.ID, mutations []record.Mutation) (*record.Reason, error) {
	if author == (record.ID{}) {
		return nil, nil
	}
	looked := map[record.ID]bool{}
	for i := range mutations {
		m := &mutations[i]
		if m.Op == record.OpCreate {
			looked[m.Record] = true
		}
		if looked[m.Record] || follows(m) {
			continue
		}
		looked[m.Record] = true
		state, err := r.Committed(m.Record)
		if err != nil {
			return nil, err
		}
		if state == nil || !ticket.Is(state.Kind) {
			continue
		}
		if site := ticket.MovedTo(state); site != "" {
			return movedReason(site, state.Shown(ticket.FieldMovedAs).AsText()), nil
		}
	}
	return nil, nil
}

func movedReason(site, number string) *record.Reason {
	reason := &record.Reason{Code: string(ReasonMoved), Speaks: true, Args: map[string]string{"site": site}}
	as := ""
	if number != "" {
		reason.Args["number"], as = number, " as "+number
	}
	reason.Sentence = "It was moved to " + site + as + " before this change was agreed. What was said in it went along; make the rest of it there if it is still right."
	return reason
}

// follows reports whether a mutation of a ticket that was moved is carried after it, or touches nothing of it.
func follows(m *record.Mutation) bool {
	switch m.Op {
	case record.OpAppend:
		return slices.Contains(sayings, m.Field)
	case record.OpSettle:
		return m.Field == ""
	case record.OpAdd:
		return m.Field == record.FieldFormerNumbers
	}
	return false
}

// sayings are the lists that people append to.
var sayings = []string{ticket.FieldReplies, ticket.FieldNotes, ticket.FieldWork, attachment.Field}

// permitOwn refuses edits that set what is the system's to set: which promises were broken, and what belongs to a move, other than a person's that sends a ticket to a site that the device is for, and those of an import
// that brings tickets back as they were.
func (d *Decider) permitOwn(r record.Reader, e *record.Edit) (*record.Reason, error) {
	if e.Author == (record.ID{}) {
		return nil, nil
	}
	created, set := map[record.ID]bool{}, map[record.ID]string{}
	for i := range e.Mutations {
		m := &e.Mutations[i]
		switch {
		case m.Op == record.OpCreate:
			created[m.Record] = true
		case slices.ContainsFunc(m.With, func(p record.Pair) bool { return ticket.IsMoving(p.Field) }):
			return notAMove(), nil
		case m.Field == ticket.FieldBreaches && !(e.Action == ActionImport && created[m.Record]):
			return &record.Reason{Code: "not_system", Sentence: "Which promises were broken is noted by the sync nodes, not by people."}, nil
		case !ticket.IsMoving(m.Field):
		case e.Action == ActionImport && created[m.Record]:
			set[m.Record] += m.Field
		default:
			if reason, err := d.permitSending(r, e, m); reason != nil || err != nil {
				return reason, err
			}
		}
	}
	for _, fields := range set { // an import may bring back what a move left, but not begin one
		if fields == ticket.FieldMovedTo {
			return notAMove(), nil
		}
	}
	return nil, nil
}

func notAMove() *record.Reason {
	return &record.Reason{Code: "not_a_move", Sentence: "A ticket is moved to another site by the step for that alone, not by changing its fields."}
}

// permitSending decides on the one mutation of a move.
func (d *Decider) permitSending(r record.Reader, e *record.Edit, m *record.Mutation) (*record.Reason, error) {
	state, err := r.Committed(m.Record)
	if err != nil || state == nil {
		return nil, err // the evaluation says that there is none
	}
	site := ticket.SiteIn(m.Value)
	if e.Action != ActionMove || len(e.Mutations) != 1 || m.Op != record.OpSet || m.Field != ticket.FieldMovedTo || !m.Value.Equal(ticket.Toward(site)) || !ticket.Is(state.Kind) {
		return notAMove(), nil
	}
	if site == state.Space.Site() || !anySite.MatchString(site) {
		return &record.Reason{Code: "not_a_site", Sentence: "The ticket can only be moved to another site."}, nil
	}
	there, err := d.worksAt(r, e.ID.Device, site)
	if err != nil || there {
		return nil, err
	}
	return &record.Reason{Code: "not_your_site", Sentence: "The device on which this was asked for is not for the site " + site + ", so it cannot move tickets there.", Args: map[string]string{"site": site}}, nil
}

// worksAt reports whether a device receives a site: one of its own, or, on a node, any that the organisation knows.
func (d *Decider) worksAt(r record.Reader, id record.DeviceID, site string) (bool, error) {
	device, err := r.Committed(people.DeviceRecord(id))
	if err != nil {
		return false, err
	}
	if slices.Contains(people.SitesOf(device), site) {
		return true, nil
	}
	if device == nil || device.Shown(people.FieldRole).AsText() != people.RoleNode {
		return false, nil
	}
	known, err := record.HolderOf(r, record.Organisation, people.Site, people.FieldCode, record.Text(site))
	return known != record.ID{}, err
}
