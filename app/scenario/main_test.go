package scenario

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	// All of the program but main.go: the results of these tests are no longer good when any of it changes, and go test goes by what is imported.
	_ "holdfast/app/command"
)

// binaryVariable names the program under test. It is how TestMain tells the tests where the built one lies.
const binaryVariable = "HOLDFAST_BINARY"

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "hf") // short: sockets lie in it, and their paths have to be
	if err == nil {
		err = os.Setenv("TMPDIR", folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if os.Getenv(binaryVariable) != "" {
		return m.Run()
	}
	binary := filepath.Join(folder, "holdfast.exe")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = moduleRoot
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the program does not build:", err)
		return 1
	}
	if err := os.Setenv(binaryVariable, binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// notesVariable names the file to which a run adds what it could not check on this computer. build/test.sh shows it.
const notesVariable = "HOLDFAST_TEST_NOTES"

// notChecked says, in the test's own output and in the file for notes, what this computer does not allow to be checked.
func notChecked(t *testing.T, what string) {
	t.Helper()
	t.Log("NOT CHECKED: " + what)
	name := os.Getenv(notesVariable)
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(file, "%s: %s\n", t.Name(), what)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// moduleRoot is the module's folder as the tests see it from theirs.
const moduleRoot = "../.."
