package manifest

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// strayOverrides warns of files beside the manifest that look like overrides of a
// region or environment, and are of none: nothing reads them.
func (c *inspection) strayOverrides() {
	entries, err := fs.ReadDir(c.unit.Files, ".")
	if err != nil {
		return
	}
	for _, f := range entries {
		name, yml := strings.CutSuffix(f.Name(), ".yml")
		layer, yaml := strings.CutSuffix(f.Name(), ".yaml")
		switch {
		case f.Name() == manifestFile || !f.Type().IsRegular() || c.session.conf.layers(name):
			continue
		case yaml && c.session.conf.layers(layer):
			c.add(ruleStrayOverride.At(verdict.Place{File: c.fileName(f.Name())}, "an override ends in .yml: nothing reads this file", "name it "+layer+".yml"))
		}
		if !yml {
			continue
		}
		if known := c.session.conf.layerNames(); yamldoc.Nearest(name, known) != "" || c.session.conf.aliases[name] != "" || c.isOverride(f.Name()) {
			c.add(ruleStrayOverride.At(verdict.Place{File: c.fileName(f.Name())}, name+" is no region and no environment of shipcat.conf: nothing reads this file", yamldoc.Choices(known)))
		}
	}
}

// layers says that a region or its environment has this name.
func (c *conf) layers(name string) bool {
	return c.byName[name] != nil || slices.ContainsFunc(c.regions, func(r *region) bool { return r.environment == name })
}

// layerNames are the names of regions and environments.
func (c *conf) layerNames() []string {
	var names []string
	for _, r := range c.regions {
		names = append(names, r.name, r.environment)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isOverride says that a file holds keys of an override and no others.
func (c *inspection) isOverride(file string) bool {
	fits := true
	data, err := fs.ReadFile(c.unit.Files, file)
	if err != nil || len(data) == 0 {
		return false
	}
	v := dialect.Read(file, data, objectOf(overrideObject), func(f verdict.Finding) {
		fits = fits && f.Rule != ruleUnknownField.Code && f.Rule != ruleRootField.Code
	})
	return fits && v.Good() && len(v.Given()) > 0
}

var ruleStrayOverride = define(verdict.Rule{Code: "M717", Name: "stray-override", Severity: verdict.Warning,
	Summary: "override files are named for a region or an environment",
	Doc:     "A file is taken for an override when its name is near one of these, or an alias, or when it holds the keys of an override alone. One that ends in .yaml is none.",
	Good:    "-- services/svc/dev-uk.yml --\nreplicaCount: 3\n", Bad: "-- services/svc/dev-ku.yml -- # want 0 \"dev-ku is no region\"\nreplicaCount: 3\n"})
