package diskfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

func TestReplaceSwapsTheWholeContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings")
	for _, content := range []string{"first", "", "third and longest"} {
		if err := diskfile.Replace(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Fatalf("read %q, %v; want %q", got, err, content)
		}
	}
	onlyOneFileIn(t, filepath.Dir(path))
}

func TestCreateNeverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	var wg sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		wg.Go(func() { results[i] = diskfile.Create(path, fmt.Appendf(nil, "writer %d", i), 0o600) })
	}
	wg.Wait()
	winner := -1
	for i, err := range results {
		switch {
		case err == nil && winner >= 0:
			t.Fatalf("both %d and %d created the file", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, fs.ErrExist):
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != fmt.Sprintf("writer %d", winner) {
		t.Fatalf("content %q, winner %d", got, winner)
	}
	onlyOneFileIn(t, filepath.Dir(path))
}

func TestMissingFolderIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent", "file")
	for name, write := range map[string]func(string, []byte, fs.FileMode) error{"Replace": diskfile.Replace, "Create": diskfile.Create} {
		if err := write(path, nil, 0o600); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCodeSortsSystemErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want fault.Code
	}{
		{&fs.PathError{Err: syscall.ENOSPC}, fault.DiskFull},
		{&fs.PathError{Err: syscall.EROFS}, fault.ReadOnly},
		{&fs.PathError{Err: fs.ErrPermission}, fault.ReadOnly},
		{fs.ErrNotExist, fault.NotFound},
		{errors.New("anything else"), fault.Unavailable},
	} {
		if got := diskfile.Code(c.err); got != c.want {
			t.Errorf("Code(%v) = %s, want %s", c.err, got, c.want)
		}
	}
}

func onlyOneFileIn(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("files left behind: %v, %v", entries, err)
	}
}
