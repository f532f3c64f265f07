package query_test

import (
	"slices"
	"testing"

	"holdfast/backend/query"
	"holdfast/backend/record"
)

func TestRecordsWithFormerNumbersAreListed(t *testing.T) {
	tables := query.NewTables(query.TablesConfig{
		Kinds: kinds, Phase: phase, Provisional: func(*record.State) string { return "" }, Parked: func(record.ID) int { return 0 },
	})
	with := func(n int, numbers ...string) *record.State {
		state := toy{n: n, title: "A toy"}.source().State
		var former record.Field
		for _, number := range numbers {
			former.Elements = append(former.Elements, record.Element{Value: record.Text(number)})
		}
		state.Fields[record.FieldFormerNumbers] = former
		return state
	}
	tables.Refresh(toy{n: 1}.source().State, with(2, "TOY-2", "TOY-1"), with(3, "TOY-3"))
	former := map[record.ID][]string{}
	for _, one := range tables.Renumbered() {
		former[one.Row.ID] = one.Former
	}
	if len(former) != 2 || !slices.Equal(former[id(2)], []string{"TOY-1", "TOY-2"}) || !slices.Equal(former[id(3)], []string{"TOY-3"}) {
		t.Errorf("renumbered are %v", former)
	}
	tables.Refresh(with(2))
	if all := tables.Renumbered(); len(all) != 1 || all[0].Row.ID != id(3) {
		t.Errorf("renumbered are %+v then", all)
	}
}
