package owners

import (
	"slices"

	"github.com/seed306eabeb/muster/verdict"
)

var (
	ruleLine = verdict.Rule{Code: "P302", Name: "codeowners-line", Severity: verdict.Warning,
		Summary: "each line of CODEOWNERS is one that the platform reads",
		Doc:     "What GitHub or GitLab pass over in the file says nothing of whose a unit is, here as there.",
		Good:    "/services/shop/ @acme/shop", Bad: "/services/shop/ acme/shop"}
	ruleNotRead = verdict.Rule{Code: "P303", Name: "codeowners-not-read", Severity: verdict.Warning,
		Summary: "CODEOWNERS is a file of at most 3 MiB, which GitHub reads"}
	ruleTeams = verdict.Rule{Code: "P304", Name: "teams-not-read", Severity: verdict.Error,
		Summary: "the file of the teams has some",
		Doc:     "It is what `owners.teams` of muster.yaml names: a document with `teams`, or `squads`: a mapping of the teams by name, or a list of names. A team may have `aliases`.",
		Good:    "teams:\n  shop: {aliases: [storefront]}", Bad: "shop: {aliases: [storefront]}"}
)

// Rules are all the rules about the files that say whose units are, sorted by code.
func Rules() []verdict.Rule { return []verdict.Rule{ruleLine, ruleNotRead, ruleTeams} }

// WithoutTeams are findings without those about the file of the teams, for whoever reads one that
// others judge.
func WithoutTeams(found []verdict.Finding) []verdict.Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f verdict.Finding) bool { return f.Rule == ruleTeams.Code })
}
