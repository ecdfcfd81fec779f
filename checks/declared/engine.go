package declared

import (
	"sync"

	"github.com/seed306eabeb/muster"
	"github.com/seed306eabeb/muster/check/engine"
)

// code is this package, and what it imports.
var code = engine.Code{Check: Name, Sources: muster.Judging, Packages: packages, Modules: modules}

// digest is the engine of the check.
var digest = sync.OnceValue(code.Digest)

// packages are those of this module that judge.
var packages = []string{
	"blob",
	"bundle",
	"check",
	"check/engine",
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
