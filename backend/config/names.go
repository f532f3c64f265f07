package config

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"holdfast/backend/core/fault"
)

// Bounds of one version of the files.
const (
	fileBytesMax   = 1 << 20
	filesMax       = 5000
	folderDepthMax = 8
	nameBytesMax   = 120
)

// reserved are the names that Windows keeps for devices, with any extension.
var reserved = []string{
	"con", "prn", "aux", "nul",
	"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// checkName says why no file or folder may have the name on every system, or "".
func checkName(name string) string {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch {
	case name == "" || name == "." || name == "..":
		return "is not a name"
	case len(name) > nameBytesMax:
		return fmt.Sprintf("is longer than %d bytes", nameBytesMax)
	case !utf8.ValidString(name) || !norm.NFC.IsNormalString(name):
		return "is not written in normal Unicode"
	case strings.HasPrefix(strings.ToLower(name), ".git") || strings.HasPrefix(strings.ToLower(name), "git~"):
		return "is kept for git"
	case slices.Contains(reserved, strings.TrimRight(stem, " ")):
		return "is kept for a device by Windows"
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || strings.HasPrefix(name, " "):
		return "begins or ends with a character that Windows drops"
	}
	for _, c := range name {
		if strings.ContainsRune(`<>:"/\|?*`, c) || unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return fmt.Sprintf("contains %q", c)
		}
	}
	return ""
}

// CheckPath gives nil when a file may have the path on every system, or an Invalid fault.
func CheckPath(file string) error {
	names := strings.Split(file, "/")
	if len(names) > folderDepthMax {
		return fault.Newf(fault.Invalid, "config.CheckPath", "The file %q lies in too many folders.", file)
	}
	for _, name := range names {
		if why := checkName(name); why != "" {
			return fault.Newf(fault.Invalid, "config.CheckPath", "The file %q cannot be kept: %q %s.", file, name, why)
		}
	}
	return nil
}

// folded gives what two names share that some system cannot tell apart.
func folded(name string) string { return strings.ToLower(norm.NFKC.String(name)) }

// collision gives two of the paths that some system cannot keep beside each other: they differ in case only, or one is a folder of the
// other.
func collision(paths []string) (one, other string, found bool) {
	files, folders := map[string]string{}, map[string]string{}
	for _, file := range paths {
		key := folded(file)
		if twin, taken := files[key]; taken {
			return twin, file, true
		}
		files[key] = file
	}
	for _, file := range paths {
		for folder := path.Dir(file); folder != "."; folder = path.Dir(folder) {
			if twin, taken := files[folded(folder)]; taken {
				return twin, file, true
			}
			if twin, taken := folders[folded(folder)]; taken && twin != folder {
				return twin + "/", file, true
			}
			folders[folded(folder)] = folder
		}
	}
	return "", "", false
}

// checkPaths refuses a set of files that not every system could keep.
func checkPaths(paths []string) error {
	const op = "config.checkPaths"
	if len(paths) > filesMax {
		return fault.Newf(fault.Invalid, op, "A configuration has %d files at most.", filesMax)
	}
	for _, file := range paths {
		if err := CheckPath(file); err != nil {
			return err
		}
	}
	if one, other, found := collision(paths); found {
		return fault.Newf(fault.Invalid, op, "%q and %q cannot be kept beside each other on every computer. Rename one.", one, other)
	}
	return nil
}
