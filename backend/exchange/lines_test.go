package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"holdfast/backend/exchange"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// export writes so many incidents as JSON Lines.
func export(t *testing.T, count int) (lines string, ids []record.ID) {
	t.Helper()
	var p population
	for n := range count {
		ids = append(ids, p.add(ticket.Incident, fmt.Sprintf("Printer %05d", n), "number", fmt.Sprintf("INC-LYO-%05d", n)))
	}
	var file bytes.Buffer
	if err := exchange.Write(t.Context(), p, ticket.Kinds(), &file); err != nil {
		t.Fatal(err)
	}
	return file.String(), ids
}

func TestLinesComeInTheirOrderEachRecordOnce(t *testing.T) {
	text, ids := export(t, 700)
	lines := strings.SplitAfter(text, "\n")
	lines[300] = "no record\n\n"
	lines = append(lines, lines[10])
	source := exchange.ReadLines(strings.NewReader(strings.Join(lines, "")), ticket.Kinds(), population{{ID: ids[20]}})
	for n := range 701 {
		item, err := source.Next()
		if err != nil {
			t.Fatal(err)
		}
		line := n + 1
		if n > 300 {
			line++ // the empty one
		}
		switch {
		case item.Line != line:
			t.Fatalf("item %d is line %d, want %d", n, item.Line, line)
		case n == 300:
			if item.Problem == "" {
				t.Error("the line that is no record has no problem")
			}
		case n == 20 || n == 700:
			if item.Skip == "" || item.Problem != "" {
				t.Errorf("item %d, which is here already, is not skipped: %+v", n, item)
			}
		case item.Record != ids[n] || item.Skip != "" || !item.Fresh:
			t.Fatalf("item %d is %+v, want the new record %s", n, item, ids[n])
		}
	}
	if _, err := source.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last line comes %v, want the end", err)
	}
}

// failing stores what it is given until its time has come.
type failing struct {
	collected
	calls int
	at    func(call int) error
}

func (f *failing) Append(ctx context.Context, drafts ...record.Draft) ([]record.EditID, error) {
	f.calls++
	if err := f.at(f.calls); err != nil {
		return nil, err
	}
	return f.collected.Append(ctx, drafts...)
}

func TestAnImportThatEndsEarlyCountsWhatIsStored(t *testing.T) {
	text, _ := export(t, 7000)
	full := errors.New("the disk is full")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, c := range map[string]struct {
		at   func(call int) error
		want error
	}{
		"the disk fills up": {func(call int) error {
			if call == 3 {
				return full
			}
			return nil
		}, full},
		"somebody cancels it": {func(int) error { cancel(); return nil }, context.Canceled},
		"it goes through":     {func(int) error { return nil }, nil},
	} {
		own := ctx
		if c.want == nil || errors.Is(c.want, full) {
			own = t.Context()
		}
		store := failing{at: c.at}
		source := exchange.ReadLines(strings.NewReader(text), ticket.Kinds(), nothingHere{})
		summary, err := exchange.Run(own, source, &store, space, record.ID{}, func(int) {})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: the import ends with %v, want %v", name, err, c.want)
		}
		if summary.Create[ticket.Incident] != len(store.drafts) || len(store.drafts) == 0 {
			t.Errorf("%s: %d incidents are said to be created, %d were stored", name, summary.Create[ticket.Incident], len(store.drafts))
		}
		if c.want == nil && len(store.drafts) != 7000 {
			t.Errorf("%s: %d of 7000 incidents were stored", name, len(store.drafts))
		}
	}
}
