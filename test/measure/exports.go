package main

import (
	"cmp"
	"go/ast"
	"path"
	"slices"
)

// export is an identifier that other packages see: a function, a type, a method of
// an exported type, or a variable or constant of the package. Fields and the
// methods of interfaces are told by their types.
type export struct {
	name       string
	documented bool
}

func exportsOf(file *ast.File) []export {
	var all []export
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.IsExported() && (decl.Recv == nil || ast.IsExported(receiver(decl))) {
				all = append(all, export{functionName(decl), says(decl.Doc)})
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				all = append(all, exportsOfSpec(decl, spec)...)
			}
		}
	}
	return all
}

// exportsOfSpec knows that a comment on a block documents all its constants or
// variables, and one at the end of a line those of the line. A type in a block
// needs a comment of its own.
func exportsOfSpec(decl *ast.GenDecl, spec ast.Spec) []export {
	var all []export
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() {
			all = append(all, export{spec.Name.Name, says(spec.Doc) || !decl.Lparen.IsValid() && says(decl.Doc)})
		}
	case *ast.ValueSpec:
		documented := says(spec.Doc) || says(spec.Comment) || says(decl.Doc)
		for _, name := range spec.Names {
			if name.IsExported() {
				all = append(all, export{name.Name, documented})
			}
		}
	}
	return all
}

// says tells a comment for readers from none, and from directives for the compiler.
func says(doc *ast.CommentGroup) bool { return doc.Text() != "" }

// pkg is what one folder exports, and how large it is.
type pkg struct {
	dir                    string
	files, lines           int // the lines are not blank
	exported, undocumented int
}

func (p *pkg) add(other pkg) {
	p.files += other.files
	p.lines += other.lines
	p.exported += other.exported
	p.undocumented += other.undocumented
}

// measurePackages lists the packages by their folders, and all of them together at
// the end.
func measurePackages(sources []*source) []*pkg {
	var all []*pkg
	byDir, total := map[string]*pkg{}, &pkg{dir: "all"}
	for _, s := range sources {
		dir := path.Dir(s.path)
		if byDir[dir] == nil {
			byDir[dir] = &pkg{dir: dir}
			all = append(all, byDir[dir])
		}
		one := measurePackage(s)
		byDir[dir].add(one)
		total.add(one)
	}
	slices.SortFunc(all, func(a, b *pkg) int { return cmp.Compare(a.dir, b.dir) })
	return append(all, total)
}

func measurePackage(s *source) pkg {
	one := pkg{files: 1, lines: countLines(s.text).all}
	for _, e := range exportsOf(s.syntax) {
		one.exported++
		if !e.documented {
			one.undocumented++
		}
	}
	return one
}
