package scenario

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/api"
)

// TestDevicesAreShutOut follows scenario 25: what two devices wrote before they were shut out reaches the node through a colleague.
func TestDevicesAreShutOut(t *testing.T) {
	founder := desktopOn("Founder", foundSite(t, "LYO", "Ada Lovelace", "--starter"))
	founder.start(t)
	c := &cluster{nodes: []*device{founder}}
	colleague, leaver, stolen := c.join(t, "Colleague", "Blaise Pascal"), c.join(t, "Leaver", "Carl Gauss"), c.join(t, "Stolen", "Daniel Bernoulli")
	known := stolen.create(t, map[string]any{"title": "Agreed before anything happened"}).ID
	awaitSame(t, founder, colleague, leaver, stolen)

	founder.running.kill(t)
	left := leaver.create(t, map[string]any{"title": "Handed over on the last day"}).ID
	forged := stolen.create(t, map[string]any{"title": "Please pay this invoice"}).ID
	await(t, "the colleague holds what both wrote", agreeTime, func() bool { return colleague.shows(left) && colleague.shows(forged) })
	for _, d := range []*device{colleague, leaver, stolen} {
		d.running.kill(t)
	}

	founder.start(t)
	founder.shutOut(t, "Carl Gauss", "left", "He works elsewhere now")
	shut := founder.shutOut(t, "Daniel Bernoulli", "compromised", "Stolen on the train", "--wipe")
	colleague.start(t)
	await(t, "what the two wrote is decided", agreeTime, func() bool { return len(founder.setAside(t)) == 2 })
	for id, code := range map[string]string{left: "device_revoked", forged: "device_compromised"} {
		if got := founder.setAside(t)[id]; got != code {
			t.Errorf("an edit of a device that was shut out is set aside as %q, want %s", got, code)
		}
	}
	awaitSame(t, founder, colleague)
	if theirs := colleague.setAside(t); len(theirs) != 1 || theirs[left] == "" {
		t.Errorf("a technician is shown %v, want the leaver's only", theirs)
	}
	if !founder.shows(known) {
		t.Error("work that was agreed before went with its device")
	}

	leaver.start(t)
	await(t, "the leaver is told", agreeTime, func() bool { return leaver.toldBy(t, "device_revoked") })
	if !leaver.shows(left) {
		t.Error("the leaver's own work is not on its device any more")
	}
	stolen.start(t)
	await(t, "the stolen laptop is empty", agreeTime, func() bool { return !get[api.Setup](t, stolen, "/setup").Ready })
	checkWiped(t, stolen, shut)
}

// shutOut shuts out the device of a person, and gives its id.
func (d *device) shutOut(t *testing.T, person, as, why string, more ...string) string {
	t.Helper()
	devices := printed[api.Devices](t, "devices", "--data", d.folder).Devices
	i := slices.IndexFunc(devices, func(other api.Device) bool { return other.Person != nil && other.Person.Title == person })
	if i < 0 {
		t.Fatalf("%s has no device among %+v", person, devices)
	}
	args := append([]string{"devices", "--data", d.folder, "--shut-out", devices[i].ID, "--as", as, "--why", why}, more...)
	after := printed[api.Devices](t, args...).Devices
	if !slices.ContainsFunc(after, func(other api.Device) bool {
		return other.ID == devices[i].ID && other.ShutOut == as && other.Revoked == why
	}) {
		t.Errorf("%s is not listed as shut out: %+v", person, after)
	}
	return devices[i].ID
}

// setAside gives the codes of the parked edits that a device lists, by record.
func (d *device) setAside(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	for _, p := range get[api.Review](t, d, "/conflicts").Parked {
		codes[p.Record.ID] = p.Reason.Code
	}
	return codes
}

// toldBy reports whether a peer refuses the device with the code.
func (d *device) toldBy(t *testing.T, code string) bool {
	t.Helper()
	return slices.ContainsFunc(get[api.SyncStatus](t, d, "/sync").Peers, func(p api.Peer) bool { return p.Error != nil && p.Error.Code == code })
}

// checkWiped looks at the disk of a device whose data was to be removed, and lets it join again as a new one.
func checkWiped(t *testing.T, d *device, before string) {
	t.Helper()
	setup := get[api.Setup](t, d, "/setup")
	if !strings.Contains(setup.Wiped, "Office LYO") {
		t.Errorf("the device says of the wipe: %q", setup.Wiped)
	}
	for _, part := range []string{"store", "search", "configuration.git", "raft", filepath.Join("device", "membership.json")} {
		if _, err := os.Stat(filepath.Join(d.folder, part)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", part, err)
		}
	}
	d.running.kill(t)
	d.start(t)
	if get[api.Setup](t, d, "/setup").Ready {
		t.Error("the device is set up again after a restart")
	}
	d.call(t, http.MethodPost, "/setup/site", map[string]any{"name": "New", "code": "NEW", "person": "Daniel"}, nil)
	devices := get[api.Devices](t, d, "/sync/devices").Devices
	if len(devices) != 1 || devices[0].ID == before || get[api.Setup](t, d, "/setup").Wiped != "" {
		t.Errorf("after the wipe the device began again as %+v", devices)
	}
}
