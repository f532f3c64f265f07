package desk

import (
	"strings"

	"holdfast/backend/continuity"
	"holdfast/backend/core/fault"
	"holdfast/backend/knowledge"
	"holdfast/backend/people"
	"holdfast/backend/policy"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Actions that the roles of the configuration grant beside "<area>.create" and "<area>.edit".
const (
	ActionImport  = "import"  // the edit's action name of an import; needs ticket.import
	ActionPublish = "publish" // the edit's action name of a publication; needs config.publish
)

// permissionsFor names the permissions that an edit needs: each mutation asks for one.
func (d *Desk) permissionsFor(r record.Reader, action string, mutations []record.Mutation) ([]string, error) {
	created := map[record.ID]string{}
	needed := map[string]bool{}
	var ordered []string
	for i := range mutations {
		m := &mutations[i]
		kind := created[m.Record]
		if m.Op == record.OpCreate {
			created[m.Record], kind = m.Kind, m.Kind
		} else if kind == "" {
			state, err := r.Committed(m.Record)
			if err != nil {
				return nil, err
			}
			if state != nil {
				kind = state.Kind
			}
		}
		if m.Field == record.FieldFormerNumbers && m.Op == record.OpAdd || notesCopy(kind, m) {
			continue // whoever saw it may say so
		}
		for _, permission := range permissionsOf(kind, action, m, created[m.Record] != "") {
			if !needed[permission] {
				needed[permission] = true
				ordered = append(ordered, permission)
			}
		}
	}
	return ordered, nil
}

// notesCopy reports whether a mutation says that a device was copied. Whoever says that this is settled must be allowed to shut devices out.
func notesCopy(kind string, m *record.Mutation) bool {
	return kind == people.Device && m.Op == record.OpSet && m.Field == people.FieldCopied && m.Value.AsFlag() && len(m.With) == 0
}

// permissionsOf gives what one mutation needs: the permission of its own field, and those of fields set along with it that ask for more than editing.
func permissionsOf(kind, action string, m *record.Mutation, creating bool) []string {
	needed := []string{permissionFor(kind, action, m, creating)}
	if ticket.Is(kind) && ticket.IsMoving(m.Field) && action != ActionImport {
		needed = append(needed, policy.TicketCreate) // it becomes a new one elsewhere
	}
	ordinary := permissionFor(kind, action, &record.Mutation{Op: record.OpSet}, creating)
	for _, pair := range m.With {
		along := permissionFor(kind, action, &record.Mutation{Op: record.OpSet, Field: pair.Field, Value: pair.Value}, creating)
		if along != ordinary && along != needed[0] {
			needed = append(needed, along)
		}
	}
	return needed
}

func permissionFor(kind, action string, m *record.Mutation, creating bool) string {
	if m.Op == record.OpRedact {
		return policy.RecordRedact
	}
	if action == ActionImport && importable(kind, m, creating) {
		return policy.TicketImport
	}
	switch {
	case kind == "" && m.Op == record.OpSettle:
		return policy.TicketEdit // of a record that is gone nobody knows what it was
	case kind == continuity.Cluster:
		return policy.ClusterManage
	case kind == Repository:
		return policy.ConfigPublish
	case ticket.Is(kind):
		return ticketPermission(m, creating)
	case kind == ticket.Category, kind == people.Location:
		return policy.TicketEdit
	case kind == knowledge.Article && m.Field == knowledge.FieldStatus && m.Value.AsText() == knowledge.Published:
		return policy.ArticlePublish
	case kind == people.Person && m.Field == people.FieldRoles:
		return policy.RoleGrant
	case kind == people.Device && (m.Field == people.FieldRevoked || m.Field == people.FieldShutOut || m.Field == people.FieldWipe || m.Field == people.FieldCopied):
		return policy.DeviceRevoke
	case kind == people.Device && !creating && (m.Field == people.FieldSite || m.Field == people.FieldSites):
		return policy.ClusterManage
	case kind == people.Device, kind == people.Invite:
		return policy.DeviceInvite
	default:
		return kind + ".edit"
	}
}

// importable tells what who may import tickets may bring along: what tickets are made of, and people and teams that are new, but no roles. All
// else an import needs the permission for as any change does.
func importable(kind string, m *record.Mutation, creating bool) bool {
	switch kind {
	case ticket.Incident, ticket.Request, ticket.Category, people.Location:
		return true
	case people.Person, people.Team:
		return creating && m.Field != people.FieldRoles
	}
	return false
}

func ticketPermission(m *record.Mutation, creating bool) string {
	switch {
	case m.Field == ticket.FieldPriorityReason:
		return policy.TicketOverride
	case creating:
		return policy.TicketCreate
	case m.Op == record.OpTransition && m.Value.AsText() == "resolved":
		return policy.TicketResolve
	case m.Field == ticket.FieldAssignee || m.Field == ticket.FieldTeam:
		return policy.TicketAssign
	default:
		return policy.TicketEdit
	}
}

// roles gives the keys of a person's roles. A person who is not known has none.
func roles(r record.Reader, person record.ID) ([]string, error) {
	state, err := r.Committed(person)
	if err != nil || state == nil {
		return nil, err
	}
	field := state.Fields[people.FieldRoles]
	keys := make([]string, 0, len(field.Elements))
	for _, element := range field.Elements {
		keys = append(keys, element.Value.AsText())
	}
	return keys, nil
}

// views lets the permission rules read what people see instead of what is committed.
type views struct{ store Store }

func (v views) Committed(id record.ID) (*record.State, error) { return v.store.View(id) }

// permitLocally refuses at once what the leader would refuse later, as far as this device can know.
func (d *Desk) permitLocally(op string, draft record.Draft) error {
	reason, err := d.refusal(views{d.store}, draft.Author, draft.Action, draft.Mutations)
	if err != nil {
		return err
	}
	if reason != nil {
		return fault.New(fault.Forbidden, op, reason.Sentence)
	}
	if reason, err = d.moved(views{d.store}, draft.Author, draft.Mutations); err != nil {
		return err
	}
	if reason != nil {
		site, number := reason.Args["site"], reason.Args["number"]
		return fault.Newf(ReasonMoved, op, "This ticket was moved to %s. Go on with %s there; here you can still add a note.", site, firstOf(number, "it"))
	}
	if reason, err = d.shortcoming(views{d.store}, draft.Author, draft.Action, draft.Mutations); err != nil || reason == nil {
		return err
	}
	return fault.New(fault.Code(reason.Code), op, reason.Sentence)
}

// refusal gives the reason why a person may not do something, or nil when they may. The zero person is the system.
func (d *Desk) refusal(r record.Reader, author record.ID, action string, mutations []record.Mutation) (*record.Reason, error) {
	if author == (record.ID{}) {
		return nil, nil
	}
	held, err := roles(r, author)
	if err != nil {
		return nil, err
	}
	needed, err := d.permissionsFor(r, action, mutations)
	if err != nil {
		return nil, err
	}
	for _, permission := range needed {
		if decision := d.rulebook().Policy.May(held, permission); !decision.Allowed {
			return &record.Reason{Code: "forbidden", Sentence: decision.Reason}, nil
		}
	}
	return nil, nil
}

// May tells for each permission whether the person has it, for a UI that shows only what can be done.
func (d *Desk) May(person record.ID, permissions []string) (map[string]bool, error) {
	held, err := roles(views{d.store}, person)
	if err != nil {
		return nil, err
	}
	may := make(map[string]bool, len(permissions))
	for _, permission := range permissions {
		may[permission] = d.rulebook().Policy.May(held, permission).Allowed
	}
	return may, nil
}

func lower(label string) string { return strings.ToLower(label) }
