package commands

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/verdict"
)

// unitArgs is how the commands that take units write that.
const unitArgs = "[UNIT|PATH|@FILE|-]…"

// allowEmptyVerify is what --allow-empty does where units are verified.
const allowEmptyVerify = "let it be ok that there is no unit, or none selected"

// unitsHelp is what they say about it.
const unitsHelp = `Units are given by their paths, services by their names, either by a pattern in quotes
('modules/net*'), or by a file or folder of the repository: a file of a unit stands for
the unit, and one that units share, such as %[2]s or a schema,
for all. "-" reads names and paths from standard input and @FILE from a file, one a
line, or NUL-separated, so that changed files select units:

  git diff --name-only main... | enqueue %[1]s --allow-empty -

In such a list, files that belong to no unit and units that are gone are passed over
with a note. Nothing selected is an error without --allow-empty. A git that fails lists
nothing: "set -o pipefail" in scripts, or "git … > changed && enqueue %[1]s @changed".`

// servicesFlags choose services of a repository.
type servicesFlags struct {
	scopeFlags
	kinds      []string
	allowEmpty bool
}

func (f *servicesFlags) add(cmd *cobra.Command, allowEmpty string) {
	f.scopeFlags.add(cmd)
	f.addRef(cmd)
	cmd.Flags().StringArrayVar(&f.kinds, "kind", nil, "units of a `KIND` of muster.yaml alone; repeatable (default all)")
	complete(cmd, "kind", f.completeKinds)
	cmd.Flags().BoolVar(&f.allowEmpty, "allow-empty", false, allowEmpty)
	cmd.Long += "\n\n" + fmt.Sprintf(unitsHelp, cmd.Name(), markers(f.program, ", "))
	cmd.ValidArgsFunction = f.completeServices
}

// openSelected opens the repository and selects what the arguments name. The caller closes
// the scope's Fleet.
func (f *servicesFlags) openSelected(cmd *cobra.Command, args []string, log *slog.Logger) (scope.Scope, error) {
	s, err := f.open(cmd.Context(), log)
	if err != nil {
		return s, err
	}
	if verdict.HasError(s.Mistakes) {
		return s, nil // where there are no units, none can be selected, and the report says why
	}
	var passed scope.PassedOver
	s.Selection, passed, err = s.Select(scope.Input{Args: args, Kinds: f.kinds, Stdin: cmd.InOrStdin(), Dir: "."})
	if err == nil {
		noun := s.Fleet.Layout().Called()
		notePassedOver(passed, noun, log)
		err = f.checkNotEmpty(s.Selection, noun)
	}
	if tree, ok := committed(s.Fleet); ok && !s.Selection.Whole() {
		tree.Want(s.Selection.Units())
	}
	if err != nil {
		s.Fleet.Close()
	}
	return s, err
}

func (f *servicesFlags) checkNotEmpty(s scope.Selection, noun fleet.Noun) error {
	if s.Whole() || len(s.Units()) > 0 || f.allowEmpty {
		return nil
	}
	return cli.Usagef("no %s is selected: pass --allow-empty if that is right", noun.One)
}

// notePassedOver says what was named and is not verified.
func notePassedOver(p scope.PassedOver, noun fleet.Noun, log *slog.Logger) {
	if len(p.Others) > 0 {
		log.Info("passed over, for they belong to no " + noun.One + " and are not shared: " + few(quoted(p.Others)))
	}
	if len(p.Gone) > 0 {
		log.Info("passed over, for they are gone: " + few(quoted(p.Gone)) + "; whether others still need them shows in a run of the whole fleet")
	}
}

func quoted[T string | id.Unit](all []T) []string {
	words := make([]string, len(all))
	for i, word := range all {
		words[i] = safe(string(word))
	}
	return words
}
