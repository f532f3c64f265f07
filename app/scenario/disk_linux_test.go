package scenario

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const (
	diskBytes   = 256 << 20
	nearlyFull  = 72 << 20 // less than the store keeps free for what it must still write
	fullToOpen  = 24 << 20 // less than it needs to be opened at all
	longWords   = 20_000
	savesUpTo   = 400
	mountScript = `mount -t tmpfs -o size=` + "%d" + ` none "$1" && echo mounted && exec sleep infinity`
)

// smallDisk is a disk of its own that only the programs of this test see.
type smallDisk struct {
	folder string // as those programs see it
	inside string // the same, as the test sees it
}

// mountSmallDisk makes a disk in a mount namespace of its own, and has everything that the test starts run there. It gives nil where this computer allows
// nobody to mount: without such a disk there is nothing that could be full.
func mountSmallDisk(t *testing.T) *smallDisk {
	t.Helper()
	folder := t.TempDir()
	holder := exec.Command("sh", "-c", fmt.Sprintf(mountScript, diskBytes), "sh", folder)
	holder.SysProcAttr = ownGroup()
	holder.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	enter := []string{"-m"}
	if os.Geteuid() != 0 {
		holder.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		holder.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		enter = append(enter, "-U", "--preserve-credentials")
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		notChecked(t, fmt.Sprintf("a full disk: this computer does not allow disks of one's own: %v", err))
		return nil
	}
	t.Cleanup(func() {
		if err := killGroup(holder.Process); err != nil {
			t.Error(err)
		}
		// It was killed, so it says so.
		_ = holder.Wait()
	})
	said := make([]byte, len("mounted"))
	if n, err := out.Read(said); err != nil || string(said[:n]) != "mounted" {
		notChecked(t, fmt.Sprintf("a full disk: this computer does not allow disks of one's own: %v", err))
		return nil
	}
	script := filepath.Join(t.TempDir(), "holdfast-there")
	line := fmt.Sprintf("#!/bin/sh\nexec nsenter -t %d %s -- '%s' \"$@\"\n", holder.Process.Pid, strings.Join(enter, " "), os.Getenv(binaryVariable))
	if err := os.WriteFile(script, []byte(line), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(binaryVariable, script)
	return &smallDisk{folder: folder, inside: filepath.Join("/proc", strconv.Itoa(holder.Process.Pid), "root", folder)}
}

// fill writes a file that leaves only so many bytes free.
func (d *smallDisk) fill(t *testing.T, left uint64) {
	t.Helper()
	d.empty(t)
	var now syscall.Statfs_t
	if err := syscall.Statfs(d.inside, &now); err != nil {
		t.Fatal(err)
	}
	free := now.Bavail * uint64(now.Bsize)
	if free <= left {
		return
	}
	file, err := os.Create(filepath.Join(d.inside, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	err = syscall.Fallocate(int(file.Fd()), 0, 0, int64(free-left))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

func (d *smallDisk) empty(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(d.inside, "ballast")); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk fills the disk under a running program. It says so, goes on showing everything, and saves again once there is room; what was saved before, and
// what was typed, is all there.
func TestFullDisk(t *testing.T) {
	failure(t, "disk_full", "export", "--data", foundSite(t, "LYO", "Ada Lovelace"), "/dev/full")
	disk := mountSmallDisk(t)
	if disk == nil {
		return
	}
	folder := filepath.Join(disk.folder, "data")
	succeed(t, "init", "--data", folder, "--site", "LYO", "--name", "Lyon", "--person", "Ada Lovelace")
	d := desktopOn("desktop", folder)
	d.start(t)
	var saved []string
	for i := range 5 {
		saved = append(saved, d.create(t, map[string]any{"title": fmt.Sprintf("Saved before, %d", i)}).ID)
	}
	disk.fill(t, nearlyFull)
	form := d.ticketOf(map[string]any{"title": "Typed while the disk was full", "description": strings.Repeat("word ", longWords)})
	var said *problem
	for len(saved) < savesUpTo && said == nil {
		form["id"] = newID(t)
		if err := d.try("POST", "/records/incident", form, nil); err == nil {
			saved = append(saved, form["id"].(string))
		} else if !errors.As(err, &said) {
			t.Fatalf("the program does not answer on a full disk: %v", err)
		}
	}
	if said == nil || said.Code != "disk_full" || !strings.Contains(said.Detail, "Free some space") {
		t.Fatalf("after %d saves on a full disk the program says %v", len(saved), said)
	}
	t.Logf("%d saves, then: %s", len(saved), said.Detail)
	for _, id := range saved {
		if !d.shows(id) {
			t.Errorf("on a full disk the ticket %s is not shown", id)
		}
	}
	d.running.kill(t)
	disk.fill(t, fullToOpen)
	failure(t, "disk_full", "status", "--data", folder)
	disk.empty(t)
	d.start(t)
	d.call(t, "POST", "/records/incident", form, nil)
	for _, id := range append(saved, form["id"].(string)) {
		if !d.shows(id) {
			t.Errorf("the ticket %s is gone", id)
		}
	}
}
