package command

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/seed306eabeb/muster"
	"github.com/seed306eabeb/muster/check/engine"
)

// code is this package, and what it imports.
var code = engine.Code{Check: Name, Sources: muster.Judging, Packages: packages, Modules: modules}

// digest is the engine of all commands, to which each adds its definition and its closure.
var digest = sync.OnceValue(code.Digest)

// engineOf is the engine of a definition on one machine.
func engineOf(d Definition, version, contents string) string {
	h := sha256.New()
	decides := d.deciding()
	fmt.Fprintf(h, "%s\n%d %s\n%q\n", digest(), len(decides), decides, version)
	if d.Image == "" {
		fmt.Fprintln(h, contents)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// packages are those of this module that judge.
var packages = []string{
	"blob",
	"bundle",
	"check",
	"check/engine",
	"checks/command",
	"checks/command/closure",
	"checks/command/output",
	"checks/declared",
	"checks/rule",
	"checks/schema",
	"checks/selector",
	"document",
	"fleet",
	"id",
	"internal/ecma",
	"internal/foreign",
	"marks",
	"sandbox",
	"sandbox/cell",
	"verdict",
	"yamldoc",
	"yamldoc/naming",
	"yamldoc/syntax",
}

// modules are those that the packages import, or what these import, on any system.
var modules = []string{
	"cel.dev/cel-go",
	"cel.dev/expr",
	"github.com/agnivade/levenshtein",
	"github.com/antlr4-go/antlr/v4",
	"github.com/beorn7/perks",
	"github.com/bmatcuk/doublestar/v4",
	"github.com/cespare/xxhash/v2",
	"github.com/dennwc/varint",
	"github.com/dlclark/regexp2",
	"github.com/go-json-experiment/json",
	"github.com/grafana/regexp",
	"github.com/klauspost/compress",
	"github.com/munnerz/goautoneg",
	"github.com/pjbgf/sha1cd",
	"github.com/prometheus/client_golang",
	"github.com/prometheus/client_model",
	"github.com/prometheus/common",
	"github.com/prometheus/procfs",
	"github.com/prometheus/prometheus",
	"github.com/reviewdog/errorformat",
	"github.com/robfig/cron/v3",
	"github.com/santhosh-tekuri/jsonschema/v6",
	"github.com/theory/jsonpath",
	"go.uber.org/atomic",
	"go.yaml.in/yaml/v3",
	"golang.org/x/exp",
	"golang.org/x/sys",
	"golang.org/x/text",
	"google.golang.org/genproto/googleapis/api",
	"google.golang.org/genproto/googleapis/rpc",
	"google.golang.org/protobuf",
	"gopkg.in/yaml.v3",
}
