// Package priority derives how urgent a ticket is from whom it hits and how long it can wait. It is pure.
package priority

import (
	"fmt"
	"slices"

	"holdfast/backend/core/finding"
)

// Level is one step of a scale, the most serious first.
type Level struct {
	Key   string `yaml:"key"` // stable: records hold it
	Label string `yaml:"label"`
	Means string `yaml:"means"` // one line that helps people to choose
}

// Definition is a priority matrix as people write it.
type Definition struct {
	Impacts    []Level `yaml:"impacts"`
	Urgencies  []Level `yaml:"urgencies"`
	Priorities []Level `yaml:"priorities"`
	// Matrix has a row for each impact and in it a priority's key for each urgency, in the order of the scales.
	Matrix [][]string `yaml:"matrix"`
}

// Matrix answers from a valid definition. It never changes, so it is safe for concurrent use.
type Matrix struct {
	definition Definition
	cells      map[[2]string]string
}

// Check gives everything that is wrong with a matrix. Above all, more impact or more urgency must never make a ticket less important.
func Check(d Definition) []finding.Finding {
	var findings []finding.Finding
	for _, scale := range []struct {
		name   string
		levels []Level
	}{{"impacts", d.Impacts}, {"urgencies", d.Urgencies}, {"priorities", d.Priorities}} {
		findings = append(findings, checkScale(scale.name, scale.levels)...)
	}
	if len(findings) > 0 {
		return findings
	}
	findings = checkShape(d)
	if len(findings) > 0 {
		return findings
	}
	return checkMonotone(d)
}

func checkScale(name string, levels []Level) []finding.Finding {
	if len(levels) == 0 {
		return []finding.Finding{{Path: name, What: fmt.Sprintf("The scale of %s is empty.", name)}}
	}
	var findings []finding.Finding
	for i, l := range levels {
		path := fmt.Sprintf("%s[%d].key", name, i)
		if l.Key == "" {
			findings = append(findings, finding.Finding{Path: path, What: "This level has no key."})
		}
		if index(levels[:i], l.Key) >= 0 {
			findings = append(findings, finding.Finding{Path: path, What: fmt.Sprintf("The level %q is defined twice.", l.Key)})
		}
	}
	return findings
}

func checkShape(d Definition) []finding.Finding {
	var findings []finding.Finding
	if len(d.Matrix) != len(d.Impacts) {
		return []finding.Finding{{Path: "matrix", What: fmt.Sprintf("The matrix has %d rows; it needs one for each of the %d impacts.", len(d.Matrix), len(d.Impacts))}}
	}
	for i, row := range d.Matrix {
		if len(row) != len(d.Urgencies) {
			findings = append(findings, finding.Finding{
				Path: fmt.Sprintf("matrix[%d]", i), What: fmt.Sprintf("This row has %d priorities; it needs one for each of the %d urgencies.", len(row), len(d.Urgencies)),
			})
		}
		for j, key := range row {
			if index(d.Priorities, key) < 0 {
				findings = append(findings, finding.Finding{
					Path: fmt.Sprintf("matrix[%d][%d]", i, j), What: fmt.Sprintf("There is no priority %q.", key), Allowed: keys(d.Priorities),
				})
			}
		}
	}
	return findings
}

func checkMonotone(d Definition) []finding.Finding {
	var findings []finding.Finding
	rank := func(i, j int) int { return index(d.Priorities, d.Matrix[i][j]) }
	for i := range d.Impacts {
		for j := range d.Urgencies {
			path := fmt.Sprintf("matrix[%d][%d]", i, j)
			if i > 0 && rank(i, j) < rank(i-1, j) {
				findings = append(findings, finding.Finding{Path: path, What: fmt.Sprintf(
					"Raising the impact from %s to %s would lower the priority here.", d.Impacts[i].Label, d.Impacts[i-1].Label)})
			}
			if j > 0 && rank(i, j) < rank(i, j-1) {
				findings = append(findings, finding.Finding{Path: path, What: fmt.Sprintf(
					"Raising the urgency from %s to %s would lower the priority here.", d.Urgencies[j].Label, d.Urgencies[j-1].Label)})
			}
		}
	}
	return findings
}

// New makes a matrix. The error names everything that Check finds.
func New(d Definition) (*Matrix, error) {
	if err := finding.Error(Check(d), "priority.New", "The priority matrix"); err != nil {
		return nil, err
	}
	m := &Matrix{definition: d, cells: map[[2]string]string{}}
	for i, impact := range d.Impacts {
		for j, urgency := range d.Urgencies {
			m.cells[[2]string{impact.Key, urgency.Key}] = d.Matrix[i][j]
		}
	}
	return m, nil
}

// Priority gives the key of the priority for an impact and an urgency, or false when either is not on its scale.
func (m *Matrix) Priority(impact, urgency string) (string, bool) {
	key, known := m.cells[[2]string{impact, urgency}]
	return key, known
}

// Impacts gives the scale of impacts, the most serious first.
func (m *Matrix) Impacts() []Level { return slices.Clone(m.definition.Impacts) }

// Urgencies gives the scale of urgencies, the most serious first.
func (m *Matrix) Urgencies() []Level { return slices.Clone(m.definition.Urgencies) }

// Priorities gives the scale of priorities, the most serious first.
func (m *Matrix) Priorities() []Level { return slices.Clone(m.definition.Priorities) }

// Label gives what people call a priority: the key itself when it is not on the scale.
func (m *Matrix) Label(key string) string {
	if i := index(m.definition.Priorities, key); i >= 0 && m.definition.Priorities[i].Label != "" {
		return m.definition.Priorities[i].Label
	}
	return key
}

func index(levels []Level, key string) int {
	return slices.IndexFunc(levels, func(l Level) bool { return l.Key == key })
}

func keys(levels []Level) []string {
	list := make([]string, len(levels))
	for i, l := range levels {
		list[i] = l.Key
	}
	return list
}
