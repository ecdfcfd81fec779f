package manifest

import (
	"sync"

	"github.com/seed306eabeb/muster"
	"github.com/seed306eabeb/muster/check/engine"
)

// code is this package, and what it imports.
var code = engine.Code{Check: "manifest", Sources: muster.Judging, Packages: packages, Modules: modules}

// digest is the engine of the check.
var digest = sync.OnceValue(code.Digest)

// packages are those of this module that judge.
var packages = []string{
	"bundle",
	"check",
	"check/engine",
	"id",
	"internal/foreign",
	"manifest",
	"manifest/tera",
	"marks",
	"verdict",
	"yamldoc",
	"yamldoc/naming",
	"yamldoc/syntax",
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
