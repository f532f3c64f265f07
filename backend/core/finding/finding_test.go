package finding_test

import (
	"testing"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/finding"
)

func TestErrorTellsAllFindings(t *testing.T) {
	if err := finding.Error(nil, "x.New", "The thing"); err != nil {
		t.Fatalf("an error out of nothing: %v", err)
	}
	err := finding.Error([]finding.Finding{{Path: "a", What: "One is wrong."}, {Path: "b", What: "Two is wrong."}}, "x.New", "The thing")
	if got := fault.SentenceOf(err); got != "The thing is not valid: One is wrong. Two is wrong." || !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}
