package manifest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// An outcome is what we say of a case: our errors, empty when we accept. Those
// in external services come apart.
type outcome struct {
	corpusCase
	found    []verdict.Finding
	external []verdict.Finding
}

func (o outcome) accepted() bool { return len(o.found)+len(o.external) == 0 }

// stricter says that shipcat accepts and we do not, and that each of our
// findings satisfies ok.
func (o outcome) stricter(ok func(verdict.Finding) bool) bool {
	found := slices.Concat(o.found, o.external)
	return o.Verdict == "accept" && !slices.ContainsFunc(found, func(f verdict.Finding) bool { return !ok(f) })
}

// A reason is why we may differ from shipcat. It goes by rules and codes, never
// by the number of a case, and docs/compatibility.md explains it.
type reason struct {
	name string
	most float64 // share of a corpus that it may explain
	// elsewhere says that the directed corpus has no example.
	elsewhere bool
	explains  func(outcome) bool
}

// plainForms are the messages for a struct written as a list and for an enum
// value written as a mapping.
var plainForms = regexp.MustCompile(` is a (list; expected a mapping|mapping; expected one of) `)

// pathLike are the messages of missing about something that is no plain name.
var pathLike = regexp.MustCompile(`^("\.\.?"|".*/.*") does not exist$`)

var reasons = []reason{
	{name: "reference-promql", most: 0.035, explains: func(o outcome) bool {
		return o.accepted() && o.Code == "verify.alert-expr" ||
			o.stricter(func(f verdict.Finding) bool { return isRule(f, ruleAlertExpr) })
	}},
	{name: "plain-forms-only", most: 0.003, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool { return isRule(f, ruleWrongType) && plainForms.MatchString(f.Message) })
	}},
	{name: "strict-overrides", most: 0.015, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool { return inOverride(f) && isRule(f, ruleWrongType) })
	}},
	{name: "stricter-rules", most: 0.01, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool { return strings.HasPrefix(f.Rule, "M7") })
	}},
	{name: "shared-files-as-a-whole", most: 0.005, explains: func(o outcome) bool {
		return o.stricter(inSharedFile)
	}},
	{name: "external-services-audited", most: 0.002, explains: func(o outcome) bool {
		return len(o.found) == 0 && o.stricter(func(verdict.Finding) bool { return true })
	}},
	{name: "no-duplicate-keys", most: 0.002, elsewhere: true, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool { return isRule(f, ruleDuplicateField) })
	}},
	{name: "folders-by-name", most: 0.003, elsewhere: true, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool {
			return isRule(f, ruleUnknownDependency, ruleUnknownSource) && pathLike.MatchString(f.Message)
		})
	}},
	{name: "templates-stay-inside", most: 0.003, elsewhere: true, explains: func(o outcome) bool {
		return o.stricter(func(f verdict.Finding) bool { return isRule(f, ruleTemplateOutside) })
	}},
}

func isRule(f verdict.Finding, rules ...verdict.Rule) bool {
	return slices.ContainsFunc(rules, func(r verdict.Rule) bool { return r.Code == f.Rule })
}

// inOverride says that a finding is in a service's override file.
func inOverride(f verdict.Finding) bool {
	return strings.HasPrefix(f.File, "services/") && strings.HasSuffix(f.File, ".yml") && !strings.HasSuffix(f.File, "/"+manifestFile)
}

func inSharedFile(f verdict.Finding) bool { return f.File == confFile || f.File == teamsFile }

// explain names the reason for a difference; empty for none.
func explain(o outcome) string {
	for _, r := range reasons {
		if r.explains(o) {
			return r.name
		}
	}
	return ""
}

// stages are how far a command comes before it fails, in order, by the groups
// of our rules.
var stages = []string{"conf", "parse", "build", "template", "verify", "fleet"}

// codeStages are the stages that one of shipcat's codes may have here, for those
// whose group does not name it: loading counts as parsing, teams.yml as
// configuration, and secrets as templates, which make them; a required field, a
// number or a channel is judged where it is read, a missing template where it
// is rendered, a folder where the fleet is known.
var codeStages = map[string][]string{
	"build.required":              {"build", "parse", "verify"},
	"build.template-file-missing": {"template"},
	"channel.invalid":             {"build", "verify"},
	"conf.unknown-region-arg":     {"usage"},
	"load.file-empty":             {"parse"},
	"load.manifest-missing":       {"parse"},
	"number.parse":                {"build", "verify"},
	"secrets.not-base64":          {"template"},
	"secrets.template-duplicate":  {"template"},
	"teams.missing":               {"conf"},
	"verify.namespace":            {"conf"},
	"verify.service-ref":          {"fleet"},
}

// ruleStage is the stage of one of our findings.
func ruleStage(f verdict.Finding) string {
	if f.Rule == "usage" {
		return "usage"
	}
	groups := map[string]string{"M1": "parse", "M2": "conf", "M3": "build", "M4": "verify", "M5": "template", "M6": "fleet", "M7": "verify"}
	return groups[f.Rule[:2]]
}

// first is the finding that we would stop at if we went stage by stage and read
// the shared files first, as shipcat does; findings are in the order of places.
func (o outcome) first() verdict.Finding {
	order := func(f verdict.Finding) int {
		if inSharedFile(f) {
			return -1
		}
		return slices.Index(stages, ruleStage(f))
	}
	return slices.MinFunc(o.found, func(a, b verdict.Finding) int { return order(a) - order(b) })
}

// sameStage says whether our first finding is about what shipcat's is about.
// Whatever is wrong in the shared files may also count as configuration.
func (o outcome) sameStage() bool {
	f := o.first()
	theirs, listed := codeStages[o.Code]
	if !listed {
		group, _, _ := strings.Cut(o.Code, ".")
		theirs = []string{group}
	}
	return slices.Contains(theirs, ruleStage(f)) || inSharedFile(f) && slices.Contains(theirs, "conf")
}
