// Command importmap checks the shape of the repository: who may import whom, each rule with its reason; how long
// functions and files are; what may not be written anywhere. It prints one line a finding and fails when there is one.
//
//	go run ./importmap -root ../..
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
)

func main() {
	root := flag.String("root", "../..", "folder of the repository")
	flag.Parse()
	found, count, err := checkRepository(*root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "importmap:", err)
		os.Exit(2)
	}
	for _, f := range found {
		fmt.Println(f)
	}
	fmt.Printf("importmap: %d files, %d import rules, %d findings\n", count, len(importRules), len(found))
	if len(found) > 0 {
		os.Exit(1)
	}
}

// checkRepository looks at every file that git tracks or would track.
func checkRepository(root string) (found []finding, count int, err error) {
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("listing files with git: %w", err)
	}
	tree := os.DirFS(root)
	module, err := moduleOf(tree)
	if err != nil {
		return nil, 0, err
	}
	for _, raw := range bytes.Split(bytes.TrimSuffix(out, []byte{0}), []byte{0}) {
		source, err := fs.ReadFile(tree, string(raw))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and git has not been told yet
		}
		if err != nil {
			return nil, 0, err
		}
		count++
		found = append(found, check(module, string(raw), source)...)
	}
	return found, count, nil
}

// check gives what is wrong with one file.
func check(module, file string, source []byte) []finding {
	if strings.Contains("/"+file, "/testdata/") || strings.Contains("/"+file, "/node_modules/") {
		return nil
	}
	found := checkText(file, source)
	if path.Ext(file) == ".go" {
		found = append(found, checkGo(module, file, source)...)
	}
	return append(found, checkFrontend(file, source)...)
}

func moduleOf(tree fs.FS) (string, error) {
	raw, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(raw)) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "module "); is {
			return name, nil
		}
	}
	return "", errors.New("go.mod names no module")
}
