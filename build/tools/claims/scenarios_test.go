package claims

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// scenarioCount is how many scenarios the program is held to.
const scenarioCount = 35

// scenarioRow is a row of the table: the scenario's number, what must hold, and where that is shown.
var scenarioRow = regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \| ([^|]+) \|$`)

// TestEveryScenarioHasItsTests fails when a scenario is missing from the page, stands there twice, or names no test. That the tests exist is TestEveryNamedTestExists.
func TestEveryScenarioHasItsTests(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "scenarios.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[int]int{}
	for _, row := range scenarioRow.FindAllStringSubmatch(string(page), -1) {
		number, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		rows[number]++
		if !named.MatchString(row[3]) {
			t.Errorf("scenario %d names no test", number)
		}
	}
	for number := 1; number <= scenarioCount; number++ {
		if rows[number] != 1 {
			t.Errorf("scenario %d stands %d times on the page", number, rows[number])
		}
	}
	if len(rows) != scenarioCount {
		t.Errorf("the page has %d scenarios, want %d", len(rows), scenarioCount)
	}
}
