package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"holdfast/backend/core/fault"
)

func TestFaultSaysAllThree(t *testing.T) {
	err := fault.Newf(fault.DiskFull, "store.Open", "The disk %s is full.", "D:")
	if got, want := err.Error(), "store.Open: The disk D: is full. (disk_full)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	wrapped := fault.Wrap(fs.ErrPermission, fault.ReadOnly, "store.Open", "The folder cannot be written.")
	if got := wrapped.Error(); !strings.Contains(got, "store.Open") || !strings.Contains(got, fs.ErrPermission.Error()) {
		t.Errorf("%q", got)
	}
	if !errors.Is(wrapped, fs.ErrPermission) {
		t.Error("the cause is not found")
	}
}

func TestWrapOfNothingIsNothing(t *testing.T) {
	if err := fault.Wrap(nil, fault.Internal, "x", "y"); err != nil {
		t.Errorf("%v", err)
	}
}

func TestOutermostFaultSpeaks(t *testing.T) {
	inner := fault.New(fault.NotFound, "store.Read", "There is no such record.")
	outer := fault.Wrap(inner, fault.Unavailable, "desk.Change", "Try again later.")
	named := fmt.Errorf("while saving: %w", outer)
	plain := errors.New("pipe burst")
	for name, c := range map[string]struct {
		err      error
		code     fault.Code
		sentence string
	}{
		"inner":   {inner, fault.NotFound, "There is no such record."},
		"outer":   {outer, fault.Unavailable, "Try again later."},
		"wrapped": {named, fault.Unavailable, "Try again later."},
		"foreign": {plain, fault.Internal, fault.SentenceOf(plain)},
		"nil":     {nil, fault.Internal, fault.SentenceOf(plain)},
	} {
		if got := fault.CodeOf(c.err); got != c.code {
			t.Errorf("%s: code %q, want %q", name, got, c.code)
		}
		if got := fault.SentenceOf(c.err); got != c.sentence {
			t.Errorf("%s: sentence %q, want %q", name, got, c.sentence)
		}
	}
	if !fault.Is(named, fault.Unavailable) || fault.Is(named, fault.NotFound) || fault.Is(plain, fault.Internal) || fault.Is(nil, fault.Internal) {
		t.Error("Is looks at the outermost fault, and only at faults")
	}
}

func TestSentenceOfAForeignErrorShowsNothingOfIt(t *testing.T) {
	got := fault.SentenceOf(errors.New("open secret: denied"))
	if strings.Contains(got, "secret") || !strings.HasSuffix(got, ".") {
		t.Errorf("%q", got)
	}
}
