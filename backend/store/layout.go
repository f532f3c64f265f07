package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// formatVersion is the newest folder layout and key layout that this program writes; it opens all up to it.
//
//	1: the first.
const formatVersion = 1

// The data folder. DESIGN.md says what each part is for.
const (
	formatName   = "FORMAT"   // formatVersion in decimal
	lockName     = "LOCK"     // locked while a program has the folder open
	currentName  = "CURRENT"  // name of the active folder below db
	keyCheckName = "KEYCHECK" // which key the folder is locked with, without saying the key; tells a wrong key from damage
	salvageName  = "SALVAGE"  // there only while a damaged database is replaced: the name under which it is set aside, below db
	cleanName    = "CLEAN"    // there only between a clean Close and the next Open: where this device's incarnations stand
	journalName  = "journal"  // segments 00000001.log, 00000002.log …
	databases    = "db"       // one Badger folder; others are leftovers (removed) or were set aside (kept)
	blobsName    = "blobs"    // ab/abcdef…: whole blobs; partial/abcdef…: downloads; held/abcdef…: who else keeps the blob
	sealedName   = "sealed"   // the same for a store with a key: encrypted, under names that only the key tells
	asideMark    = ".damaged-"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// checkFormat reads FORMAT, or writes it in an empty folder.
func checkFormat(dir string) error {
	path := filepath.Join(dir, formatName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return diskfile.Replace(path, []byte(strconv.Itoa(formatVersion)+"\n"), fileMode)
	}
	if err != nil {
		return folderFault(err, "store.Open", dir)
	}
	version, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	switch {
	case err != nil || version < 1:
		return fault.Newf(fault.Corrupt, "store.Open", "The file %s is damaged: it should hold a number. Restore it from a backup; no other file was touched.", path)
	case version > formatVersion:
		return fault.Newf(fault.NewerFormat, "store.Open",
			"The data in %s was written by a newer Holdfast (format %d; this one reads up to %d). Install the newer version; nothing was changed.", dir, version, formatVersion)
	}
	return nil
}

// currentDatabase gives the name of the active database folder, making the first one's name durable in a new data folder.
func currentDatabase(dir string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		name := nextDatabase(dir)
		return name, switchDatabase(dir, name)
	}
	if err != nil {
		return "", folderFault(err, "store.Open", dir)
	}
	name := strings.TrimSpace(string(raw))
	if _, err := strconv.Atoi(name); err != nil {
		return "", fault.Newf(fault.Corrupt, "store.Open", "The file %s is damaged: it should hold the number of a folder in %s. Write the newest folder's name into it.",
			filepath.Join(dir, currentName), filepath.Join(dir, databases))
	}
	return name, nil
}

// switchDatabase makes name the active database folder.
func switchDatabase(dir, name string) error {
	return diskfile.Replace(filepath.Join(dir, currentName), []byte(name+"\n"), fileMode)
}

// nextDatabase gives a folder name that was never used: one more than the highest, those set aside included.
func nextDatabase(dir string) string {
	entries, err := os.ReadDir(filepath.Join(dir, databases))
	if err != nil {
		return "1"
	}
	highest := 0
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), asideMark)
		if n, err := strconv.Atoi(name); err == nil {
			highest = max(highest, n)
		}
	}
	return strconv.Itoa(highest + 1)
}

// dropLeftovers removes database folders that a restore left behind before or after it switched CURRENT. Damaged ones stay.
func dropLeftovers(dir, current string) error {
	entries, err := os.ReadDir(filepath.Join(dir, databases))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil || e.Name() == current {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, databases, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// folderFault gives an error of the file system the code and the sentence that fit.
func folderFault(err error, op, path string) error {
	if err == nil {
		return nil
	}
	var known *fault.Fault
	if errors.As(err, &known) {
		return err
	}
	code := diskfile.Code(err)
	sentence := "The data folder " + path + " cannot be used right now. Check the disk, then try again; nothing was lost."
	switch code {
	case fault.DiskFull:
		sentence = "The disk that holds " + path + " is full. Free some space, then try again; nothing that was saved is lost."
	case fault.ReadOnly:
		sentence = "Holdfast may not write in " + path + ". Give this user the right to write there, or choose another folder."
	case fault.NotFound:
		sentence = "A file that should be in " + path + " is missing. Check that the disk is connected."
	}
	return fault.Wrap(err, code, op, sentence)
}
