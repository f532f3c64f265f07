package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/query"
	"holdfast/backend/record"
	"holdfast/backend/search"
)

// listInput are the parameters of every list. Filters repeat their parameter for several keys.
type listInput struct {
	View     string   `query:"view" doc:"tickets: open, all, mine, unassigned, pending, conflicts"`
	Kind     []string `query:"kind,explode"`
	Status   []string `query:"status,explode"`
	Stage    []string `query:"stage,explode"`
	Priority []string `query:"priority,explode"`
	Team     []string `query:"team,explode"`
	Assignee []string `query:"assignee,explode"`
	Owner    []string `query:"owner,explode"`
	Site     []string `query:"site,explode"`
	Category []string `query:"category,explode"`
	Tag      []string `query:"tag,explode"`
	Service  []string `query:"service,explode"`
	Role     []string `query:"role,explode"`
	Mark     []string `query:"mark,explode"`
	Phase    []string `query:"phase,explode"`
	Q        string   `query:"q" doc:"only what a search for this finds"`
	Sort     string   `query:"sort" doc:"a field, with - before it for descending" default:"-changedAt"`
	Cursor   string   `query:"cursor"`
	Offset   int      `query:"offset" minimum:"0"`
	Limit    int      `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// filters gives the filters by the names of the table's facets.
func (in *listInput) filters() map[string][]string {
	all := map[string][]string{
		"kind": in.Kind, "status": in.Status, "stage": in.Stage, "priority": in.Priority, "team": in.Team, "assignee": in.Assignee,
		"owner": in.Owner, "site": in.Site, "category": in.Category, "tags": in.Tag, "service": in.Service, "roles": in.Role,
		query.FacetMark: in.Mark, query.FacetPhase: in.Phase,
	}
	for name, keys := range all {
		if len(keys) == 0 {
			delete(all, name)
		}
	}
	return all
}

func (s *server) registerLists(api huma.API) {
	for _, list := range []struct{ path, kind, label string }{
		{"services", "service", "Services"}, {"articles", "article", "Articles"}, {"people", "person", "People"},
		{"teams", "team", "Teams"}, {"sites", "site", "Sites"},
	} {
		operation(api, http.MethodGet, "/"+list.path, "list-"+list.path, list.label+" with filters, sort and counts",
			func(ctx context.Context, in *listInput) (*body[Page], error) { return s.list(ctx, list.kind, in) })
	}
	operation(api, http.MethodGet, "/services/{id}", "get-service", "One service with what it needs to go live", s.getService)
	operation(api, http.MethodGet, "/articles/{id}", "get-article", "One article, rendered", s.getArticle)
	for _, single := range []struct{ path, id string }{{"people", "get-person"}, {"teams", "get-team"}, {"sites", "get-site"}} {
		operation(api, http.MethodGet, "/"+single.path+"/{id}", single.id, "One record with all its fields", s.getRecord)
	}
	operation(api, http.MethodPost, "/markdown/preview", "preview-markdown", "Render Markdown as it will be shown", s.preview)
}

// list answers a list of the table that holds kind.
func (s *server) list(ctx context.Context, kind string, in *listInput) (*body[Page], error) {
	v, err := s.services("api.list")
	if err != nil {
		return nil, err
	}
	table := v.Tables.For(kind)
	q := query.Request{Filters: in.filters(), Order: strings.TrimPrefix(in.Sort, "-"), Descending: strings.HasPrefix(in.Sort, "-"), Offset: in.Offset, Limit: in.Limit}
	if in.Cursor != "" {
		if q.Offset, err = strconv.Atoi(in.Cursor); err != nil || q.Offset < 0 {
			return nil, fault.New(fault.Invalid, "api.list", "The cursor is not one that this list gave out.")
		}
	}
	v.applyView(in.View, q.Filters)
	if strings.TrimSpace(in.Q) != "" {
		if q.Only, err = v.found(ctx, in.Q, kind); err != nil {
			return nil, err
		}
	}
	page, err := table.List(q)
	if err != nil {
		return nil, err
	}
	return answer(v.page(table, kind, q, page), nil)
}

// foundMax bounds how many hits of a search a list is narrowed to.
const foundMax = 1000

func (v *Services) found(ctx context.Context, text, kind string) ([]record.ID, error) {
	kinds := []string{kind}
	if kind == "incident" {
		kinds = []string{"incident", "request"}
	}
	hits, err := v.Search.Search(ctx, search.Request{Text: text, Kinds: kinds, Limit: foundMax})
	if err != nil {
		return nil, err
	}
	ids := make([]record.ID, 0, len(hits))
	for _, hit := range hits {
		ids = append(ids, hit.ID)
	}
	return ids, nil
}

// applyView adds the filters that a named view stands for.
func (v *Services) applyView(view string, filters map[string][]string) {
	open := []string{"open", "paused"}
	switch view {
	case "open":
		filters[query.FacetPhase] = open
	case "mine":
		filters[query.FacetPhase] = open
		filters["assignee"] = []string{v.Actor.Person.String()}
	case "unassigned":
		filters[query.FacetPhase] = open
		filters["assignee"] = []string{query.None}
	case "pending":
		filters[query.FacetMark] = []string{query.MarkPending}
	case "conflicts":
		filters[query.FacetMark] = []string{query.MarkConflict, query.MarkParked}
	}
}

func (v *Services) page(table *query.Table, kind string, q query.Request, page *query.Page) Page {
	view := Page{
		Rows: make([]Row, 0, len(page.Rows)), Total: page.Total, Revision: strconv.FormatUint(page.Revision, 10),
		Facets: make(map[string][]FacetCount, len(page.Facets)),
	}
	for i := range page.Rows {
		view.Rows = append(view.Rows, v.row(table, &page.Rows[i]))
	}
	if end := q.Offset + len(page.Rows); end < page.Total {
		next := strconv.Itoa(end)
		view.Next = &next
	}
	for name, counts := range page.Facets {
		shown := make([]FacetCount, 0, min(len(counts), limit.PageRowsMax))
		for _, count := range counts[:min(len(counts), limit.PageRowsMax)] {
			shown = append(shown, FacetCount{Key: count.Key, Label: v.facetLabel(kind, name, count.Key), Count: count.Count})
		}
		view.Facets[name] = shown
	}
	return view
}

func (v *Services) row(table *query.Table, row *query.Row) Row {
	first := func(facet string) string {
		if keys := table.Values(row, facet); len(keys) > 0 && keys[0] != query.None {
			return keys[0]
		}
		return ""
	}
	refTo := func(facet string) *Ref {
		id, err := parseID(first(facet))
		if err != nil {
			return nil
		}
		return v.ref(id)
	}
	view := Row{
		ID: row.ID.String(), Kind: row.Kind, Provisional: row.Provisional, Title: row.Title, Site: firstOf(row.Space.Site(), first("site")),
		Status: firstOf(first("status"), first("stage")), StatusPhase: first(query.FacetPhase), Category: first("category"),
		Assignee: refTo("assignee"), Team: refTo("team"), Service: refTo("service"), Owner: refTo("owner"), Tags: tagsOf(table.Values(row, "tags")),
		CreatedAt: row.Created.Time(), ChangedAt: row.Changed.Time(), Pending: row.Pending, Conflicts: row.Conflicts, Parked: row.Parked,
	}
	if row.Number != "" {
		view.Number = &row.Number
	}
	if priority := first("priority"); priority != "" {
		view.Priority, view.PriorityLabel = &priority, v.label(row.Kind, "priority", priority)
	}
	if view.Status != "" {
		view.StatusLabel = v.label(row.Kind, "status", view.Status)
	}
	for _, role := range tagsOf(table.Values(row, "roles")) {
		view.Roles = append(view.Roles, firstOf(v.label(row.Kind, "roles", role), role))
	}
	if row.Due != 0 {
		due := row.Due.Time()
		view.Due = &due
	}
	return view
}

func tagsOf(keys []string) []string {
	return slices.DeleteFunc(append([]string{}, keys...), func(key string) bool { return key == query.None })
}

// facetLabel gives the words for a key of a facet.
func (v *Services) facetLabel(kind, facet, key string) string {
	if key == query.None {
		return "None"
	}
	if id, err := parseID(key); err == nil {
		return firstOf(v.ref(id).Title, key)
	}
	if facet == "kind" {
		if definition, ok := v.Kinds.Kind(key); ok {
			return definition.Label
		}
	}
	return v.label(kind, facet, key)
}
