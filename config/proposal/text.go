package proposal

import (
	"strings"
)

// head begins every proposal.
const head = `# yaml-language-server: $schema=.muster.schema.json
# Editors know the keys with: enqueue schema muster > .muster.schema.json
# Proposed by ` + "`enqueue init`" + ` from what lies here. Read it, mend it, then: enqueue config verify
muster: 1
`

// text is the muster.yaml.
func (d *draft) text() string {
	var b strings.Builder
	b.WriteString(head)
	if len(d.globs) > 0 {
		b.WriteString(padded("schemas: "+scalars(d.globs), "they refer to each other") + "\n")
	}
	b.WriteString("units:\n")
	for _, k := range d.kinds {
		k.write(&b)
	}
	return b.String()
}

func (k *kind) write(b *strings.Builder) {
	b.WriteString("  " + scalar(k.name) + ":\n")
	b.WriteString("    " + padded("at: "+scalars(k.at), k.seen) + "\n")
	if len(k.except) > 0 {
		b.WriteString("    except: " + scalars(k.except) + "\n")
	}
	for _, ask := range k.asks {
		b.WriteString("    # " + visible(ask) + "\n")
	}
	b.WriteString("    checks:\n")
	for _, l := range k.checks {
		sign := "- "
		if l.off {
			sign = "# - "
		}
		b.WriteString("      " + padded(sign+"{"+l.text+"}", l.remark) + "\n")
	}
}

// padded is a line with a remark behind it.
func padded(line, remark string) string {
	if remark == "" {
		return line
	}
	return line + " # " + visible(remark)
}
