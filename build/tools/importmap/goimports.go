package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// finding is one broken rule.
type finding struct {
	path    string
	line    int // 0: the file as a whole
	message string
}

func (f finding) String() string {
	if f.line == 0 {
		return f.path + ": " + f.message
	}
	return fmt.Sprintf("%s:%d: %s", f.path, f.line, f.message)
}

// covers reports whether a pattern covers a package, both written as in rule.
func covers(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if tree, is := strings.CutSuffix(pattern, "/..."); is {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pattern == pkg
}

func anyCovers(patterns []string, pkg string) bool {
	for _, pattern := range patterns {
		if covers(pattern, pkg) {
			return true
		}
	}
	return false
}

func (r rule) forbids(from, to string, inTest bool) bool {
	if inTest && !r.tests {
		return false
	}
	return anyCovers(r.who, from) && !anyCovers(r.unless, from) && anyCovers(r.not, to) && !anyCovers(r.but, to)
}

// local writes an import path of the module as "./…", and the module itself as ".".
func local(module, importPath string) string {
	if importPath == module {
		return "."
	}
	if below, is := strings.CutPrefix(importPath, module+"/"); is {
		return "./" + below
	}
	return importPath
}

// packageOf names the package that a file belongs to, as a rule does.
func packageOf(file string) string {
	dir := path.Dir(file)
	if dir == "." {
		return "."
	}
	return "./" + dir
}

// checkGo gives what is wrong with one Go file.
func checkGo(module, file string, source []byte) []finding {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return []finding{{file, 0, "cannot be parsed: " + err.Error()}}
	}
	inTest := strings.HasSuffix(file, "_test.go")
	pkg := packageOf(file)
	found := checkImports(module, file, pkg, inTest, tree, fset)
	found = append(found, checkPlace(file, tree)...)
	if ast.IsGenerated(tree) {
		return found
	}
	return append(found, checkDeclarations(file, pkg, inTest, tree, fset)...)
}

func checkImports(module, file, pkg string, inTest bool, tree *ast.File, fset *token.FileSet) (found []finding) {
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it as a string literal
		}
		for _, r := range importRules {
			if r.forbids(pkg, local(module, imported), inTest) {
				found = append(found, finding{file, fset.Position(spec.Pos()).Line,
					fmt.Sprintf("%s may not import %s: %s", strings.TrimPrefix(pkg, "./"), imported, r.reason)})
			}
		}
	}
	return found
}

func checkPlace(file string, tree *ast.File) (found []finding) {
	for _, folder := range emptyOfGo {
		if path.Dir(file) == folder {
			found = append(found, finding{file, 0, "no Go file stands directly in " + folder + "/: put it into the package that it belongs to"})
		}
	}
	if name := strings.TrimSuffix(tree.Name.Name, "_test"); bannedNames[name] {
		found = append(found, finding{file, 0, "package " + name + " says nothing about what is inside: name it after what it provides"})
	}
	return found
}

func checkDeclarations(file, pkg string, inTest bool, tree *ast.File, fset *token.FileSet) (found []finding) {
	line := func(n token.Pos) int { return fset.Position(n).Line }
	for _, declaration := range tree.Decls {
		f, is := declaration.(*ast.FuncDecl)
		if !is {
			continue
		}
		if length := line(f.End()) - line(f.Pos()) + 1; length > functionLinesMax {
			found = append(found, finding{file, line(f.Pos()), fmt.Sprintf("%s has %d lines, more than %d: it does more than one thing", f.Name.Name, length, functionLinesMax)})
		}
		if f.Recv == nil && f.Name.Name == "init" {
			found = append(found, finding{file, line(f.Pos()), "init works behind the reader's back: call it from where it is needed"})
		}
	}
	if !inTest && anyCovers(pure, pkg) {
		found = append(found, checkClock(file, tree, fset)...)
	}
	return found
}

// checkClock finds the clock in packages that may not read it.
func checkClock(file string, tree *ast.File, fset *token.FileSet) (found []finding) {
	ast.Inspect(tree, func(n ast.Node) bool {
		selector, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if name, is := selector.X.(*ast.Ident); is && name.Name == "time" && clockCalls[selector.Sel.Name] {
			found = append(found, finding{file, fset.Position(selector.Pos()).Line,
				"time." + selector.Sel.Name + " in a pure package: take the time as an argument, so that every replica computes the same"})
		}
		return true
	})
	return found
}
