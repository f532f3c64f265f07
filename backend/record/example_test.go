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
	morning := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	device := sha256.Sum256([]byte(laptop))
	sealed, err := record.Seal(record.Header{
		Format: record.FormatVersion,
		ID:     record.EditID{Incarnation: record.Incarnation{Device: record.DeviceID(device[:16]), Number: 1}, Sequence: 1},
		Time:   clock.At(morning.Add(time.Duration(minute) * time.Minute)),
		Space:  record.SiteSpace("LYO"), Action: "edit",
	}, record.Payload{Mutations: mutations})
	if err != nil {
		panic(err) // an example's edit is well formed
	}
	e, err := record.Open(sealed)
	if err != nil {
		panic(err)
	}
	return e
}

// A kind is a list of fields, each with the rule by which it merges. Two laptops change one boat without seeing each other; folding
// both their edits gives every replica the same view, and loses nothing.
func Example() {
	boat := record.Kind{Name: "boat", Label: "Boat", Title: "name", Fields: []record.Definition{
		{Name: "name", Label: "Name", Rule: record.RuleRegister, Type: record.TypeText},
		{Name: "log", Label: "Log", Rule: record.RuleText, Type: record.TypeMarkdown},
		{Name: "tags", Label: "Tags", Rule: record.RuleSet, Type: record.TypeText},
	}}
	if err := (record.Catalogue{boat}).Check(); err != nil {
		fmt.Println(err)
		return
	}
	ida := uuid.MustParse("0190a6d2-0000-7000-8000-000000000001")

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
