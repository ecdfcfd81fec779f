package manifest

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// What the dialect proposes beside what yamldoc does for all YAML. All texts of this
// package that propose are made in this file; a test looks for others.

// splitImage proposes an image without its tag, and the tag as version beside it.
func splitImage(v *value, name, tag string) proposal {
	separator := "\n" + strings.Repeat(" ", max(v.keyPlace().Column-1, 0))
	if v.inFlow() {
		separator = ", "
	}
	name, tag = Serde.String(name), Serde.String(tag)
	return propose(fmt.Sprintf("write image: %s and version: %s", name, tag), v.rewritten(name+separator+"version: "+tag))
}

// writeMode proposes a file mode.
func writeMode(v *value, mode int64) proposal {
	return writeYAML(v, asMode(mode), fmt.Sprintf(" or %d: file modes are octal", mode))
}

// appendNothing proposes an empty mapping as the content of a file.
func appendNothing(what string) proposal {
	return propose("write {} for "+what+", or delete the file", &verdict.Fix{New: "{}\n"}).or("delete the file")
}

// offer reports v's content with a proposal.
func (c *inspection) offer(r verdict.Rule, v *value, message string, p proposal) {
	c.add(p.of(r.At(v.place(), message, "")))
}
