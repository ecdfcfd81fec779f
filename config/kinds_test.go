package config_test

import (
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/config"
)

// offered is a kind that a process offers for one command.
type offered struct{ check.Kind }

func (offered) Engine() string { return "one that can run it" }

// TestKindsHaveWhatIsOffered: a command that a process offers stands beside the family that has a
// member of its name.
func TestKindsHaveWhatIsOffered(t *testing.T) {
	t.Parallel()
	family := command.Family()
	lint := offered{family.Member("command/lint")}
	kinds := config.Kinds([]config.Config{{Checks: check.Kinds{family, lint, lint}}, {Checks: check.Kinds{family}}})
	if got := kinds.Named("command/lint").Engine(); got != lint.Engine() || len(kinds) != 2 {
		t.Errorf("%d kinds, and the command is of the engine %q; want 2, and the one that can run it", len(kinds), got)
	}
}
