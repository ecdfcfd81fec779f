package report

import (
	"regexp"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// homepage is where the program and its documentation are.
const homepage = "https://github.com/seed306eabeb/muster"

// ownCode is the form of the codes of the program's own rules, which docs/rules.md explains. What
// a muster.yaml declares is called otherwise.
var ownCode = regexp.MustCompile(`^[A-Z]\d{3}$`)

// page is the address of what is written about a finding's rule, "" where nothing is.
func (o Options) page(f verdict.Finding) string {
	rule, known := o.Rules[f.Rule]
	if !known || !ownCode.MatchString(rule.Code) {
		return ""
	}
	return homepage + "/blob/main/docs/rules.md#" + strings.ToLower(rule.Code) + "-" + rule.Name
}
