package config_test

import (
	"testing"

	"holdfast/backend/config"
)

func starter(t testing.TB) config.Tree {
	t.Helper()
	tree, err := config.Starter()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestStarterIsValid(t *testing.T) {
	made, problems := config.Load(starter(t))
	for _, p := range problems {
		t.Errorf("%s:%d:%d: %s %v", p.File, p.Line, p.Column, p.What, p.Allowed)
	}
	if made == nil {
		t.FailNow()
	}
	if made.Workflows["incident"].Initial() != "new" || len(made.Runbooks) != 2 || len(made.Templates) != 3 || len(made.SLA) != 3 {
		t.Errorf("%+v", made)
	}
}
