package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// memoryTable is the ending of the file in which the database keeps its newest changes until they go into a table. It syncs it when asked to only.
const memoryTable = ".mem"

// keyFile tells which key a database is locked with. Where it is damaged, a store says that the key is another one, and touches nothing.
const keyFile = "KEYREGISTRY"

// databaseFiles gives the files of a data folder's database that hold anything, in order.
func databaseFiles(dir string) ([]string, error) {
	name, err := os.ReadFile(filepath.Join(dir, "CURRENT"))
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, "db", strings.TrimSpace(string(name)))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		end, err := dataEnd(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the database's background work has just removed it
		}
		if err != nil {
			return nil, err
		}
		if end > 0 && e.Name() != keyFile {
			all = append(all, path)
		}
	}
	return all, nil
}

// dataEnd gives where a file's last byte that is not zero ends.
func dataEnd(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	var end int64
	block := make([]byte, blockBytes)
	for at := nextData(f, 0, info.Size()); at < info.Size(); at = nextData(f, at, info.Size()) {
		n, err := f.ReadAt(block[:min(blockBytes, info.Size()-at)], at)
		if n == 0 {
			return 0, err
		}
		if filled := len(bytes.TrimRight(block[:n], "\x00")); filled > 0 {
			end = at + int64(filled)
		}
		at += int64(n)
	}
	return end, nil
}

// memoryTables gives the files of a database's newest changes, in order.
func memoryTables(dir string) ([]string, error) {
	name, err := os.ReadFile(filepath.Join(dir, "CURRENT"))
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "db", strings.TrimSpace(string(name)), "*"+memoryTable))
}

// tidyMax is how long a database may take, in real time, to write the tables that it has to write after it was opened.
const tidyMax = 20 * time.Second

// awaitTidy waits until a database has written what it found in memory tables: then it holds still until it is changed again. Nothing tells but its files.
func awaitTidy(ctx context.Context, dir string) (newest string, err error) {
	patience, end := context.WithTimeout(ctx, tidyMax)
	defer end()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		tables, err := memoryTables(dir)
		if err != nil || len(tables) == 1 {
			return strings.Join(tables, ""), err
		}
		select {
		case <-look.C:
		case <-patience.Done():
			return "", fmt.Errorf("the database in %s does not come to rest: %v: %w", dir, tables, patience.Err())
		}
	}
}

// forget takes from a database what a power cut may take: the end of what was written since it was opened. part is how much stays, from 0 to 1.
func forget(dir string, since int64, part float64) error {
	tables, err := memoryTables(dir)
	if err != nil || len(tables) == 0 {
		return err
	}
	last := tables[len(tables)-1]
	end, err := dataEnd(last)
	if err != nil || end <= since {
		return err
	}
	return zero(last, since+int64(part*float64(end-since)), end)
}

func zero(path string, from, to int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, to-from), from)
	return errors.Join(err, f.Close())
}

// rot damages one of a database's files: some bytes are others, the end is missing, or all of it is.
func rot(dir string, random *rand.Rand) (what string, err error) {
	files, err := databaseFiles(dir)
	if err != nil || len(files) == 0 {
		return "nothing", err
	}
	path := files[int(random.Float64()*float64(len(files)))]
	end, err := dataEnd(path)
	if err != nil {
		return "", err
	}
	at := int64(random.Float64() * float64(end))
	switch random.IntN(4) {
	case 0:
		return fmt.Sprintf("%s ends at %d", filepath.Base(path), at), os.Truncate(path, at)
	case 1:
		return filepath.Base(path) + " is gone", os.Remove(path)
	}
	return fmt.Sprintf("%s is wrong at %d of %d", filepath.Base(path), at, end), flip(path, at)
}

func flip(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, 8)
	n, err := f.ReadAt(b, at)
	for i := range n {
		b[i] ^= 0x5a
	}
	if n > 0 {
		_, err = f.WriteAt(b[:n], at)
	}
	return errors.Join(err, f.Close())
}
