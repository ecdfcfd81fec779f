package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var textFormat = Format{Name: "text", Doc: "for people, and for editors that look for file:line:column", Write: Text}

// Text writes the report for people: errs by service, what to know about the
// run, and always the counts as the last line. Of more findings than options.MaxFindings
// it shows the worst and counts the others. No text of a manifest reaches w
// unescaped. It returns the first error of w.
func Text(w io.Writer, r Report, o Options) error {
	t := newText(w, o)
	t.noun = r.Run.Noun
	t.config(r.Summary)
	t.remarks(r.Summary.Remarks)
	t.units(r.Summary)
	if !o.Quiet {
		t.owners(r.Summary)
		t.hidden(r, o)
		t.notes(r, o)
	}
	t.shownTo(r, o.Owners)
	t.last(r)
	return t.Flush()
}

// text is a writer that keeps its first error until Flush, and knows what it
// wrote last.
type text struct {
	*bufio.Writer
	paint
	excerpts
	before block
	noun   Noun
	level  string // of the weakest findings that are shown
	quiet  bool
	most   int // findings that are shown in full; 0 for all
}

func newText(w io.Writer, o Options) *text {
	t := &text{Writer: bufio.NewWriter(w), paint: palette(o.Color), level: o.least(), quiet: o.Quiet, most: o.MaxFindings}
	if o.Snippets {
		t.excerpts = excerpts{sources: o.Sources, width: o.Width, gone: map[string]int{}}
	}
	return t
}

// block is what was written last. Blocks of different kinds, and all groups, are
// set apart by a blank line.
type block int

const (
	nothing  block = iota
	group          // a heading with findings
	oneLiner       // a service in one line
	note           // a line about the run
)

func (t *text) begin(b block) {
	if t.before != nothing && (b != t.before || b == group) {
		t.WriteByte('\n')
	}
	t.before = b
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(t, format+"\n", args...)
}

// config shows the findings of the shared tree.
func (t *text) config(s policy.Summary) {
	if len(s.Config) == 0 {
		return
	}
	t.begin(group)
	heading := "shared configuration: " + tally(s.Config)
	if verdict.HasError(s.Config) {
		heading += ": nothing was checked"
	}
	t.line("%s", heading)
	t.some(s.Config)
}

// remarks shows what is to be said about the policy itself.
func (t *text) remarks(all []verdict.Finding) {
	shown := t.shown(all)
	if len(shown) == 0 || t.quiet && !verdict.HasError(shown) {
		return
	}
	t.begin(group)
	t.line("policy: %s", tally(shown))
	t.some(shown)
}

// some shows findings that are no unit's, of many the first.
func (t *text) some(fs []verdict.Finding) {
	for i, f := range fs {
		if t.most > 0 && i == t.most {
			t.line("… and %s more (--max-findings 0 shows all)", grouped(len(fs)-i))
			return
		}
		t.finding(f, aggregator.Unit{})
	}
}

// units shows what was found of the units.
func (t *text) units(s policy.Summary) {
	all := t.problems(s)
	if t.most > 0 && len(all) > t.most {
		t.ranked(all)
		t.undecided(s.Errs)
		return
	}
	own := map[*aggregator.Unit][]*problem{}
	shared := slices.DeleteFunc(slices.Clone(all), func(p *problem) bool { return !p.shared() })
	slices.SortStableFunc(shared, (*problem).compare)
	for _, p := range shared {
		t.problem(p)
	}
	for _, p := range all {
		if !p.shared() {
			own[p.units[0]] = append(own[p.units[0]], p)
		}
	}
	t.errs(s, own)
	if !t.quiet {
		t.warnings(s.OKs, own)
	}
}

// mostMissing is how many services without findings are shown one by one, of those that are
// missing and of those that failed: a run that ends early may leave ten thousand of them with one
// cause.
const mostMissing = 75

// errs shows all errs but those of many that have no findings.
func (t *text) errs(s policy.Summary, own map[*aggregator.Unit][]*problem) {
	left := newUnshown()
	for i := range s.Errs {
		if len(own[&s.Errs[i]]) == 0 {
			t.count(&s.Errs[i], left)
		}
	}
	for i := range s.Errs {
		unit := &s.Errs[i]
		if problems := own[unit]; len(problems) > 0 {
			t.service(unit, problems)
			continue
		}
		t.oneLiner(unit, left)
	}
	t.more(left)
}

// undecided shows the errs that have a cause, and those of which no finding is shown at all.
func (t *text) undecided(errs []aggregator.Unit) {
	left := newUnshown()
	for i := range errs {
		t.count(&errs[i], left)
	}
	for i := range errs {
		t.oneLiner(&errs[i], left)
	}
	t.more(left)
}

// alike are errs of a kind that have the same cause.
type alike struct {
	kind verdict.Kind
	why  string
}

// unshown are errs that are told by their cause: how many have the same one, and how many of each
// kind were seen so far.
type unshown struct {
	alike map[alike][]string // their names
	seen  map[verdict.Kind]int
}

// mostAlike is of how many units that have one cause the names are shown, and fewAlike up to how many
// have a line with it each.
const (
	mostAlike = 10
	fewAlike  = 3
)

func newUnshown() unshown { return unshown{map[alike][]string{}, map[verdict.Kind]int{}} }

// count notes an err among those that have its cause.
func (t *text) count(u *aggregator.Unit, left unshown) {
	if of := (alike{u.Kind, cause(*u)}); of.why != "" && u.Kind != verdict.Invalid {
		left.alike[of] = append(left.alike[of], t.name(*u))
	}
}

// oneLiner shows an err that has no finding to be shown with it, unless so many of its kind
// were seen already. Many that have one cause are shown with the first of them.
func (t *text) oneLiner(u *aggregator.Unit, left unshown) {
	if u.Kind == verdict.Invalid && len(t.shown(u.Findings)) > 0 {
		return // they are shown elsewhere
	}
	if names := left.alike[alike{u.Kind, cause(*u)}]; len(names) > fewAlike {
		if names[0] == t.name(*u) {
			t.causeOf(u, names)
		}
		return
	}
	if left.seen[u.Kind]++; left.seen[u.Kind] <= mostMissing {
		t.begin(oneLiner)
		t.causeLine(u)
	}
}

// causeOf is the cause of many errs, with some of their names.
func (t *text) causeOf(u *aggregator.Unit, names []string) {
	t.begin(group)
	t.line("%s: %s: %s", t.noun.Number(len(names)), t.severity(string(u.Kind), verdict.Error), cause(*u))
	for _, name := range names[:min(len(names), mostAlike)] {
		t.line("    %s", name)
	}
	if n := len(names) - mostAlike; n > 0 {
		t.line("    … and %s more (--format json has them all)", grouped(n))
	}
}

// causeLine is an err in one line.
func (t *text) causeLine(u *aggregator.Unit) {
	why := cause(*u)
	if why == "" && len(u.Findings) > 0 {
		why = tally(u.Findings) + ", below --show " + t.level
	}
	t.line("%s: %s: %s", t.name(*u), t.severity(string(u.Kind), verdict.Error), cmp.Or(why, "no finding says why"))
}

// more says how many of each kind were not shown.
func (t *text) more(left unshown) {
	for _, kind := range []verdict.Kind{verdict.Invalid, verdict.Failed, verdict.Missing} {
		if n := left.seen[kind] - mostMissing; n > 0 {
			t.begin(oneLiner)
			t.line("… and %s more %s (--format json has them all)", grouped(n), kind)
		}
	}
}

// service shows findings of one service. What was found of a service that failed stands under
// the cause.
func (t *text) service(u *aggregator.Unit, problems []*problem) {
	t.begin(group)
	var found []verdict.Finding
	for _, p := range problems {
		found = append(found, p.Finding)
	}
	heading := t.name(*u) + ": "
	switch why := cause(*u); {
	case u.Kind == verdict.Failed:
		heading += t.severity(string(u.Kind), verdict.Error) + ": " + cmp.Or(why, "no finding says why")
	case why != "":
		heading += tally(found) + ": " + why
	default:
		heading += tally(found)
	}
	t.line("%s", heading)
	for _, f := range found {
		t.finding(f, *u)
	}
}

// name is what a unit is called where a line begins, and whose it is.
func (t *text) name(u aggregator.Unit) string {
	name := lead(string(u.Name))
	if len(u.Owners) > 0 {
		name += " (" + few(u.Owners) + ")"
	}
	return name
}

// mostNames is how many names stand in a line.
const mostNames = 3

// few are some names, and how many more there are.
func few[T ~string](names []T) string {
	var all []string
	for _, n := range names[:min(len(names), mostNames)] {
		all = append(all, printable(string(n)))
	}
	if n := len(names) - mostNames; n > 0 {
		return strings.Join(all, ", ") + " and " + grouped(n) + " more"
	}
	return strings.Join(all, ", ")
}

// problem shows a finding of several units.
func (t *text) problem(p *problem) {
	t.begin(group)
	var names []string
	for _, u := range p.units {
		names = append(names, string(u.Name))
	}
	t.line("%s (%s): %s", t.noun.Number(len(p.units)), few(names), tally([]verdict.Finding{p.Finding}))
	t.finding(p.Finding, *p.units[0])
}

// cause is why a service is failed or missing: of several checks that failed, why each did.
func cause(s aggregator.Unit) string {
	if len(s.Failures) < 2 {
		return printable(s.Cause)
	}
	var all []string
	for _, f := range s.Failures {
		all = append(all, printable(f.Check)+": "+printable(f.Cause))
	}
	return strings.Join(all, "; ")
}

// warnings shows those of ok services.
func (t *text) warnings(oks []aggregator.Unit, own map[*aggregator.Unit][]*problem) {
	for i := range oks {
		if problems := own[&oks[i]]; len(problems) > 0 {
			t.service(&oks[i], problems)
		}
	}
}

// last is the line that scripts may read; it keeps its form.
func (t *text) last(r Report) {
	s := r.Summary
	if t.before == group || t.before == oneLiner {
		t.WriteByte('\n')
	}
	t.line("%d ok, %d err (%d invalid, %d failed, %d missing) in %s",
		s.OK, s.Expected-s.OK, s.Invalid, s.Failed, s.Missing, elapsed(r.Run.took()))
}

// standings tells why services were checked in structure only.
func standings(counts map[verdict.Skipped]int) string {
	order := []verdict.Skipped{verdict.NotDeployed, verdict.External, verdict.Disabled}
	var rest []verdict.Skipped
	for s := range counts {
		if !slices.Contains(order, s) {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	var parts []string
	for _, s := range append(order, rest...) {
		if n := counts[s]; n > 0 {
			part := grouped(n) + " " + printable(string(s))
			if s == verdict.NotDeployed {
				part += " in the selected regions"
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
