package manifest

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// A difference is a case in which we and shipcat do not agree.
type difference struct {
	corpusCase
	found []verdict.Finding // our errors; empty when we accept
}

// stricter says that shipcat accepts and we do not, and that each of our
// findings satisfies ok.
func (d difference) stricter(ok func(verdict.Finding) bool) bool {
	return d.Verdict == "accept" && !slices.ContainsFunc(d.found, func(f verdict.Finding) bool { return !ok(f) })
}

// A reason is why a difference is accepted. It goes by rules and codes, never by
// the number of a case, and docs/compatibility.md explains it.
type reason struct {
	name string
	most float64 // share of a file's cases that it may explain
	// elsewhere says that the directed corpus need not hold an example.
	elsewhere bool
	explains  func(difference) bool
}

var reasons = []reason{
	{name: "strict-overrides", most: 0.04, explains: func(d difference) bool {
		return d.stricter(func(f verdict.Finding) bool {
			return inOverride(f) && isRule(f, ruleWrongType)
		})
	}},
	{name: "stricter-rule", most: 0.01, explains: func(d difference) bool {
		return d.stricter(func(f verdict.Finding) bool { return strings.HasPrefix(f.Rule, "M7") })
	}},
	{name: "reference-promql", most: 0.03, explains: func(d difference) bool {
		if d.Verdict == "accept" {
			return d.stricter(func(f verdict.Finding) bool { return isRule(f, ruleAlertExpr) })
		}
		return d.Code == "verify.alert-expr"
	}},
}

func isRule(f verdict.Finding, rules ...verdict.Rule) bool {
	return slices.ContainsFunc(rules, func(r verdict.Rule) bool { return r.Code == f.Rule })
}

// inOverride says that a finding is in a service's override file.
func inOverride(f verdict.Finding) bool {
	return strings.HasPrefix(f.File, "services/") && strings.HasSuffix(f.File, ".yml") && !strings.HasSuffix(f.File, "/"+manifestFile)
}

// explain names the reason for a difference; empty for none.
func explain(d difference) string {
	for _, r := range reasons {
		if r.explains(d) {
			return r.name
		}
	}
	return ""
}

// stages are how far shipcat comes before it fails, in order. Codes and rules
// are folded onto them: what is not decoded, loaded or counted is "parse",
// secrets are resolved with templates, and a channel is judged where a service
// is built or verified, by both of us at times the one and at times the other.
var stages = []string{"conf", "parse", "build", "template", "verify", "fleet"}

// stageOfCode is the stage of shipcat's code; empty where it tells none.
func stageOfCode(code string) string {
	group, _, _ := strings.Cut(code, ".")
	switch group {
	case "parse", "load", "number":
		return "parse"
	case "secrets":
		return "template"
	case "teams":
		return "conf"
	case "conf", "build", "template", "verify", "fleet":
		return group
	}
	return ""
}

// stageOfRule is the stage of one of our rules.
func stageOfRule(code string) string {
	groups := map[byte]string{'1': "parse", '2': "conf", '3': "build", '4': "verify", '5': "template", '6': "fleet", '7': "verify"}
	if len(code) != 4 || code[0] != 'M' {
		return ""
	}
	return groups[code[1]]
}

// firstStage is the stage at which we first fail, as shipcat would meet it:
// findings are ordered by place, not by stage.
func firstStage(found []verdict.Finding) string {
	first := len(stages)
	for _, f := range found {
		if i := slices.Index(stages, stageOfRule(f.Rule)); i >= 0 {
			first = min(first, i)
		}
	}
	if first == len(stages) {
		return ""
	}
	return stages[first]
}
