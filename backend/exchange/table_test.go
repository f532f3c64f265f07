package exchange_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"holdfast/backend/catalog"
	"holdfast/backend/exchange"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// population is what a site has before the import.
type population []*record.State

func (p population) EachView(_ context.Context, yield func(*record.State) error) error {
	for _, state := range p {
		if err := yield(state); err != nil {
			return err
		}
	}
	return nil
}

func (p population) View(id record.ID) (*record.State, error) {
	for _, state := range p {
		if state.ID == id {
			return state, nil
		}
	}
	return nil, nil
}

func (p *population) add(kind, title string, more ...string) record.ID {
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(kind+title+strings.Join(more, "")))
	fields := map[string]record.Field{"title": {Values: []record.Held{{Value: record.Text(title)}}}}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i]] = record.Field{Values: []record.Held{{Value: record.Text(more[i+1])}}}
	}
	*p = append(*p, &record.State{ID: id, Kind: kind, Fields: fields})
	return id
}

// bring runs a table of tickets or people into the population.
func (p population) bring(t *testing.T, kindName, table string) (exchange.Summary, []record.Draft) {
	t.Helper()
	kinds := slices.Concat(record.Catalogue{}, people.Kinds(), ticket.Kinds(), catalog.Kinds())
	kind, _ := record.Catalogue(kinds).Kind(kindName)
	here, err := exchange.NewDirectory(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	header, err := exchange.Header(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	choice := func(_, field, word string) string {
		return map[string]string{"channel/Phone": "phone", "impact/High": "1"}[field+"/"+word]
	}
	around := exchange.Surroundings{Space: space, Views: p, Here: here, Choice: choice}
	source, err := exchange.ReadTable(strings.NewReader(table), exchange.SuggestTable(header, kind), kind, around)
	if err != nil {
		t.Fatal(err)
	}
	asked := func(string) []string { return []string{"title", "caller", "channel"} }
	to := &collected{}
	summary, err := exchange.Run(t.Context(), exchange.Lacking(source, kinds, asked), to, space, record.ID{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return summary, to.drafts
}

func valueIn(draft record.Draft, field string) record.Value {
	for _, m := range draft.Mutations {
		if m.Field == field {
			return m.Value
		}
	}
	return nil
}

func TestNamesInATableStandForWhatIsHere(t *testing.T) {
	var here population
	ana := here.add(people.Person, "Ana Petrović", people.FieldLogin, "ana", people.FieldEmail, "Ana@Example.org")
	ben := here.add(people.Person, "Ben Low")
	desk := here.add(people.Team, "Service desk")
	mail := here.add(catalog.Service, "E-mail")
	summary, drafts := here.bring(t, ticket.Incident, strings.Join([]string{
		"title,caller,assignee,team,service,watchers,channel,impact",
		"One,ana@example.org,BEN  low,service desk,E-mail,ana;Ben Low,Phone,High",
		"Two,ana,Nobody Known,,,,,",
	}, "\n"))
	if summary.ProblemCount != 0 || summary.Create[people.Person] != 1 || summary.Create[people.Team]+summary.Create[catalog.Service] != 0 || len(drafts) != 3 {
		t.Fatalf("the import did %+v", summary)
	}
	one, two := drafts[0], drafts[2]
	for field, want := range map[string]record.Value{
		"caller": record.Ref(ana), "assignee": record.Ref(ben), "team": record.Ref(desk), "service": record.Ref(mail), "watchers": record.Ref(ana),
		"channel": record.Text("phone"), "impact": record.Text("1"),
	} {
		if !valueIn(one, field).Equal(want) {
			t.Errorf("%s became %v, want %v", field, valueIn(one, field), want)
		}
	}
	if !valueIn(two, "caller").Equal(record.Ref(ana)) {
		t.Error("the login does not stand for its person")
	}
	var told []string
	for _, match := range summary.Matches {
		told = append(told, match.Name+" is "+match.Title)
	}
	want := []string{"ana@example.org is Ana Petrović", "BEN  low is Ben Low", "service desk is Service desk", "E-mail is E-mail", "ana is Ana Petrović"}
	if !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
	if summary.Lacks["channel"] != 1 || len(summary.Lacks) != 1 {
		t.Errorf("the new tickets are said to lack %v", summary.Lacks)
	}
}

func TestANameOfSeveralIsReportedWithItsLine(t *testing.T) {
	var here population
	here.add(people.Person, "Jan Novák", people.FieldLogin, "jan1")
	second := here.add(people.Person, "Jan Novák", people.FieldLogin, "jan2")
	summary, drafts := here.bring(t, ticket.Incident, "title,caller\nOne,Jan Novák\nTwo,jan2\n")
	if len(drafts) != 1 || !valueIn(drafts[0], "caller").Equal(record.Ref(second)) {
		t.Errorf("%d records were made", len(drafts))
	}
	if len(summary.Problems) != 1 || summary.Problems[0].Line != 2 || !strings.Contains(summary.Problems[0].Reason, "caller") || !strings.Contains(summary.Problems[0].Reason, "Jan Novák") {
		t.Errorf("the problems are %+v", summary.Problems)
	}
}

func TestPeopleWhoAreHereAreNotMadeAgain(t *testing.T) {
	var here population
	here.add(people.Person, "Ana Petrović", people.FieldLogin, "ana", people.FieldEmail, "ana@example.org")
	here.add(people.Site, "Lyon office", people.FieldCode, "LYO")
	here.add(people.Person, "Jan Novák", people.FieldLogin, "jan1")
	here.add(people.Person, "Jan Novák", people.FieldLogin, "jan2")
	summary, drafts := here.bring(t, people.Person, strings.Join([]string{
		"Name,Login,E-mail,Site",
		"A. Petrović,,ANA@example.org,",  // by e-mail
		"Ana Petrović,,,",                // by name
		"Ana Petrović,ana3,,lyon Office", // a namesake with a login of her own
		"Jan Novák,,,",                   // which one?
	}, "\n"))
	if summary.Skip != 2 || summary.Create[people.Person] != 1 || len(drafts) != 1 {
		t.Fatalf("the import did %+v", summary)
	}
	if got := valueIn(drafts[0], people.FieldSite).AsText(); got != "LYO" {
		t.Errorf("the site is %q, want the code of the site that is named", got)
	}
	if len(summary.Problems) != 1 || summary.Problems[0].Line != 5 {
		t.Errorf("the problems are %+v", summary.Problems)
	}
}
