package sealedfile

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

var box = New(bytes.Repeat([]byte{7}, 32), rand.Reader)

// fatal is what tests and properties have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
}

func must(t fatal, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contentOf(t fatal, path string) []byte {
	t.Helper()
	f, err := box.Open(path)
	must(t, err)
	raw, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))
	info, err := os.Stat(path)
	must(t, err)
	if Size(info.Size()) != int64(len(raw)) {
		t.Fatal("the size is not the content's")
	}
	return raw
}

// TestAFileIsWhatWasAppendedToIt appends, cuts, closes and reads at any place, and compares with bytes in memory.
func TestAFileIsWhatWasAppendedToIt(t *testing.T) {
	folder := t.TempDir()
	source := make([]byte, 3*PieceBytes)
	_, err := rand.Read(source)
	must(t, err)
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		path := filepath.Join(folder, "file")
		must(t, os.RemoveAll(path))
		f, err := box.Extend(path)
		must(t, err)
		var want []byte
		length := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(PieceBytes-2, PieceBytes+2), rapid.IntRange(0, 2*PieceBytes+5))
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				piece := source[:length.Draw(t, "length")]
				must(t, f.Append(piece))
				want = append(want, piece...)
			},
			"cut": func(t *rapid.T) {
				size := rapid.IntRange(0, len(want)).Draw(t, "size")
				must(t, f.Cut(int64(size)))
				want = want[:size]
			},
			"open again": func(t *rapid.T) {
				must(t, f.Close())
				f, err = box.Extend(path)
				must(t, err)
				must(t, f.Mend(PieceBytes))
			},
			"read": func(t *rapid.T) {
				at := rapid.IntRange(0, len(want)).Draw(t, "at")
				_, err := f.Seek(int64(at), io.SeekStart)
				must(t, err)
				got, err := io.ReadAll(f)
				if err != nil || !bytes.Equal(got, want[at:]) {
					t.Fatal("other bytes", err)
				}
			},
		})
		must(t, f.Close())
		if !bytes.Equal(contentOf(t, path), want) {
			t.Fatal("other bytes at the end")
		}
	})
}

func written(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	f, err := box.Extend(path)
	must(t, err)
	must(t, f.Append(content))
	must(t, f.Finish(bytes.Repeat([]byte{1}, LabelBytes)))
	must(t, errors.Join(f.Sync(), f.Close()))
	return path
}

func TestEveryByteOnTheDiskIsChecked(t *testing.T) {
	path := written(t, bytes.Repeat([]byte("secret "), 20_000))
	whole, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(whole, []byte("secret")) {
		t.Error("the content stands in the clear")
	}
	for at := 0; at < len(whole); at += 97 {
		spoiled := bytes.Clone(whole)
		spoiled[at] ^= 1
		must(t, os.WriteFile(path, spoiled, fileMode))
		f, err := box.Open(path)
		if err == nil {
			_, labelErr := f.Label()
			_, readErr := io.ReadAll(f)
			err = errors.Join(labelErr, readErr, f.Close())
		}
		if !errors.Is(err, ErrDamaged) {
			t.Fatalf("a bit at %d of %d: %v", at, len(whole), err)
		}
	}
}

func TestPiecesStayInTheirPlaceAndTheirFile(t *testing.T) {
	path, other := written(t, make([]byte, 2*PieceBytes)), written(t, make([]byte, 2*PieceBytes))
	raw, err := os.ReadFile(path)
	must(t, err)
	foreign, err := os.ReadFile(other)
	must(t, err)
	swapped := append(append(bytes.Clone(raw[:headBytes]), raw[offsetOf(1):]...), raw[headBytes:offsetOf(1)]...)
	mixed := append(bytes.Clone(raw[:headBytes]), foreign[headBytes:]...)
	for name, raw := range map[string][]byte{"exchanged": swapped, "of another file": mixed} {
		must(t, os.WriteFile(path, raw, fileMode))
		f, err := box.Open(path)
		must(t, err)
		if _, err := io.ReadAll(f); !errors.Is(err, ErrDamaged) {
			t.Errorf("pieces %s: %v", name, err)
		}
		must(t, f.Close())
	}
	f, err := New(make([]byte, 32), rand.Reader).Open(other)
	must(t, err)
	defer f.Close()
	if _, err := io.ReadAll(f); !errors.Is(err, ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
}

// TestATornEndIsCutOff: what was appended before the last step is there, byte for byte, however much of the last step reached the disk.
func TestATornEndIsCutOff(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	path := written(t, content)
	whole, err := os.ReadFile(path)
	must(t, err)
	for _, lost := range []int{1, 10, extraBytes, extraBytes + 1, 30_000, 60_000, len(whole) - int(headBytes) - 5, len(whole) - 3} {
		for _, torn := range [][]byte{whole[:len(whole)-lost], append(bytes.Clone(whole[:len(whole)-lost]), make([]byte, lost)...)} {
			must(t, os.WriteFile(path, torn, fileMode))
			if int64(len(torn)) == int64(len(whole)) && int64(lost) > int64(len(whole))-headBytes {
				continue // a head of zeros is another file
			}
			f, err := box.Extend(path)
			must(t, err)
			must(t, f.Mend(int64(len(content))))
			at := f.Size()
			must(t, f.Append(content[at:]))
			must(t, f.Close())
			if !bytes.Equal(contentOf(t, path), content) {
				t.Errorf("%d bytes lost: the file differs", lost)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, nil, fileMode))
	f, err := box.Open(path)
	must(t, err)
	if _, err := f.Label(); !errors.Is(err, ErrUnfinished) || f.Size() != 0 {
		t.Errorf("an empty file: %v", err)
	}
	must(t, f.Close())
	f, err = box.Extend(path)
	must(t, err)
	defer f.Close()
	if _, err := f.Label(); !errors.Is(err, ErrUnfinished) {
		t.Errorf("a file that was begun: %v", err)
	}
	label := bytes.Repeat([]byte{9}, LabelBytes)
	must(t, f.Finish(label))
	if got, err := f.Label(); err != nil || !bytes.Equal(got, label) {
		t.Errorf("%x, %v", got, err)
	}
	if f.Finish(label[1:]) == nil {
		t.Error("a short label was taken")
	}
}
