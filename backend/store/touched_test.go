package store

import (
	"slices"
	"testing"

	"holdfast/backend/record"
)

func TestTouchedNamesEachRecordOnce(t *testing.T) {
	for _, many := range []int{0, 1, touchedFew - 1, touchedFew, touchedFew + 1, 40} {
		var e record.Edit
		var want []record.ID
		for n := range many {
			want = append(want, record.ID{byte(n + 1)})
		}
		for _, round := range [][]record.ID{want, want, {{}}, want} {
			for _, id := range round {
				e.Mutations = append(e.Mutations, record.Mutation{Record: id}, record.Mutation{Record: id})
			}
		}
		if got := touched(&e); !slices.Equal(got, want) {
			t.Errorf("of %d records it names %d: %v", many, len(got), got)
		}
	}
}
