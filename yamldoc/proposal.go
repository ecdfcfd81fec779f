package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Proposal is a help that tells what to write. It goes with the edit that
// follows it, and without one it is not told: otherwise is the help then.
//
// Here are the texts that propose what holds for all YAML; a format has its own.
type Proposal struct {
	text      string
	fix       *verdict.Fix
	otherwise string
}

// Of is a finding with p as its help. Whether its edit heals is for the caller
// to see.
func (p Proposal) Of(f verdict.Finding) verdict.Finding {
	if p.fix == nil || len(p.text) > MaxHelp {
		f.Help = p.otherwise
		return f
	}
	fix := *p.fix
	fix.Otherwise = p.otherwise
	f.Help, f.Fix = p.text, &fix
	return f
}

// MaxHelp is how many bytes of a help somebody reads. One that proposes a longer
// text would make a report as long as the file.
const MaxHelp = 4096

// Propose is a help that tells what to write, and the edit that does it.
func Propose(text string, fix *verdict.Fix) Proposal { return Proposal{text: text, fix: fix} }

// Or is p with another help for where its edit does not heal.
func (p Proposal) Or(otherwise string) Proposal { p.otherwise = otherwise; return p }

// Advice is a help that proposes nothing.
func Advice(text string) Proposal { return Proposal{otherwise: text} }

// Meant asks whether the candidate that looks most like got was meant, of those that
// are not taken; fix puts it there. Otherwise it lists the candidates when they are few.
func Meant(got string, candidates, taken []string, fix func(best string) *verdict.Fix) Proposal {
	best := nearestFree(got, candidates, taken)
	if best == "" {
		return Advice(Choices(candidates))
	}
	return Asked(best, fix(best)).Or(Choices(candidates))
}

// Asked asks whether a text was meant.
func Asked(text string, fix *verdict.Fix) Proposal {
	return Proposal{text: fmt.Sprintf("did you mean %q?", text), fix: fix}
}

// Choices lists candidates when they are few.
func Choices(candidates []string) string {
	const few = 12
	if n := len(candidates); n == 0 || n > few {
		return ""
	}
	return "one of " + strings.Join(candidates, ", ")
}

// Rewrite proposes another string for v.
func Rewrite(v *Value, text string) Proposal {
	return Proposal{text: "write " + v.src.profile.String(text), fix: v.Retold(text)}
}

// Shed proposes v's string without a part of it, which what names.
func Shed(v *Value, what, rest string) Proposal {
	return Proposal{text: "leave " + what + " out: " + v.src.profile.String(rest), fix: v.Retold(rest)}
}

// Rename proposes another name for v's key.
func Rename(v *Value, key string) Proposal {
	return Proposal{text: fmt.Sprintf("write %q", key), fix: v.Renamed(key)}
}

// Write proposes a text of YAML for v; why may be empty.
func Write(v *Value, yaml, why string) Proposal {
	return Proposal{text: "write " + yaml + why, fix: v.Rewritten(yaml)}
}

// Quote proposes quotes around v.
func Quote(v *Value) Proposal {
	return Proposal{text: "quote the value: " + strconv.Quote(v.text), fix: v.Rewritten(strconv.Quote(v.text)),
		otherwise: "a string that reads as a number or boolean is quoted"}
}

// QuoteKey proposes quotes around a key.
func QuoteKey(key string, fix *verdict.Fix) Proposal {
	return Proposal{text: "quote the key: " + strconv.Quote(key), fix: fix}
}

// QuoteTemplate proposes quotes around the template that starts at v.
func QuoteTemplate(v *Value) Proposal {
	quoted, fix := templateFix(v)
	return Proposal{text: "quote the template: " + quoted, fix: fix, otherwise: "a value that starts with {{ is quoted as a whole"}
}

// With is p and a remark that holds either way.
func (p Proposal) With(remark string) Proposal {
	join := func(a, b string) string {
		if a == "" || b == "" {
			return a + b
		}
		return a + "; " + b
	}
	p.text, p.otherwise = join(p.text, remark), join(p.otherwise, remark)
	return p
}
