package program

import (
	"io/fs"
	"path/filepath"
	"testing"
)

// ticketDiskBytes is what a ticket may take. The figure is 3 KiB on 100,000 of them; on as few as here the tables are less full, and a ticket takes some 3.6 KiB.
const ticketDiskBytes = 5 << 10

// Scenario 31, by size: what 6,000 more tickets add to the folder, with their history and the index.
func TestWhatATicketTakesOnTheDisk(t *testing.T) {
	const few, more = 2_000, 6_000
	folder := t.TempDir()
	var sizes []int64
	for i, count := range []int{few, more} {
		var p *Program
		if i == 0 {
			p = founded(t, folder)
		} else {
			p = openAt(t, folder)
		}
		fill(t, p, count)
		p.site.feed.settle(t.Context())
		shutAt(t, p)
		sizes = append(sizes, folderBytes(t, folder))
	}
	if each := (sizes[1] - sizes[0]) / more; each > ticketDiskBytes || each < ticketDiskBytes/10 {
		t.Errorf("a ticket takes %d bytes of the disk, at most %d are allowed", each, ticketDiskBytes)
	}
}

// folderBytes gives what a folder takes on the disk.
func folderBytes(t *testing.T, folder string) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += allocated(info)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}
