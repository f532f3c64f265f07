package priority_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/priority"
)

func scale(n int) []priority.Level {
	var levels []priority.Level
	for i := range n {
		levels = append(levels, priority.Level{Key: strconv.Itoa(i + 1), Label: "Level " + strconv.Itoa(i+1)})
	}
	return levels
}

// definition gives a matrix from words such as "1 2 3 / 2 3 4".
func definition(priorities int, text string) priority.Definition {
	d := priority.Definition{Priorities: scale(priorities)}
	for _, row := range strings.Split(text, "/") {
		d.Matrix = append(d.Matrix, strings.Fields(row))
	}
	d.Impacts, d.Urgencies = scale(len(d.Matrix)), scale(len(d.Matrix[0]))
	return d
}

// The matrices that other products ship must be expressible.
func TestMatricesOfOtherProducts(t *testing.T) {
	for name, c := range map[string]struct {
		d               priority.Definition
		impact, urgency string
		want            string
	}{
		"ServiceNow": {definition(5, "1 2 3 / 2 3 4 / 3 4 5"), "1", "3", "3"},
		"iTop":       {definition(4, "1 1 2 4 / 1 2 3 4 / 2 3 3 4"), "3", "1", "2"},
		"GLPI":       {definition(5, "1 1 2 2 2 / 1 2 2 3 3 / 2 2 3 4 4 / 2 3 4 4 5 / 2 3 4 5 5"), "4", "3", "4"},
	} {
		m, err := priority.New(c.d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, ok := m.Priority(c.impact, c.urgency); !ok || got != c.want || m.Label(got) != "Level "+c.want {
			t.Errorf("%s: priority %q", name, got)
		}
		if _, ok := m.Priority("9", "1"); ok || m.Label("9") != "9" {
			t.Errorf("%s: an impact that is not on the scale has a priority", name)
		}
	}
}

func TestFindings(t *testing.T) {
	doubled := definition(3, "1 2 / 2 3")
	doubled.Impacts[1].Key = "1"
	nameless := definition(3, "1 2 / 2 3")
	nameless.Urgencies[0].Key = ""
	short := definition(3, "1 2 / 2 3")
	short.Matrix = short.Matrix[:1]
	for name, c := range map[string]struct {
		d          priority.Definition
		path, what string
	}{
		"urgency lowers":  {definition(5, "1 3 2 / 2 3 4 / 3 4 5"), "matrix[0][2]", "Raising the urgency from Level 3 to Level 2"},
		"impact lowers":   {definition(5, "2 3 4 / 1 3 4 / 3 4 5"), "matrix[1][0]", "Raising the impact from Level 2 to Level 1"},
		"unknown":         {definition(2, "1 2 / 2 3"), "matrix[1][1]", `no priority "3"`},
		"row too short":   {definition(5, "1 2 3 / 2 3 / 3 4 5"), "matrix[1]", "This row has 2 priorities"},
		"row missing":     {short, "matrix", "The matrix has 1 rows"},
		"key twice":       {doubled, "impacts[1].key", `"1" is defined twice`},
		"key missing":     {nameless, "urgencies[0].key", "has no key"},
		"no scale at all": {priority.Definition{}, "impacts", "The scale of impacts is empty"},
	} {
		findings := priority.Check(c.d)
		if len(findings) == 0 || findings[0].Path != c.path || !strings.Contains(findings[0].What, c.what) {
			t.Errorf("%s: %+v", name, findings)
		}
		if _, err := priority.New(c.d); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMoreImpactOrUrgencyNeverLowersThePriority(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching("[1-3]")
		d := priority.Definition{Impacts: scale(3), Urgencies: scale(2), Priorities: scale(3)}
		for range 3 {
			d.Matrix = append(d.Matrix, []string{cell.Draw(t, "left"), cell.Draw(t, "right")})
		}
		m, err := priority.New(d)
		if err != nil {
			return
		}
		at := func(impact, urgency int) string {
			key, _ := m.Priority(strconv.Itoa(impact), strconv.Itoa(urgency))
			return key
		}
		for impact := 1; impact <= 3; impact++ {
			for urgency := 1; urgency <= 2; urgency++ {
				if impact > 1 && at(impact-1, urgency) > at(impact, urgency) || urgency > 1 && at(impact, urgency-1) > at(impact, urgency) {
					t.Fatalf("%v was accepted", d.Matrix)
				}
			}
		}
	})
}
