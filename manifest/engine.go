package manifest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/seed306eabeb/muster"
)

// engine is the digest of the code that makes a decision: the Go version, which stands for
// the standard library, the sources of this package and of those that it imports, and the
// modules behind them. Comments count, tests do not. Nothing of the build does: not its
// folder, its flags, its system, nor the command that the code is linked into.
var engine = sync.OnceValue(digest)

func digest() string {
	h := sha256.New()
	fmt.Fprintln(h, "manifest", runtime.Version())
	if err := writeSources(h, muster.Judging); err != nil {
		panic(fmt.Sprintf("manifest: the embedded sources cannot be read: %v", err)) // they are in memory
	}
	build, _ := debug.ReadBuildInfo()
	sums, _ := fs.ReadFile(muster.Judging, "go.sum") // without it versions stand alone
	for _, m := range modules {
		fmt.Fprintln(h, pinned(m, string(sums), build))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// writeSources writes the Go files of a tree but for tests, each with its name and size.
func writeSources(w io.Writer, tree fs.FS) error {
	return fs.WalkDir(tree, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(tree, name)
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

// modules are those that what judges imports, or what that imports, on any system.
var modules = []string{
	"github.com/agnivade/levenshtein",
	"github.com/beorn7/perks",
	"github.com/cespare/xxhash/v2",
	"github.com/dennwc/varint",
	"github.com/go-json-experiment/json",
	"github.com/grafana/regexp",
	"github.com/klauspost/compress",
	"github.com/munnerz/goautoneg",
	"github.com/prometheus/client_golang",
	"github.com/prometheus/client_model",
	"github.com/prometheus/common",
	"github.com/prometheus/procfs",
	"github.com/prometheus/prometheus",
	"github.com/robfig/cron/v3",
	"go.uber.org/atomic",
	"golang.org/x/sys",
	"golang.org/x/text",
	"google.golang.org/protobuf",
	"gopkg.in/yaml.v3",
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
