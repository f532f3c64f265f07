package sim

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var mutantCount = flag.Int("mutants", 0, "how many mutants of the merge and apply code must be caught; -1: all")

// mutant is a fault that somebody could make: in one file, one text instead of another.
type mutant struct {
	name, file, text, instead string
}

// mutants must all be noticed within mutantSeeds.
var mutants = []mutant{
	{"the winner is who arrives last", "backend/record/merge.go", "return slices.Insert(slices.Clip(values), at, held)", "return slices.Insert(slices.Clip(values), at-at, held)"},
	{"the loser is dropped", "backend/record/merge.go", "\tif len(f.Values) > 0 {\n\t\tf.Values = insertHeld(f.Values, held)\n\t\treturn\n", "\tif len(f.Values) > 0 {\n\t\tf.Values = insertHeld(f.Values, held)[:1]\n\t\treturn\n"},
	{"what the author saw is ignored", "backend/record/merge.go", "return h.Edit == self || saw.has(h.Edit) })\n\t}\n}", "return h.Edit == self && !saw.has(self) })\n\t}\n}"},
	{"the last claim wins", "backend/record/evaluate.go", "if !s.Shown(m.Field).Equal(m.Base) {", "if s == nil {"},
	{"a merged text has one side only", "backend/record/text.go", "Value: Text(result.Text)}", "Value: held.Value}"},
	{"a counter is overwritten", "backend/record/merge.go", "f.Sum += m.Delta", "f.Sum = m.Delta"},
	{"a number is given twice", "backend/record/number.go", "Field{Rule: RuleCounter, Sum: next}", "Field{Rule: RuleCounter, Sum: max(next/2, 1)}"},
	{"a duplicate is not flagged", "backend/record/unique.go", "f.Values[i].Duplicate = holder\n", "_ = holder\n"},
	{"the comment of a parked edit is lost", "backend/record/decide.go", "\t\tif m.Op == OpAppend {\n\t\t\tp.alter(s, m)\n\t\t} else {", "\t\tif m.Op == OpAppend {\n\t\t\tcontinue\n\t\t} else {"},
	{"a clock that is ahead wins", "backend/record/evaluate.go", "at := min(e.Time, received.Add(limit.ClockTolerance))", "at := max(e.Time, received-received.Add(limit.ClockTolerance))"},
	{"an edit is decided again", "sync/node/plan.go", "case e.ID.Sequence <= committed:", "case e.ID.Sequence < committed:"},
	{"a save is answered before it is on the disk", "backend/store/journal.go", "\t_, err := j.file.Write(raw)\n\tif err == nil {\n\t\terr = j.file.Sync()\n\t}\n\tif err != nil {\n\t\treturn j.takeBack", "\t_, err := j.file.Write(raw)\n\tif err != nil {\n\t\treturn j.takeBack"},
	{"an edit that lost its id is forgotten", "backend/store/apply.go", "mine := e.ID.Device == a.store.device\n", "mine := false\n"},
	{"a decided edit stays tentative", "backend/store/apply.go", "\t\ta.change.gone = append(a.change.gone, held)\n", ""},
	{"the chain of an incarnation is not checked", "backend/store/receive.go", "case e.Previous != last:", "case e.Previous != last && e.Format == 0:"},
	{"tentative edits go when a space is taken over", "backend/store/rebase.go", "\t\t\tcase e.ID.Sequence > committed.Sequence:\n\t\t\t\tcontinue\n", ""},
	{"the digest forgets what a record was", "backend/store/applyrows.go", "a.frontier.Digest = a.frontier.Digest.Minus(w.before)", "a.frontier.Digest = a.frontier.Digest.Plus(w.before)"},
	{"an entry applies at another frontier of the same number", "sync/node/plan.go", "\t\tBefore: s.Frontier.Chain,\n", ""},
	{"a refused transition happens", "backend/record/evaluate.go", "return v.rules.Transition(v.reader, s, v.edit, m)", "_ = v.rules.Transition(v.reader, s, v.edit, m)\n\t\treturn nil"},
	{"a remove wins over an add that it did not see", "backend/record/members.go", "return id == self || saw.has(id) }\n\tdropped", "return id == self || saw.has(id) || len(seen) > 0 }\n\tdropped"},
	{"who builds on a refused record waits for ever", "sync/node/plan.go", "|| !x.situation.Refused(id) {", "|| x.situation.Refused != nil {"},
	{"who is behind a recovery stays behind", "sync/session/recovered.go", "!s.cfg.Generations.Left(mine) && !behind {", "!s.cfg.Generations.Left(mine) && (behind || !behind) {"},
	{"what a recovery left behind is not offered again", "backend/store/withdraw.go", "\treturn w.put(editKey(famTentative, space, o.Edit), c.Sealed)\n", "\treturn nil\n"},
	{"what only the founder held counts as agreed", "sync/generation/statement.go", "return b.Commit - uint64(len(b.Tail)) }", "return b.Commit }"},
	{"a row of the history is not written", "backend/store/applyrows.go", "historyKey(a.entry.Space, id, d.outcome.Commit)", "historyKey(a.entry.Space, id, d.outcome.Commit&^1)"},
	{"a damaged log is taken up to within an entry", "backend/store/salvage.go", "w.broken[space], w.entry = true, record.Entry{}\n", "err := w.flush(ctx)\n\t\tw.broken[space] = true\n\t\treturn err\n"},
	{"a number from before a recovery is forgotten", "backend/store/withdraw.go", "if o.Commit > w.importing.common {", "if o.Commit > w.importing.common && !kept {"},
}

// mutantSeeds is within how many seeds a mutant must be caught.
const mutantSeeds = 100

// caught is how a run says that something does not hold.
var caught = regexp.MustCompile(`seed (\d+): .*`)

// The checks must be able to fail: each fault, put into the real code, is found. It builds the simulation once for each, so it must be asked for.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	asked := *mutantCount
	if asked == 0 {
		return
	}
	if asked < 0 || asked > len(mutants) {
		asked = len(mutants)
	}
	for i, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			overlay := m.overlay(t, root)
			if i >= asked {
				return // its text must be there all the same
			}
			test := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "./sync/sim", "-run", "^TestSeeds$", "-count=1", "-halt", "-seeds", fmt.Sprint(mutantSeeds))
			test.Dir = root
			said, err := test.CombinedOutput()
			found := caught.Find(said)
			if err == nil || found == nil {
				t.Fatalf("nothing was noticed in %d seeds: %v\n%s", mutantSeeds, err, said[:min(len(said), 2000)])
			}
			t.Logf("%s", found)
		})
	}
}

// overlay writes the file that puts the mutant into a build, and fails where the code no longer reads as it expects.
func (m *mutant) overlay(t *testing.T, root string) string {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(m.file))
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), m.text); n != 1 {
		t.Fatalf("the text is %d times in %s: %s", n, m.file, m.text)
	}
	dir := t.TempDir()
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(raw), m.text, m.instead, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
