package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/app/prefs"
	"holdfast/backend/policy"
)

// Me is the person who works on this device.
type Me struct {
	Person *Ref            `json:"person"`
	Site   string          `json:"site"`
	May    map[string]bool `json:"may" doc:"what the person's roles allow"`
}

// Settings are this device's own.
type Settings struct {
	Theme    string `json:"theme" enum:"system,light,dark"`
	Density  string `json:"density" enum:"comfortable,compact"`
	Language string `json:"language" enum:"system,en,de"`
	Nearby   bool   `json:"nearby" doc:"look for devices of the site on the local network"`
}

// Status is what a script wants to know of a device.
type Status struct {
	SyncStatus
	Records map[string]int `json:"records" doc:"records by kind"`
	Backup  *Backup        `json:"backup,omitempty" doc:"the newest proven backup of this device"`
	Checks  []Check        `json:"checks"`
}

// Check is one finding of the doctor.
type Check struct {
	Name     string `json:"name"`
	OK       bool   `json:"ok"`
	Sentence string `json:"sentence"`
	Count    int    `json:"count,omitempty" doc:"what the sentence counts: days, nodes, changes"`
	About    string `json:"about,omitempty" doc:"what it is about: a node's name, a folder"`
}

// Checkup are all findings.
type Checkup struct {
	Checks []Check `json:"checks"`
}

func (s *server) registerDevice(api huma.API) {
	operation(api, http.MethodGet, "/me", "me", "Who works here and may do what", s.me)
	operation(api, http.MethodGet, "/prefs", "get-prefs", "This device's own settings", s.getPrefs)
	operation(api, http.MethodPut, "/prefs", "put-prefs", "Change this device's own settings", s.putPrefs)
	operation(api, http.MethodGet, "/meta", "meta", "Kinds, fields, choices and sites", s.meta)
	operation(api, http.MethodGet, "/status", "status", "How this device is doing", s.status)
	operation(api, http.MethodPost, "/doctor", "doctor", "Read and check everything on this device", s.doctor)
}

func (s *server) me(_ context.Context, _ *none) (*body[Me], error) {
	v, err := s.services("api.me")
	if err != nil {
		return nil, err
	}
	var actions []string
	for _, action := range policy.Actions() {
		actions = append(actions, action.Name)
	}
	may, err := v.Desk.May(v.Actor.Person, actions)
	return answer(Me{Person: v.ref(v.Actor.Person), Site: v.Actor.Site, May: may}, err)
}

// systemLanguage stands for the language that the computer speaks, which the settings' file keeps as none.
const systemLanguage = "system"

func settingsOf(p prefs.Settings) Settings {
	return Settings{
		Theme: firstOf(p.Theme, "system"), Density: firstOf(p.Density, "comfortable"), Language: firstOf(p.Language, systemLanguage), Nearby: p.Nearby,
	}
}

func (s *server) getPrefs(_ context.Context, _ *none) (*body[Settings], error) {
	return answer(settingsOf(s.program.Prefs().Get()), nil)
}

type prefsInput struct{ Body Settings }

func (s *server) putPrefs(_ context.Context, in *prefsInput) (*body[Settings], error) {
	err := s.program.Prefs().Update(func(p *prefs.Settings) {
		p.Theme, p.Density, p.Language, p.Nearby = in.Body.Theme, in.Body.Density, in.Body.Language, in.Body.Nearby
		if p.Language == systemLanguage {
			p.Language = ""
		}
	})
	return answer(settingsOf(s.program.Prefs().Get()), err)
}

func (s *server) status(ctx context.Context, _ *none) (*body[Status], error) {
	v, err := s.services("api.status")
	if err != nil {
		return nil, err
	}
	sync, err := v.syncStatus(ctx)
	if err != nil {
		return nil, err
	}
	care, err := v.care(ctx)
	return answer(Status{sync, v.Tables.Counts(), care.Backup, care.Checks}, err)
}

func (s *server) doctor(ctx context.Context, _ *none) (*body[Checkup], error) {
	v, err := s.services("api.doctor")
	if err != nil {
		return nil, err
	}
	findings, err := v.Store.Verify(ctx)
	if err != nil {
		return nil, err
	}
	checkup := Checkup{Checks: []Check{v.checkData(len(findings))}}
	for _, finding := range findings {
		checkup.Checks = append(checkup.Checks, Check{Name: "damage", Sentence: finding.What})
	}
	health := v.Store.Health()
	checkup.Checks = append(checkup.Checks, deviceChecks(&health)...)
	return answer(checkup, nil)
}

// setAside says where a damaged database lies.
func setAside(folder string) string {
	if folder == "" {
		return ""
	}
	return "The database was damaged and is built anew from the journal and from peers; what was damaged is kept in " + folder + "."
}

func (v *Services) checkData(findings int) Check {
	if findings > 0 {
		return Check{Name: "data", Count: findings, Sentence: strconv.Itoa(findings) + " parts of the stored data are damaged. Restore a backup, or let a peer send them again."}
	}
	return Check{Name: "data", OK: true, Sentence: "All stored data was read and is whole."}
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
