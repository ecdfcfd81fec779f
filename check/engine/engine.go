// Package engine names the code of a check by a digest: two programs whose checks have the
// same engine decide alike.
package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Code is what makes the decisions of a check.
type Code struct {
	Check string
	// Sources hold the files of Go and of its assembler of Packages, which are folders in it, and the module's go.sum.
	Sources  fs.FS
	Packages []string
	Modules  []string // that any of the packages imports, or what that imports, on any system
}

// Digest is the digest of the code: the Go version, which stands for the standard library, the
// sources, and the modules behind them. Comments count, tests do not. Nothing of the build
// does: not its folder, its flags, its system, nor the command that the code is linked into.
// It takes some milliseconds. It panics if the sources, which are part of the program, cannot be
// read.
func (c Code) Digest() string {
	h := sha256.New()
	fmt.Fprintln(h, c.Check, runtime.Version())
	if err := c.WriteSources(h); err != nil {
		panic(fmt.Sprintf("the embedded sources of the check %q cannot be read: %v", c.Check, err))
	}
	build, _ := debug.ReadBuildInfo()
	sums, _ := fs.ReadFile(c.Sources, "go.sum") // without it versions stand alone
	for _, m := range c.Modules {
		fmt.Fprintln(h, pinned(m, string(sums), build))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// isSource says whether a file is built into a program.
func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".s")
}

// WriteSources writes the files of Go and of its assembler in the packages, but for tests, each with its name and size.
func (c Code) WriteSources(w io.Writer) error {
	return fs.WalkDir(c.Sources, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !isSource(name) || !slices.Contains(c.Packages, path.Dir(name)) {
			return err
		}
		text, err := fs.ReadFile(c.Sources, name)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s %d\n", name, len(text)); err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
}

// pinned names a module with its version and its sum: those of go.sum, unless the build
// says that it has another version, or another module in this one's place. The Go tool
// leaves sums out of a build from a vendor folder, all modules out of most test programs,
// and those that a system does not need out of its programs.
func pinned(module, sums string, build *debug.BuildInfo) string {
	m, in := &debug.Module{Path: module}, ""
	if build != nil {
		if i := slices.IndexFunc(build.Deps, func(m *debug.Module) bool { return m.Path == module }); i >= 0 {
			m = build.Deps[i]
		}
	}
	if m.Replace != nil {
		m, in = m.Replace, module+" => "
	}
	name := strings.TrimSpace(m.Path + " " + m.Version)
	return in + cmp.Or(zipSum(sums, name+" "), strings.TrimSpace(name+" "+m.Sum))
}

// zipSum is the first line of a go.sum that begins with prefix and is about a module's
// files, not about its go.mod alone; "" if there is none.
func zipSum(sums, prefix string) string {
	for line := range strings.Lines(sums) {
		if strings.HasPrefix(line, prefix) && !strings.Contains(line, "/go.mod ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
