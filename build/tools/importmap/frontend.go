package main

import (
	"path"
	"regexp"
	"strings"
)

// specifier finds what a TypeScript file imports: static, re-exported and dynamic.
var specifier = regexp.MustCompile(`(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']`)

// windowDoor finds code that speaks to the native window.
var windowDoor = regexp.MustCompile(`\bwindow\s*(?:as[^)]*\))?\.\s*(?:go|runtime)\b|wailsjs`)

const (
	sources  = "frontend/src/"
	features = "frontend/src/features/"
	bridge   = "frontend/src/bridge/"
)

// layers are the folders of the interface that may not import the ones named, with the reason.
var layers = []struct{ from, not, reason string }{
	{"frontend/src/ui/", features, "parts of the visual language know no feature"},
	{"frontend/src/lib/", features, "plain functions know no feature"},
	{"frontend/src/bridge/", features, "the way to Go knows no feature"},
	{"frontend/src/state/", features, "shared state knows no feature"},
	{features, "frontend/src/app/", "the frame composes features, not the other way round"},
}

// checkFrontend gives what is wrong with the imports of one file of the interface.
func checkFrontend(file string, source []byte) (found []finding) {
	if !strings.HasPrefix(file, sources) || !isScript(file) {
		return nil
	}
	for i, line := range strings.Split(string(source), "\n") {
		for _, match := range specifier.FindAllStringSubmatch(line, -1) {
			if reason := crosses(file, resolve(file, match[1])); reason != "" {
				found = append(found, finding{file, i + 1, "may not import " + match[1] + ": " + reason})
			}
		}
		if !strings.HasPrefix(file, bridge) && windowDoor.MatchString(line) {
			found = append(found, finding{file, i + 1, "speaks to the window itself: only src/bridge does, so that the interface runs in a browser too"})
		}
	}
	return found
}

// resolve gives the path below the repository that a specifier names, or nothing for a package.
func resolve(file, specifier string) string {
	switch {
	case strings.HasPrefix(specifier, "."):
		return path.Join(path.Dir(file), specifier)
	case strings.HasPrefix(specifier, "@/"), strings.HasPrefix(specifier, "~/"):
		return sources + specifier[2:]
	case strings.HasPrefix(specifier, "src/"):
		return "frontend/" + specifier
	}
	return ""
}

func crosses(file, target string) string {
	if from, to := featureOf(file), featureOf(target); from != "" && to != "" && from != to {
		return "features never import features; src/app composes them"
	}
	for _, layer := range layers {
		if strings.HasPrefix(file, layer.from) && strings.HasPrefix(target+"/", layer.not) {
			return layer.reason
		}
	}
	return ""
}

// featureOf names the feature folder that a path lies in. A file directly in features/ is the list of features.
func featureOf(file string) string {
	below, is := strings.CutPrefix(file, features)
	if !is {
		return ""
	}
	name, _, inFolder := strings.Cut(below, "/")
	if !inFolder && path.Ext(name) != "" {
		return ""
	}
	return name
}
