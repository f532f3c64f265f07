package scenario

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/app/api"
)

// create makes an incident.
func (d *device) create(t *testing.T, fields map[string]any) api.RecordView {
	t.Helper()
	var view api.RecordView
	d.call(t, http.MethodPost, "/records/incident", d.ticketOf(fields), &view)
	return view
}

func (d *device) ticket(t *testing.T, id string) api.TicketView {
	t.Helper()
	return get[api.TicketView](t, d, "/tickets/"+id)
}

// shows reports whether the device has the record.
func (d *device) shows(id string) bool { return d.try(http.MethodGet, "/records/"+id, nil, nil) == nil }

// change makes one edit of the steps.
func (d *device) change(t *testing.T, id string, steps ...api.ChangeWish) {
	t.Helper()
	d.call(t, http.MethodPost, "/records/"+id+"/changes", map[string]any{"changes": steps}, nil)
}

// fieldOf gives a field as the record shows it.
func fieldOf(t *testing.T, view *api.RecordView, name string) *api.FieldView {
	t.Helper()
	i := slices.IndexFunc(view.Fields, func(field api.FieldView) bool { return field.Name == name })
	if i < 0 {
		t.Fatalf("%s has no field %q", view.Title, name)
	}
	return &view.Fields[i]
}

// set replaces what the device shows in a register.
func (d *device) set(t *testing.T, id, field string, value any) {
	t.Helper()
	view := d.ticket(t, id)
	d.change(t, id, api.ChangeWish{Op: "set", Field: field, Value: value, Seen: fieldOf(t, &view.RecordView, field).Seen})
}

// rewrite changes a text from what the device shows.
func (d *device) rewrite(t *testing.T, id, field string, edit func(string) string) {
	t.Helper()
	view := d.ticket(t, id)
	shown := fieldOf(t, &view.RecordView, field)
	base, _ := shown.Value.(string)
	d.change(t, id, api.ChangeWish{Op: "text", Field: field, Value: edit(base), Base: base, Seen: shown.Seen})
}

func (d *device) tag(t *testing.T, id, op, tag string) {
	t.Helper()
	view := d.ticket(t, id)
	d.change(t, id, api.ChangeWish{Op: op, Field: "tags", Value: tag, Seen: fieldOf(t, &view.RecordView, "tags").Seen})
}

// say writes a reply or a note.
func (d *device) say(t *testing.T, id, how, text string) {
	t.Helper()
	d.call(t, http.MethodPost, "/tickets/"+id+"/"+how, map[string]any{"text": text}, nil)
}

// transition takes a ticket on to a state; what the step requires and the test does not give is filled in.
func (d *device) transition(t *testing.T, id, to string, with map[string]any) {
	t.Helper()
	view := d.ticket(t, id)
	i := slices.IndexFunc(view.Next, func(step api.Step) bool { return step.To == to && step.Allowed })
	if i < 0 {
		t.Fatalf("%s does not offer %q from %q but %+v", view.Title, to, view.Status.Key, view.Next)
	}
	filled := map[string]any{}
	for _, field := range view.Next[i].Required {
		filled[field.Name] = d.anything(t, &field)
	}
	for name, value := range with {
		filled[name] = value
	}
	d.change(t, id, api.ChangeWish{Op: "transition", Field: "status", To: to, From: view.Status.Key, With: filled})
}

// anything gives a value that a field takes.
func (d *device) anything(t *testing.T, field *api.FormField) any {
	t.Helper()
	switch {
	case len(field.Choices) > 0:
		return field.Choices[0].Key
	case field.Type == "ref" && (field.Name == "assignee" || field.Name == "caller"):
		return get[api.Me](t, d, "/me").Person.ID
	case field.Type == "ref":
		rows := d.list(t, "/"+field.Name+"s")
		if len(rows) == 0 {
			t.Fatalf("nothing to put into %s", field.Name)
		}
		return rows[0].ID
	}
	return "because a test says so"
}

// list reads all pages of a list.
func (d *device) list(t *testing.T, path string) []api.Row {
	t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	var rows []api.Row
	for cursor := ""; ; {
		page := get[api.Page](t, d, path+separator+"limit=200&sort=createdAt&cursor="+cursor)
		rows = append(rows, page.Rows...)
		if page.Next == nil {
			if len(rows) != page.Total {
				t.Fatalf("%s: %s has %d rows and says %d", d.name, path, len(rows), page.Total)
			}
			return rows
		}
		cursor = *page.Next
	}
}

// total counts the incidents that the device shows.
func (d *device) total(t *testing.T) int {
	t.Helper()
	return get[api.Page](t, d, "/tickets?view=all&limit=1").Total
}

// denseNumbers fails unless the incidents' numbers are INC-SITE-00001, 00002, … without a gap or a repetition.
func denseNumbers(t *testing.T, d *device, site string) {
	t.Helper()
	rows := d.list(t, "/tickets?view=all&kind=incident")
	seen := make([]string, len(rows)+1)
	for _, row := range rows {
		if row.Number == nil {
			t.Fatalf("%s: %q has no number", d.name, row.Title)
		}
		digits, ok := strings.CutPrefix(*row.Number, "INC-"+site+"-")
		number, err := strconv.Atoi(digits)
		if !ok || err != nil || *row.Number != fmt.Sprintf("INC-%s-%05d", site, number) {
			t.Fatalf("%s: the number %q has the wrong form", d.name, *row.Number)
		}
		if number < 1 || number > len(rows) {
			t.Fatalf("%s: %s leaves a gap: there are %d incidents", d.name, *row.Number, len(rows))
		}
		if seen[number] != "" {
			t.Fatalf("%s: %s is the number of both %q and %q", d.name, *row.Number, seen[number], row.Title)
		}
		seen[number] = row.Title
	}
}

// saidOn lists the texts of a ticket's conversation of one kind.
func saidOn(view *api.TicketView, kind string) []string {
	var texts []string
	for _, entry := range view.Conversation {
		if entry.Kind == kind {
			texts = append(texts, entry.Text)
		}
	}
	return texts
}

func tagsOf(t *testing.T, view *api.TicketView) []string {
	t.Helper()
	members, _ := fieldOf(t, &view.RecordView, "tags").Value.([]any)
	tags := make([]string, 0, len(members))
	for _, member := range members {
		tags = append(tags, member.(string))
	}
	slices.Sort(tags)
	return tags
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}
