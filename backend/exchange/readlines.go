package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

// Lines reads what Write wrote. It is used from one goroutine at a time, and reads ahead on all cores: most of an import's time goes into reading.
type Lines struct {
	scanner *bufio.Scanner
	line    int
	kinds   record.Catalogue
	views   Views
	seen    map[record.ID]bool // new records further up
	ahead   []aheadLine
	ended   error // io.EOF, or why the file cannot be read on behind ahead
}

// aheadLine is a line with what it says.
type aheadLine struct {
	number int
	raw    []byte
	item   Item
	err    error // of the views
}

// What is read ahead: so many lines, or so many bytes of long ones.
const (
	aheadLines = 256
	aheadBytes = 1 << 20
)

// ReadLines reads an export. Records that are here already are skipped.
func ReadLines(from io.Reader, kinds record.Catalogue, views Views) *Lines {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(make([]byte, 64<<10), lineBytesMax)
	return &Lines{scanner: scanner, kinds: kinds, views: views, seen: map[record.ID]bool{}}
}

// Next gives the next record.
func (l *Lines) Next() (Item, error) {
	if len(l.ahead) == 0 && l.ended == nil {
		l.gather()
		l.readAhead()
	}
	if len(l.ahead) == 0 {
		return Item{}, l.ended
	}
	next := l.ahead[0]
	l.ahead = l.ahead[1:]
	return l.once(next.item), next.err
}

// once has a record that the file has twice skipped the second time: the first one may not be stored yet.
func (l *Lines) once(item Item) Item {
	if item.Problem != "" || item.Skip != "" || !item.Fresh {
		return item
	}
	if l.seen[item.Record] {
		item.Skip = "The record stands further up in the file."
	}
	l.seen[item.Record] = true
	return item
}

// gather takes the next lines out of the file.
func (l *Lines) gather() {
	l.ahead = make([]aheadLine, 0, aheadLines)
	for size := 0; len(l.ahead) < aheadLines && size < aheadBytes; {
		if !l.scanner.Scan() {
			if l.ended = io.EOF; l.scanner.Err() != nil {
				l.ended = unreadable("The file has a line that is too long to be a record of an export.", l.scanner.Err())
			}
			return
		}
		l.line++
		if raw := bytes.TrimSpace(l.scanner.Bytes()); len(raw) > 0 {
			l.ahead = append(l.ahead, aheadLine{number: l.line, raw: bytes.Clone(raw)}) // the scanner goes on using its own
			size += len(raw)
		}
	}
}

// readAhead reads the lines that were gathered.
func (l *Lines) readAhead() {
	var taken atomic.Int64
	work := func() {
		for i := int(taken.Add(1)) - 1; i < len(l.ahead); i = int(taken.Add(1)) - 1 {
			line := &l.ahead[i]
			line.item, line.err = l.read(line.number, line.raw)
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(l.ahead)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
}

func (l *Lines) read(number int, raw []byte) (Item, error) {
	item := Item{Line: number}
	var read line
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&read); err != nil {
		item.Problem = "The line is no record of an export: " + err.Error() + "."
		return item, nil
	}
	if read.Format > lineFormat {
		item.Problem = "The line was written by a newer Holdfast. Update this one first."
		return item, nil
	}
	kind, known := l.kinds.Kind(read.Kind)
	if !known || read.ID == (record.ID{}) {
		item.Problem = "The line is of a kind that this Holdfast does not know: " + read.Kind + "."
		return item, nil
	}
	item.Kind, item.Record, item.Steps, item.Fresh = read.Kind, read.ID, 1, true
	if read.Space == record.Organisation && kind.Shared {
		item.Space = record.Organisation
	}
	existing, err := l.views.View(read.ID)
	if err != nil {
		return item, err
	}
	if existing != nil {
		item.Skip = "The record is here already."
		return item, nil
	}
	if item.Mutations, err = read.mutations(kind); err != nil {
		return Item{Line: number, Problem: "The line has a value that cannot be read: " + err.Error() + "."}, nil
	}
	for _, value := range read.Values {
		if title, ok := value.Value.(string); ok && value.Field == kind.Title {
			item.Title = title
		}
	}
	if len(item.Mutations) > limit.MutationsMax {
		item.Problem = "The record has more entries than one import takes."
	}
	return item, nil
}
