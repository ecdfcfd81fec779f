package fleet_test

import (
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, r := range fleet.Rules() {
		if !strings.HasPrefix(r.Code, "F1") || r.Name == "" || r.Severity != verdict.Error || r.Summary == "" || r.Doc == "" {
			t.Errorf("rule %+v lacks something", r)
		}
	}
}
