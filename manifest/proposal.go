package manifest

import (
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What the dialect proposes beside what yamldoc does for all YAML. All texts of this
// package that propose are made in this file; a test looks for others.

// splitImage proposes an image without its tag, and the tag as version beside it.
func splitImage(v *yamldoc.Value, name, tag string) yamldoc.Proposal {
	separator := "\n" + strings.Repeat(" ", max(v.KeyPlace().Column-1, 0))
	if v.InFlow() {
		separator = ", "
	}
	name, tag = yamldoc.Serde.String(name), yamldoc.Serde.String(tag)
	return yamldoc.Propose(fmt.Sprintf("write image: %s and version: %s", name, tag), v.Rewritten(name+separator+"version: "+tag))
}

// writeMode proposes a file mode.
func writeMode(v *yamldoc.Value, mode int64) yamldoc.Proposal {
	return yamldoc.Write(v, asMode(mode), fmt.Sprintf(" or %d: file modes are octal", mode))
}

// appendNothing proposes an empty mapping as the content of a file.
func appendNothing(what string) yamldoc.Proposal {
	return yamldoc.Propose("write {} for "+what+", or delete the file", &verdict.Fix{New: "{}\n"}).Or("delete the file")
}

// offer reports v's content with a proposal.
func (c *inspection) offer(r verdict.Rule, v *yamldoc.Value, message string, p yamldoc.Proposal) {
	c.add(p.Of(c.at(r, v, message, "")))
}

// offerItem is offer for an item of a list of texts: the text is what it is known by.
func (c *inspection) offerItem(r verdict.Rule, v *yamldoc.Value, message string, p yamldoc.Proposal) {
	f := p.Of(c.at(r, v, message, ""))
	f.Identity = v.Text()
	c.add(f)
}
