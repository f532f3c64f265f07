package config

import (
	"path"

	"holdfast/backend/policy"
	"holdfast/backend/sla"
	"holdfast/backend/ticket"
	"holdfast/backend/workflow"
)

// FileShape says which files there are and what each may hold.
type FileShape struct {
	Pattern  string `json:"pattern"` // "calendars/*.yaml"
	Means    string `json:"means"`
	Required bool   `json:"required"`
	Shape    Shape  `json:"shape"` // of a Markdown file: of its head
}

// Patterns of the files.
const (
	fileIncident   = "workflows/incident.yaml"
	fileRequest    = "workflows/request.yaml"
	filePriorities = "priorities.yaml"
	fileCategories = "categories.yaml"
	fileChoices    = "choices.yaml"
	fileRoles      = "roles.yaml"
	filesCalendar  = "calendars/*.yaml"
	filesSLA       = "sla/*.yaml"
	filesTemplate  = "templates/*.yaml"
	filesMapping   = "mappings/*.yaml"
	filesRunbook   = "runbooks/*.md"
	fileReadme     = "README.md"
)

// Schemas describes every file of the configuration, for the editor and for people.
func Schemas() []FileShape {
	return []FileShape{
		{fileIncident, "The life cycle of incidents.", true, workflowShape()},
		{fileRequest, "The life cycle of requests.", true, workflowShape()},
		{filePriorities, "The scales of impact, urgency and priority, and the matrix between them.", true, prioritiesShape()},
		{fileCategories, "The categories of tickets.", true, categoriesShape()},
		{fileChoices, "What people can choose in other fields.", true, choicesShape()},
		{fileRoles, "The roles and what each may do.", true, rolesShape()},
		{filesCalendar, "When a team works. The name of the file is the calendar's key.", false, calendarShape()},
		{filesSLA, "A service level: what is promised. The name of the file is its key.", false, slaShape()},
		{filesTemplate, "A ticket filled in advance.", false, templateShape()},
		{filesMapping, "How the log of another system becomes incidents.", false, mappingShape()},
		{filesRunbook, "A procedure in Markdown, with a head between two lines of three dashes.", false, runbookShape()},
		{fileReadme, "What people should know about these files. Holdfast does not read it.", false, text("Markdown")},
	}
}

// SchemaOf gives the description of the file at a path, or false when no such file has a meaning.
func SchemaOf(file string) (FileShape, bool) {
	for _, s := range Schemas() {
		if fits, err := path.Match(s.Pattern, file); err == nil && fits {
			return s, true
		}
	}
	return FileShape{}, false
}

func shapeOf(file string) Shape {
	s, _ := SchemaOf(file)
	return s.Shape
}

func workflowShape() Shape {
	phases := make([]string, 0, len(workflow.Phases()))
	for _, p := range workflow.Phases() {
		phases = append(phases, string(p))
	}
	fields := list("fields of the ticket that must be filled", text("a field's name"))
	return group("",
		must("states", list("in the order in which people see them", group("",
			must("key", text("stable: tickets hold it")),
			must("label", text("what people call it")),
			must("phase", choice("what it means to clocks and figures", phases...)),
			may("initial", flag("whether tickets start here; one state does")),
			may("required", fields),
			may("closes_after_days", integer("days of 24 hours after which a resolved ticket closes by itself; left out: never")),
		))),
		must("transitions", list("the steps that are allowed; all others are not", group("",
			must("from", text("a state's key")),
			must("to", text("a state's key")),
			must("label", text("what the button says")),
			may("required", fields),
			may("roles", list("who may take the step; left out: everybody who may edit tickets", text("a role's key"))),
		))),
	)
}

func prioritiesShape() Shape {
	scale := func(means string) Shape {
		return list(means+", the most serious first", group("",
			must("key", text("stable: tickets hold it")),
			must("label", text("what people call it")),
			may("means", text("one line that helps to choose")),
		))
	}
	return group("",
		must("impacts", scale("whom it hits")),
		must("urgencies", scale("how long it can wait")),
		must("priorities", scale("what comes of both")),
		must("matrix", list("a row for each impact", list("a priority for each urgency", text("a priority's key")))),
	)
}

func categoriesShape() Shape {
	return group("", must("categories", list("", group("",
		must("key", text("stable: tickets hold it")),
		must("label", text("what people call it")),
		may("subcategories", list("", text("a name"))),
	))))
}

func choicesShape() Shape {
	return group("", must("choices", mapOf("by the name of the field", list("", group("",
		must("key", text("stable: records hold it")),
		must("label", text("what people call it")),
		may("means", text("one line that helps to choose")),
	)))))
}

func rolesShape() Shape {
	actions := policy.Everything
	for _, a := range policy.Actions() {
		actions += ", " + a.Name
	}
	return group("", must("roles", list("", group("",
		must("key", text("stable: people's records hold it")),
		must("label", text("what people call it")),
		may("description", text("whom it is for")),
		must("may", list("actions; \"ticket.*\" for all of an area", text("one of "+actions))),
	))))
}

func calendarShape() Shape {
	windows := list("none: closed", text("a time of opening such as 08:00-18:00; it may end the next day, as 22:00-06:00"))
	week := make([]Field, 0, len(weekdays()))
	for _, day := range weekdays() {
		week = append(week, may(day, windows))
	}
	return group("",
		must("label", text("what people call it")),
		must("zone", text("an IANA time zone such as Europe/Berlin")),
		must("week", group("days left out are closed", week...)),
		may("exceptions", list("single dates on which it is different", group("",
			must("date", text("such as 2026-12-24")),
			must("name", text("what the day is called")),
			may("windows", windows),
		))),
		may("closures", list("days closed in every year, the last included; may go over New Year", group("",
			must("from", text("month and day, such as 12-24")),
			must("to", text("month and day, such as 01-02")),
			must("name", text("what the time is called")),
		))),
	)
}

func slaShape() Shape {
	target := text("such as 30 minutes, 4 hours, 2 working days, or 1 working day, end of day")
	calendar := text("a calendar's key; left out: open all the time")
	return group("",
		must("label", text("what people call it")),
		must("kind", choice("what it is for", ticket.Incident, ticket.Request)),
		may("default", flag("whether it holds where a service names no other")),
		may("calendar", calendar),
		may("on_change", choice("what a change of priority or service does to a running clock; left out: retroactive", sla.ChangeRules()...)),
		must("promises", list("one for each priority", group("",
			must("priority", text("a priority's key")),
			may("calendar", text("another calendar's key for this priority; \"none\" for open all the time")),
			may("first_response", target),
			may("next_update", target),
			may("resolution", target),
		))),
	)
}

func templateShape() Shape {
	return group("",
		must("label", text("what people call it")),
		must("kind", choice("what it makes", ticket.Incident, ticket.Request)),
		may("description", text("when to use it")),
		must("fields", mapOf("values by the name of the field", text("a value"))),
		may("tags", list("", text("a tag"))),
	)
}

func mappingShape() Shape {
	column := text("a column's name")
	return group("",
		must("label", text("what people call it")),
		must("missing", text("what stands for \"no value\"")),
		must("date_format", text("such as DD-MM-YYYY hh:mm")),
		must("zone", text("the IANA time zone of the dates")),
		must("number", column), must("step", column), must("step_at", column), must("step_by", column),
		must("opened_at", column), must("opened_by", column),
		must("state", column),
		must("states", mapOf("the source's states and ours", text("a state's key"))),
		must("title", list("columns that make the title", column)),
		must("fields", list("in the order in which a step sets them", group("",
			must("column", column),
			must("field", text("a field of the incident")),
			may("kind", text("the kind of record that the column names")),
			may("values", mapOf("the source's values and ours; others stay as they are", text("a value"))),
			may("listed_only", flag("whether all other values mean none")),
		))),
		may("facts", list("columns kept as they are, to compare with", column)),
	)
}

func runbookShape() Shape {
	return group("",
		must("title", text("what people call it")),
		may("summary", text("when to use it")),
		may("roles", list("who carries it out", text("a role's key"))),
		may("minutes", integer("how long it takes as a rule")),
		may("review", text("the date by which somebody reads it again, such as 2027-01-31")),
	)
}

func weekdays() []string {
	return []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
}
