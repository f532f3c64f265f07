package record_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/record"
)

const manual = "# Printer\n\nSwitch it on.\n\nPrint.\n\nSwitch it off.\n"

func text(boat record.ID, value, base string, seen ...record.EditID) record.Mutation {
	return record.Mutation{Op: record.OpText, Record: boat, Field: "log", Value: record.Text(value), Base: record.Text(base), Seen: seen}
}

// withManual gives a group whose boat has the manual as its log.
func withManual(t *testing.T) (g *group, boat record.ID, written *record.Edit, a, b *laptop) {
	t.Helper()
	g, boat, _, a, b = boatAndTwo(t)
	written = newLaptop("author").write(t, at(1), "write", text(boat, manual, ""))
	g.decide(written)
	return g, boat, written, a, b
}

func TestTextsThatDoNotOverlapAreMerged(t *testing.T) {
	g, boat, written, a, b := withManual(t)
	g.decide(a.write(t, at(5), "write", text(boat, strings.Replace(manual, "Switch it on.", "Switch it on and wait.", 1), manual, written.ID)))
	late := b.write(t, at(4), "write", text(boat, strings.Replace(manual, "Switch it off.", "Leave it on.", 1), manual, written.ID))
	view := record.Fold(boat, g.states[boat], []*record.Edit{late})
	o := g.decide(late)
	want := "# Printer\n\nSwitch it on and wait.\n\nPrint.\n\nLeave it on.\n"
	s := g.states[boat]
	if o.Result != record.Merged || shown(s, "log") != want || shown(view, "log") != want {
		t.Fatalf("%s: %q", o.Result, shown(s, "log"))
	}
	f := s.Fields["log"]
	if len(f.Seen()) != 2 {
		t.Errorf("whoever looks at it has seen %v", f.Seen())
	}
	last := g.history[boat][len(g.history[boat])-1]
	if last.Result != record.Merged || last.To.AsText() != want {
		t.Errorf("history: %s %q", last.Result, last.To.AsText())
	}
	if o := g.decide(a.write(t, at(6), "write", text(boat, "short", want, f.Seen()...))); o.Result != record.Applied || shown(g.states[boat], "log") != "short" {
		t.Errorf("with all seen: %s %q", o.Result, shown(g.states[boat], "log"))
	}
}

func TestTextsThatOverlapAreBothKept(t *testing.T) {
	g, boat, written, a, b := withManual(t)
	one := strings.Replace(manual, "Print.", "Print twice.", 1)
	two := strings.Replace(manual, "Print.", "Print once.", 1)
	g.decide(a.write(t, at(5), "write", text(boat, one, manual, written.ID)))
	if o := g.decide(b.write(t, at(6), "write", text(boat, two, manual, written.ID))); o.Result != record.Conflict {
		t.Errorf("the second was %s", o.Result)
	}
	s := g.states[boat]
	if shown(s, "log") != two || strings.Join(conflicts(s, "log"), "|") != one || strings.Contains(shown(s, "log"), "<<<<") {
		t.Errorf("%q against %q", shown(s, "log"), conflicts(s, "log"))
	}
}

func TestLineEndsAndAccentsAreNoConflict(t *testing.T) {
	g, boat, _, a, b := boatAndTwo(t)
	composed, decomposed := "caf\u00e9\nth\u00e9\n", "cafe\u0301\r\nthe\u0301\r\n"
	g.decide(a.write(t, at(5), "write", text(boat, composed, "")))
	o := g.decide(b.write(t, at(6), "write", text(boat, decomposed, "")))
	if s := g.states[boat]; o.Result == record.Conflict || shown(s, "log") != composed || conflicts(s, "log") != nil {
		t.Errorf("%s: %q against %q", o.Result, shown(s, "log"), conflicts(s, "log"))
	}
}

// TestTextOnTopOfOneThatIsNotThere: whoever wrote on top of a text that has not arrived is not merged as if it had: that would undo it.
func TestTextOnTopOfOneThatIsNotThere(t *testing.T) {
	g, boat, written, a, b := withManual(t)
	c := newLaptop("c")
	x := strings.Replace(manual, "Switch it on.", "Press the button.", 1)
	missing := a.write(t, at(5), "write", text(boat, x, manual, written.ID))
	g.decide(c.write(t, at(6), "write", text(boat, strings.Replace(manual, "Print.", "Print slowly.", 1), manual, written.ID)))
	g.decide(b.write(t, at(7), "write", text(boat, strings.Replace(x, "Switch it off.", "Leave it.", 1), x, missing.ID)))
	g.decide(missing)
	s := g.states[boat]
	if !strings.Contains(shown(s, "log")+strings.Join(conflicts(s, "log"), ""), "Press the button.") {
		t.Errorf("the missing text's change is undone: %q against %q", shown(s, "log"), conflicts(s, "log"))
	}
}

// TestTextOnOneSideOfAConflictLeavesTheOther: two texts conflict, and two people go on from the same one of them. The second is not
// merged with the text that neither saw: against their base that would undo what the two conflict in.
func TestTextOnOneSideOfAConflictLeavesTheOther(t *testing.T) {
	g, boat, written, a, b := withManual(t)
	c := newLaptop("c")
	left := strings.Replace(manual, "Switch it on.", "Switch it on. <left>", 1)
	right := strings.Replace(manual, "Switch it on.", "Switch it on. <right>", 1)
	g.decide(a.write(t, at(9), "write", text(boat, left, manual, written.ID)))
	base := b.write(t, at(2), "write", text(boat, right, manual, written.ID))
	g.decide(base)
	g.decide(b.write(t, at(3), "write", text(boat, right+"<b>\n", right, base.ID)))
	g.decide(c.write(t, at(4), "write", text(boat, strings.Replace(right, "# Printer", "# Printer <c>", 1), right, base.ID)))
	s := g.states[boat]
	for _, held := range append(conflicts(s, "log"), shown(s, "log")) {
		if strings.Contains(held, "<left>") && (strings.Contains(held, "<b>") || strings.Contains(held, "<c>")) {
			t.Errorf("merged without a common ancestor: %q", held)
		}
	}
}

// TestNoLineOfATextIsLost: each writer adds a line of its own to a text that it saw in its own replica; the lines are all in what is
// shown or stands against it, whatever the order of arrival.
func TestNoLineOfATextIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g, boat, _, _, _ := withManual(t)
		base := g.states[boat]
		laptops := []*laptop{newLaptop("a"), newLaptop("b"), newLaptop("c")}
		known := make([][]*record.Edit, len(laptops))
		s := story{boat: boat}
		count := rapid.IntRange(1, 8).Draw(r, "edits")
		for n := range count {
			who := rapid.IntRange(0, 2).Draw(r, "who")
			if from := rapid.IntRange(0, 2).Draw(r, "from"); from != who {
				known[who] = exchanged(known[who], known[from])
			}
			view := record.Fold(boat, base, known[who])
			f := view.Fields["log"]
			var seen []record.EditID
			if len(f.Values) > 0 {
				seen = f.Values[0].Seen()
			}
			lines := strings.Split(shown(view, "log"), "\n")
			place := rapid.IntRange(0, len(lines)-1).Draw(r, "line")
			lines[place] += fmt.Sprintf(" <%d>", n)
			e := laptops[who].write(t, at(rapid.IntRange(1, 9).Draw(r, "minute")), "write",
				text(boat, strings.Join(lines, "\n"), shown(view, "log"), seen...))
			known[who] = append(known[who], e)
			s.edits = append(s.edits, e)
		}
		for _, e := range s.shuffled(r) {
			g.decide(e)
		}
		all := shown(g.states[boat], "log") + strings.Join(conflicts(g.states[boat], "log"), "")
		for n := range count {
			if mark := fmt.Sprintf("<%d>", n); !strings.Contains(all, mark) {
				r.Fatalf("%s is nowhere in %q", mark, all)
			}
		}
	})
}

// exchanged gives mine with what theirs has more, in the order in which theirs has it.
func exchanged(mine, theirs []*record.Edit) []*record.Edit {
	out := append([]*record.Edit(nil), mine...)
	for _, e := range theirs {
		known := false
		for _, have := range mine {
			known = known || have.ID == e.ID
		}
		if !known {
			out = append(out, e)
		}
	}
	return out
}
