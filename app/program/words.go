package program

import (
	"holdfast/app/api"
	"holdfast/backend/catalog"
	"holdfast/backend/config"
	"holdfast/backend/desk"
	"holdfast/backend/people"
	"holdfast/backend/sla"
)

// words gives the API what a configuration calls things.
type words struct{ of *config.Configuration }

// fixed are the choices that no configuration changes.
var fixed = map[[2]string][]api.Choice{
	{catalog.Service, "price_model"}: {
		{Key: "free", Label: "Free of charge"}, {Key: "one_off", Label: "Once"}, {Key: "monthly", Label: "Monthly"}, {Key: "per_unit", Label: "Per unit and month"},
	},
	{catalog.Service, catalog.FieldContinuityClass}: {
		{Key: "critical", Label: "Critical", Hint: "back within an hour"}, {Key: "essential", Label: "Essential", Hint: "back within a working day"},
		{Key: "important", Label: "Important", Hint: "back within three working days"}, {Key: "deferrable", Label: "Deferrable", Hint: "back when all else runs"},
	},
	{people.Device, people.FieldRole}: {{Key: people.RoleDesktop, Label: "Desktop"}, {Key: people.RoleNode, Label: "Sync node"}},
}

// Choices gives the keys that a field takes.
func (w words) Choices(kind, field string) []api.Choice {
	if choices, ok := fixed[[2]string{kind, field}]; ok {
		return choices
	}
	var choices []api.Choice
	for _, choice := range w.of.Choices(kind, field) {
		choices = append(choices, api.Choice{Key: choice.Key, Label: choice.Label, Hint: choice.Means})
	}
	return choices
}

// Templates gives the templates for new records of a kind.
func (w words) Templates(kind string) []api.FormTemplate {
	var templates []api.FormTemplate
	for _, template := range w.of.Templates {
		if template.Kind != kind {
			continue
		}
		fields := map[string]any{}
		for name, value := range template.Fields {
			fields[name] = value
		}
		if len(template.Tags) > 0 {
			fields["tags"] = template.Tags
		}
		templates = append(templates, api.FormTemplate{Key: template.Key, Label: template.Label, Fields: fields})
	}
	return templates
}

// rulebookOf gives the desk what a configuration says.
func rulebookOf(c *config.Configuration, version string) *desk.Rulebook {
	return &desk.Rulebook{
		Workflows: c.Workflows, Priorities: c.Priorities, Policy: c.Policy,
		Promise: func(kind, named, priority string) (*sla.Promise, string, sla.ChangeRule) {
			policy, promise, ok := c.SLA.Choose(kind, named, priority)
			if !ok {
				return nil, "", ""
			}
			return promise, policy.Label + " (" + version + ")", policy.OnChange
		},
	}
}
