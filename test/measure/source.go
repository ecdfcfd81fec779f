package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// source is one Go file that somebody has written.
type source struct {
	path   string // below the module root, with slashes
	text   []byte
	fset   *token.FileSet
	syntax *ast.File
}

// module is all Go files of a module but the generated ones and those that the go
// command passes over.
type module struct {
	skip       []string // where there is no production code
	production []*source
	tests      []*source // the _test.go files, wherever they are
	support    []*source // the other files of the skipped paths
}

// moduleRoot is the nearest directory with a go.mod, from dir upward.
func moduleRoot(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the module of %s: %w", dir, err)
	}
	for !holdsModule(os.DirFS(root), ".") {
		parent := filepath.Dir(root)
		if parent == root {
			return "", fmt.Errorf("find the module of %s: no go.mod there or above", dir)
		}
		root = parent
	}
	return root, nil
}

func holdsModule(tree fs.FS, dir string) bool {
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}

// load reads the module below root. A module without production code is an error,
// for nothing could be measured.
func load(root string, skip []string) (*module, error) {
	m, tree := &module{skip: skip}, os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && foreign(tree, path):
			return fs.SkipDir
		case entry.Type().IsRegular() && strings.HasSuffix(path, ".go") && !hidden(path):
			return m.read(tree, path)
		}
		return nil
	})
	if err == nil && len(m.production) == 0 {
		err = errors.New("no production code in any Go file")
	}
	if err != nil {
		return nil, fmt.Errorf("read the module in %s: %w", root, err)
	}
	return m, nil
}

// foreign tells the folders whose Go files are no part of the module.
func foreign(tree fs.FS, dir string) bool {
	if dir == "." {
		return false
	}
	base := path.Base(dir)
	return base == "vendor" || base == "testdata" || hidden(dir) || holdsModule(tree, dir)
}

// hidden tells the names that the go command passes over.
func hidden(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

// read adds a file where it belongs.
func (m *module) read(tree fs.FS, path string) error {
	text, err := fs.ReadFile(tree, path)
	if err != nil {
		return err
	}
	s := &source{path: path, text: text, fset: token.NewFileSet()}
	s.syntax, err = parser.ParseFile(s.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	switch {
	case ast.IsGenerated(s.syntax):
	case strings.HasSuffix(path, "_test.go"):
		m.tests = append(m.tests, s)
	case m.skipped(path):
		m.support = append(m.support, s)
	default:
		m.production = append(m.production, s)
	}
	return nil
}

func (m *module) skipped(path string) bool {
	for _, prefix := range m.skip {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// line is the one that p is on in the file, whatever a line directive says.
func (s *source) line(p token.Pos) int { return s.fset.PositionFor(p, false).Line }

func (s *source) place(p token.Pos) string { return fmt.Sprintf("%s:%d", s.path, s.line(p)) }

// between is the text from one position up to another.
func (s *source) between(from, to token.Pos) []byte {
	return s.text[s.fset.PositionFor(from, false).Offset:s.fset.PositionFor(to, false).Offset]
}
