package record_test

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"

	"holdfast/backend/core/clock"
	"holdfast/backend/record"
)

// edit is what the store does for a laptop: number the edit, date it, seal it.
func edit(laptop string, minute int, mutations ...record.Mutation) *record.Edit {
	log := "Hull: fine.\n\nSails: fine.\n\nEngine: fine.\n"
	made := edit("harbour office", 0,
		record.Mutation{Op: record.OpCreate, Record: ida, Kind: "boat"},
		record.Mutation{Op: record.OpSet, Record: ida, Field: "name", Value: record.Text("Ida")},
		record.Mutation{Op: record.OpText, Record: ida, Field: "log", Value: record.Text(log)})

	// Both saw the office's edit, and say so; neither saw the other's.
	saw := []record.EditID{made.ID}
	one := edit("laptop one", 5,
		record.Mutation{Op: record.OpSet, Record: ida, Field: "name", Value: record.Text("Ida II"), Seen: saw},
		record.Mutation{Op: record.OpAdd, Record: ida, Field: "tags", Value: record.Text("fast")},
		record.Mutation{Op: record.OpText, Record: ida, Field: "log", Base: record.Text(log), Seen: saw,
			Value: record.Text("Hull: scratched.\n\nSails: fine.\n\nEngine: fine.\n")})
	two := edit("laptop two", 7,
		record.Mutation{Op: record.OpSet, Record: ida, Field: "name", Value: record.Text("Ada"), Seen: saw},
		record.Mutation{Op: record.OpAdd, Record: ida, Field: "tags", Value: record.Text("old")},
		record.Mutation{Op: record.OpText, Record: ida, Field: "log", Base: record.Text(log), Seen: saw,
			Value: record.Text("Hull: fine.\n\nSails: fine.\n\nEngine: smokes.\n")})

	for _, order := range [][]*record.Edit{{made, one, two}, {made, two, one}} {
		s := record.Fold(ida, nil, order)
		name, tags := s.Fields["name"], s.Fields["tags"]
		fmt.Printf("%s (or %s?), %d tags, %d edits wait for a decision\n",
			s.Shown("name").AsText(), name.Conflicts()[0].Value.AsText(), len(tags.Elements), s.Pending)
		fmt.Print(s.Shown("log").AsText())
	}
	// Output:
	// Ada (or Ida II?), 2 tags, 3 edits wait for a decision
	// Hull: scratched.
	//
	// Sails: fine.
	//
	// Engine: smokes.
	// Ada (or Ida II?), 2 tags, 3 edits wait for a decision
	// Hull: scratched.
	//
	// Sails: fine.
	//
	// Engine: smokes.
}
