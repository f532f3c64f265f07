package program

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	"holdfast/app/api"
	"holdfast/backend/core/fault"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/record"
)

// sitesMax is how many sites a device may be for: its certificate names them all.
const sitesMax = 8

// SetSites says for which sites a device is. The device itself hears of it, gets a certificate for them and joins and leaves what it has to, without a restart.
func (sh *sharing) SetSites(ctx context.Context, id string, wish api.SitesWish) error {
	const op = "program.SetSites"
	if err := sh.mayManage(op); err != nil {
		return err
	}
	device, err := record.ParseDevice(id)
	if err != nil {
		return err
	}
	state, err := sh.site.store.View(people.DeviceRecord(device))
	if err != nil {
		return err
	}
	if state == nil || state.Kind != people.Device {
		return fault.New(fault.NotFound, op, "This device is not known here.")
	}
	site, further := strings.TrimSpace(wish.Site), []string{}
	for _, code := range wish.Sites {
		if code = strings.TrimSpace(code); code != site && !slices.Contains(further, code) {
			further = append(further, code)
		}
	}
	for _, code := range append([]string{site}, further...) {
		if !siteCode(code) {
			return fault.Newf(fault.Invalid, op, "%q is not the code of a site. Use letters and digits, such as LYO.", code)
		}
	}
	if len(further)+1 > sitesMax {
		return fault.Newf(fault.Invalid, op, "A device is for at most %d sites.", sitesMax)
	}
	mutations := siteMutations(state, site, further)
	if len(mutations) == 0 {
		return nil
	}
	_, err = sh.site.desk.Change(ctx, sh.site.actor(), desk.Intent{Record: state.ID, Action: "set_sites", Mutations: mutations})
	return err
}

// siteCode reports whether a text can be a site's code.
func siteCode(code string) bool {
	return code != "" && len(code) <= 32 && !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// siteMutations gives what has to change of a device's record.
func siteMutations(state *record.State, site string, further []string) []record.Mutation {
	var mutations []record.Mutation
	if state.Shown(people.FieldSite).AsText() != site {
		mutations = append(mutations, record.Mutation{Op: record.OpSet, Field: people.FieldSite, Value: record.Text(site), Seen: state.SeenIn(people.FieldSite)})
	}
	held := map[string]bool{}
	for _, element := range state.Fields[people.FieldSites].Elements {
		code := element.Value.AsText()
		held[code] = true
		if !slices.Contains(further, code) {
			mutations = append(mutations, record.Mutation{Op: record.OpRemove, Field: people.FieldSites, Value: element.Value})
		}
	}
	for _, code := range further {
		if !held[code] {
			mutations = append(mutations, record.Mutation{Op: record.OpAdd, Field: people.FieldSites, Value: record.Text(code)})
		}
	}
	return mutations
}

// SetAddress says where a node of the group is reached from now on. Only the leader can tell the group; the record tells everybody else.
func (sh *sharing) SetAddress(ctx context.Context, id, address string) error {
	const op = "program.SetAddress"
	device, err := sh.change(op, id)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if number, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil || number == 0 || host == "" {
		return fault.Newf(fault.Invalid, op, "%q is not an address. Write host and port, such as node2.example.org:7420.", address)
	}
	members, err := sh.node.Members()
	if err != nil {
		return err
	}
	member, in := find(members, device)
	if !in {
		return fault.New(fault.NotFound, op, "This device is not a member of the group.")
	}
	if member.Self {
		return fault.New(fault.Invalid, op, "This is the node that you ask. It says itself where it is reached: start it with --listen or --advertise.")
	}
	sh.group.Lock() // a node that is out of the group between two addresses is not taken in again at the old one
	defer sh.group.Unlock()
	if err := sh.node.Join(ctx, device, address); err != nil {
		return err
	}
	state, err := sh.site.store.View(people.DeviceRecord(device))
	if err != nil || state == nil || state.Shown(people.FieldAddress).AsText() == address {
		return err
	}
	_, err = sh.site.desk.Change(ctx, sh.site.actor(), desk.Intent{Record: state.ID, Action: "set_address", Mutations: []record.Mutation{{
		Op: record.OpSet, Field: people.FieldAddress, Value: record.Text(address), Seen: state.SeenIn(people.FieldAddress),
	}}})
	return err
}
