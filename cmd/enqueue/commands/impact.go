package commands

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/impact"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/scope"
)

// impactFlags are those of impact and of why.
type impactFlags struct {
	scopeFlags
	since  string
	format impactFormat
}

// impactFormat is how differences are printed.
type impactFormat string

// impactHelp is what both commands say of what they compare.
const impactHelp = `What lies in the folder, or the commit of --ref, is compared with the commit at which it
has left REV: the files of each unit, those that units share, and what the
configuration says of each kind, changes that are not committed included. Nothing is
verified. Rules that compare units, such as that no key is given twice, are not part
of it: they are judged over the whole fleet, and a unit that is the same may be wrong
because another one has changed or is gone.

Where there is no such commit (a clone that is too shallow, histories that have none in
common or were merged crosswise, a base whose configuration cannot be read), everything
counts as changed, and it says why.`

func (f *impactFlags) add(cmd *cobra.Command) {
	f.scopeFlags.add(cmd)
	f.addRef(cmd)
	cmd.Flags().StringVar(&f.since, "since", "", "compare with where the change has left `REV`, a branch, a tag or a commit")
	if err := cmd.MarkFlagRequired("since"); err != nil { // the flag was added above
		panic(err)
	}
	complete(cmd, "since", completeNothing)
	cli.Choose(cmd, &f.format, "format", "print `FORMAT`", "text", "json")
}

func newImpactCmd(p cli.Program) *cobra.Command {
	f := impactFlags{scopeFlags: scopeFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "impact",
		Short: "print which units a change concerns, and why",
		Long: `impact prints the units that differ from before a change, and in what.

` + impactHelp,
		Example: `  enqueue impact --since main
  enqueue impact --since v1.2 --ref v1.3 --format json | jq -r '.units[].unit'`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.impact(cmd) },
	}
	f.add(cmd)
	return cmd
}

func newWhyCmd(p cli.Program) *cobra.Command {
	f := impactFlags{scopeFlags: scopeFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "why UNIT|PATH",
		Short: "print why a change concerns a unit",
		Long: `why prints what of a unit, and of what it depends on, differs from before a change.

` + impactHelp,
		Example: `  enqueue why services/pay --since main`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usagef("%d units are named: name one", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.why(cmd, args[0]) },
	}
	f.add(cmd)
	return cmd
}

// resolve opens what is compared. Where it is invalid, that is printed. The caller closes the fleet.
func (f *impactFlags) resolve(cmd *cobra.Command) (is scope.Resolved, err error) {
	s, err := f.open(cmd.Context(), cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo))
	if err != nil {
		return is, err
	}
	if is, err = s.Resolve(cmd.Context()); err == nil && is.Invalid() {
		if err = report.Findings(cmd.OutOrStdout(), is.Findings(), report.Options{}); err == nil {
			err = cli.ExitWith(policy.ExitConfig)
		}
	}
	if err != nil {
		s.Fleet.Close()
	}
	return is, err
}

// changes compares with the base.
func (f *impactFlags) changes(ctx context.Context, is scope.Resolved) (changes, error) {
	base, err := findBase(ctx, is.Fleet, f.since, false, nil)
	if err != nil {
		return changes{}, f.wrongSince(ctx, err)
	}
	judged, err := f.ownPolicy(ctx, is.Fleet)
	if err != nil {
		return changes{}, err
	}
	return f.compare(ctx, is, base, judged, slog.New(slog.DiscardHandler))
}

func (f *impactFlags) wrongSince(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return cli.Usagef("--since %s: %v", f.since, err)
}

func (f *impactFlags) impact(cmd *cobra.Command) error {
	is, err := f.resolve(cmd)
	if err != nil {
		return err
	}
	defer is.Fleet.Close()
	c, err := f.changes(cmd.Context(), is)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	if f.format == "json" {
		if err := json.NewEncoder(out).Encode(newImpactJSON(c)); err != nil {
			return err
		}
		return out.Flush()
	}
	writeImpact(out, c, report.Noun(is.Fleet.Layout().Called()))
	return out.Flush()
}

// impactJSON is an impact for programs. Fields are only added.
type impactJSON struct {
	Schema    string          `json:"schema"`
	Selection string          `json:"selection"` // changed or everything
	Base      string          `json:"base,omitempty"`
	Why       string          `json:"why"`
	Was       int             `json:"was"`
	Is        int             `json:"is"`
	Units     []impact.Unit   `json:"units"`
	Fleet     []impact.Reason `json:"fleet,omitempty"`
	Impure    []string        `json:"impure,omitempty"`
}

// impactSchema names the version of the form. Within v1 fields are only added.
const impactSchema = "muster.impact/v1"

func newImpactJSON(c changes) impactJSON {
	j := impactJSON{impactSchema, report.SelectedChanged, c.base.Commit, c.why(), c.Was, c.Is, c.Units, c.Fleet, c.Impure}
	if c.Everything != "" {
		j.Selection = report.SelectedAll
	}
	if j.Units == nil {
		j.Units = []impact.Unit{}
	}
	return j
}

// sinceWhat names a base to people.
func (c changes) sinceWhat() string { return fmt.Sprintf("%.12s (%s)", c.base.Commit, c.base.Why) }

// writeImpact prints what concerns many once, and units that differ themselves one by one.
func writeImpact(w io.Writer, c changes, noun report.Noun) {
	if c.Everything != "" {
		fmt.Fprintf(w, "everything counts as changed, %s: %s\n", noun.Number(c.Is), report.Printable(c.Everything))
		return
	}
	fmt.Fprintf(w, "%s since %s: %s\n", noun.Number(len(c.Units)), c.sinceWhat(), strings.Join(tally(c.Units), ", "))
	for _, r := range c.Fleet {
		fmt.Fprintln(w, words(r, ""))
	}
	for _, name := range c.Impure {
		fmt.Fprintf(w, "the check %s depends on more than can be compared, and may decide otherwise of any unit\n", report.Printable(name))
	}
	for _, s := range sharedReasons(c.Units) {
		fmt.Fprintf(w, "%s: %s\n", words(s.Reason, s.kind), noun.Number(s.units))
	}
	for _, u := range c.Units {
		if u.Change != impact.Changed || slices.ContainsFunc(u.Reasons, isOwn) {
			writeUnit(w, u, isOwn)
		}
	}
}

// tally counts units by what has become of them.
func tally(units []impact.Unit) (all []string) {
	for _, change := range []impact.Change{impact.Changed, impact.Added, impact.Removed} {
		n := 0
		for _, u := range units {
			if u.Change == change {
				n++
			}
		}
		all = append(all, fmt.Sprintf("%d %s", n, change))
	}
	return all
}

// isOwn says whether a reason is the unit's own, and not that of all units of its kind.
func isOwn(r impact.Reason) bool {
	return r.Input == impact.File || r.Input == impact.Unreadable || r.Input == impact.Form
}

// sharedReason is one that units of a kind have in common.
type sharedReason struct {
	impact.Reason
	kind  string
	units int
}

// sharedReasons are those that units do not have of their own, in the order in which they are met.
func sharedReasons(units []impact.Unit) (all []sharedReason) {
	at := map[string]int{}
	for _, u := range units {
		for _, r := range u.Reasons {
			if isOwn(r) {
				continue
			}
			key := u.Kind + "\x00" + string(r.Input) + "\x00" + r.Name + "\x00" + r.Was + "\x00" + r.Is
			i, known := at[key]
			if !known {
				i = len(all)
				at[key], all = i, append(all, sharedReason{r, u.Kind, 0})
			}
			all[i].units++
		}
	}
	return all
}

// writeUnit prints a unit with those of its reasons that are wanted.
func writeUnit(w io.Writer, u impact.Unit, wanted func(impact.Reason) bool) {
	line := report.Printable(string(u.Unit)) + " " + string(u.Change)
	switch {
	case u.From != "":
		line += ", with the files that " + report.Printable(string(u.From)) + " had"
	case u.To != "":
		line += ", and its files are those of " + report.Printable(string(u.To))
	}
	fmt.Fprintln(w, line)
	for _, r := range u.Reasons {
		if wanted(r) {
			fmt.Fprintln(w, "  "+words(r, u.Kind))
		}
	}
}

// words say what differs, to people.
func words(r impact.Reason, kind string) string {
	name, kind := report.Printable(r.Name), report.Printable(kind)
	switch r.Input {
	case impact.Policy:
		return "the policy has changed, by which any unit may be judged otherwise: " + name
	case impact.Declaration:
		return name + " " + became(r) + ": what it says of the kind " + kind
	case impact.Shared:
		return name + " " + became(r) + "; the kind " + kind + " reads it" + onlyBy(r.Checks)
	case impact.File:
		return name + " " + became(r) + readBy(r.Checks)
	case impact.Check:
		if r.Was == "" {
			return "units of the kind " + kind + " get the check " + name
		}
		return "units of the kind " + kind + " get the check " + name + " no more"
	case impact.Engine:
		return "the check " + name + " decides by other code, rules or options"
	case impact.Regions:
		return fmt.Sprintf("the check %s is asked about the regions %s, and was about %s", name, orNone(r.Is), orNone(r.Was))
	case impact.Limit:
		return fmt.Sprintf("a unit of the kind %s may have %s bytes, and could have %s", kind, r.Is, r.Was)
	case impact.Kind:
		return fmt.Sprintf("it is of the kind %s, and was of %s", orNone(r.Is), orNone(r.Was))
	case impact.Unreadable:
		switch {
		case r.Was == "":
			return "it cannot be read any more: " + report.Printable(r.Is)
		case r.Is == "":
			return "it could not be read: " + report.Printable(r.Was)
		}
		return "it cannot be read: " + report.Printable(r.Is) + "; and before: " + report.Printable(r.Was)
	case impact.Form:
		return fmt.Sprintf("it is %s, and was %s", report.Printable(r.Is), report.Printable(r.Was))
	}
	return fmt.Sprintf("%s %s %s", r.Input, name, became(r))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return report.Printable(s)
}

// became says what a file was and is.
func became(r impact.Reason) string {
	switch {
	case r.Was == "":
		return "is new"
	case r.Is == "":
		return "is gone"
	}
	return "changed " + shortID(r.Was) + " → " + shortID(r.Is)
}

// shortID is enough of an object's name for people.
func shortID(id string) string { return report.Printable(id[:min(len(id), 7)]) }

func onlyBy(checks []string) string {
	if checks == nil {
		return ""
	}
	return ", for " + report.Printable(strings.Join(checks, ", "))
}

func readBy(checks []string) string {
	switch {
	case checks == nil:
		return ""
	case len(checks) == 0:
		return "; no check reads it"
	}
	return "; read by " + report.Printable(strings.Join(checks, ", "))
}

func (f *impactFlags) why(cmd *cobra.Command, word string) error {
	is, err := f.resolve(cmd)
	if err != nil {
		return err
	}
	defer is.Fleet.Close()
	ctx := cmd.Context()
	base, err := findBase(ctx, is.Fleet, f.since, false, nil)
	if err != nil {
		return f.wrongSince(ctx, err)
	}
	unit, unknown := oneUnit(is.Scope, word)
	c := changes{base: base, Impact: &impact.Impact{Everything: base.Why, Is: 1}}
	if base.Commit != "" {
		was, _, end, err := f.before(ctx, is.Fleet.Dir(), base.Commit)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			c.Everything = fmt.Sprintf("the base %.12s cannot be compared with: %v", base.Commit, err)
		default:
			defer end()
			c.Everything = ""
			if unknown != nil && was.Fleet.Contains(id.Unit(strings.TrimRight(word, "/"))) {
				unit, unknown = id.Unit(strings.TrimRight(word, "/")), nil
			}
			u, differs, err := impact.Of(ctx, was, is, unit)
			if err != nil {
				return err
			}
			if differs {
				c.Units = []impact.Unit{u}
			}
		}
	}
	if unknown != nil {
		return unknown
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	if err := f.writeWhy(out, c, unit); err != nil {
		return err
	}
	return out.Flush()
}

func (f *impactFlags) writeWhy(w io.Writer, c changes, unit id.Unit) error {
	switch {
	case f.format == "json":
		return json.NewEncoder(w).Encode(newImpactJSON(c))
	case c.Everything != "":
		fmt.Fprintf(w, "%s counts as changed, as everything does: %s\n", report.Printable(string(unit)), report.Printable(c.Everything))
	case len(c.Units) == 0:
		fmt.Fprintf(w, "%s has not changed since %s, and nothing that its verdict depends on\n", report.Printable(string(unit)), c.sinceWhat())
	default:
		writeUnit(w, c.Units[0], func(impact.Reason) bool { return true })
	}
	return nil
}

// oneUnit is the only unit that a word selects.
func oneUnit(s scope.Scope, word string) (id.Unit, error) {
	selected, _, err := s.Select(scope.Input{Args: []string{word}, Dir: "."})
	switch {
	case err != nil:
		return "", err
	case selected.Whole():
		return "", cli.Usagef("%q is about all units: `enqueue impact` says which of them it concerns", word)
	case len(selected.Units()) != 1:
		return "", cli.Usagef("%q selects %d units: name one", word, len(selected.Units()))
	}
	return selected.Units()[0], nil
}
