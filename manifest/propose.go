package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// proposal is a help that tells what to write. It goes with the edit that
// follows it, and without one it is not told: otherwise is the help then. All
// texts that propose are made in this file, and in one of the format that is read.
type proposal struct {
	text      string
	fix       *verdict.Fix
	otherwise string
}

// of is a finding with p as its help. Whether p heals is seen when all of the
// service was judged.
func (p proposal) of(f verdict.Finding) verdict.Finding {
	if p.fix == nil || len(p.text) > maxHelp {
		f.Help = p.otherwise
		return f
	}
	fix := *p.fix
	fix.Otherwise = p.otherwise
	f.Help, f.Fix = p.text, &fix
	return f
}

// maxHelp is how many bytes of a help somebody reads. One that proposes a longer
// text would make a report as long as the file.
const maxHelp = 4096

// propose is a help that tells what to write, and the edit that does it.
func propose(text string, fix *verdict.Fix) proposal { return proposal{text: text, fix: fix} }

// or is p with another help for where its edit does not heal.
func (p proposal) or(otherwise string) proposal { p.otherwise = otherwise; return p }

// advice is a help that proposes nothing.
func advice(text string) proposal { return proposal{otherwise: text} }

// meant asks whether the candidate that looks most like got was meant, of those that
// are not taken; fix puts it there. Otherwise it lists the candidates when they are few.
func meant(got string, candidates, taken []string, fix func(best string) *verdict.Fix) proposal {
	best := nearestFree(got, candidates, taken)
	if best == "" {
		return advice(choices(candidates))
	}
	return asked(best, fix(best)).or(choices(candidates))
}

// asked asks whether a text was meant.
func asked(text string, fix *verdict.Fix) proposal {
	return proposal{text: fmt.Sprintf("did you mean %q?", text), fix: fix}
}

// choices lists candidates when they are few.
func choices(candidates []string) string {
	const few = 12
	if n := len(candidates); n == 0 || n > few {
		return ""
	}
	return "one of " + strings.Join(candidates, ", ")
}

// rewrite proposes another string for v.
func rewrite(v *value, text string) proposal {
	return proposal{text: "write " + v.src.profile.String(text), fix: v.retold(text)}
}

// shed proposes v's string without a part of it, which what names.
func shed(v *value, what, rest string) proposal {
	return proposal{text: "leave " + what + " out: " + v.src.profile.String(rest), fix: v.retold(rest)}
}

// rename proposes another name for v's key.
func rename(v *value, key string) proposal {
	return proposal{text: fmt.Sprintf("write %q", key), fix: v.renamed(key)}
}

// writeYAML proposes a text of YAML for v; why may be empty.
func writeYAML(v *value, yaml, why string) proposal {
	return proposal{text: "write " + yaml + why, fix: v.rewritten(yaml)}
}

// quote proposes quotes around v.
func quote(v *value) proposal {
	return proposal{text: "quote the value: " + strconv.Quote(v.text), fix: v.rewritten(strconv.Quote(v.text)),
		otherwise: "a string that reads as a number or boolean is quoted"}
}

// quoteKey proposes quotes around a key.
func quoteKey(key string, fix *verdict.Fix) proposal {
	return proposal{text: "quote the key: " + strconv.Quote(key), fix: fix}
}

// quoteTemplate proposes quotes around the template that starts at v.
func quoteTemplate(v *value) proposal {
	quoted, fix := templateFix(v)
	return proposal{text: "quote the template: " + quoted, fix: fix, otherwise: "a value that starts with {{ is quoted as a whole"}
}

// with is p and a remark that holds either way.
func (p proposal) with(remark string) proposal {
	join := func(a, b string) string {
		if a == "" || b == "" {
			return a + b
		}
		return a + "; " + b
	}
	p.text, p.otherwise = join(p.text, remark), join(p.otherwise, remark)
	return p
}
