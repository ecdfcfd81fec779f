package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

var junitFormat = Format{Name: "junit", Doc: "for what shows test results: GitLab, Jenkins, Buildkite", Write: JUnit}

// JUnit writes the report as test results: a case for each finding, and one for each unit that
// is ok or could not be decided. Hidden findings are skipped cases. It returns the
// first error of w.
func JUnit(w io.Writer, r Report, o Options) error {
	x := &junit{Writer: bufio.NewWriter(w), time: strconv.FormatFloat(r.Run.took().Seconds(), 'f', 3, 64), seen: map[string]bool{}, options: o}
	if !r.Run.Started.IsZero() {
		x.timestamp = r.Run.Started.UTC().Format(time.RFC3339)
	}
	shared := []junitCase{}
	for _, f := range r.Summary.Config {
		shared = append(shared, findingCase(f, "configuration", true))
	}
	ended := []junitCase{}
	if why := r.unfinished(); why != "" {
		ended = append(ended, junitCase{class: "run", name: "complete", outcome: "error", kind: "incomplete", message: why})
	}
	policy := []junitCase{}
	for _, f := range r.Summary.Remarks {
		policy = append(policy, findingCase(f, "policy", false))
	}
	var units junitCounts
	for _, side := range r.sides() {
		for i := range side {
			units.addUnit(&side[i])
		}
	}
	all := units
	for _, c := range slices.Concat(ended, shared, policy) {
		all.add(c.outcome)
	}
	x.WriteString(xmlHead)
	x.open("testsuites", "muster", all)
	x.suite("run", ended)
	x.suite("configuration", shared)
	x.suite("policy", policy)
	x.open("testsuite", "units", units)
	x.properties(r)
	for _, side := range r.sides() {
		for i := range side {
			x.unit(&side[i])
		}
	}
	x.output(notesFor(r, o.Owners))
	x.WriteString("</testsuite>\n</testsuites>\n")
	return x.Flush()
}

// junit is a writer of test results.
type junit struct {
	*bufio.Writer
	time, timestamp string
	seen            map[string]bool // the cases so far, by class and name
	options         Options
}

type junitCounts struct{ tests, failures, errors, skipped int }

func (n *junitCounts) add(outcome string) {
	n.tests++
	switch outcome {
	case "failure":
		n.failures++
	case "error":
		n.errors++
	case "skipped":
		n.skipped++
	}
}

// addUnit adds the cases that casesOf tells of a unit.
func (n *junitCounts) addUnit(u *aggregator.Unit) {
	before, strict := n.failures, isStrict(u)
	for i := range u.Findings {
		n.add(outcomeOf(&u.Findings[i], strict))
	}
	for i := range u.Hidden {
		if u.Hidden[i].Why != verdict.Off {
			n.add("skipped")
		}
	}
	switch {
	case u.Kind == verdict.OK:
		n.add("")
	case u.Kind != verdict.Invalid:
		n.add("error")
	case n.failures == before:
		n.add("failure")
	}
}

// isStrict says whether a unit is invalid for its warnings.
func isStrict(u *aggregator.Unit) bool {
	return u.Kind == verdict.Invalid && !verdict.HasError(u.Findings)
}

// outcomeOf is "failure" for an error, and for a warning that makes its unit an err.
func outcomeOf(f *verdict.Finding, strict bool) string {
	if n := rank(*f); n == 0 || strict && n == 1 {
		return "failure"
	}
	return ""
}

// junitCase is a test case: what became of one finding, or of a unit.
type junitCase struct {
	class, name string
	file        string
	line        int
	outcome     string // "failure", "error", "skipped" or "" for one that passed
	kind        string // the type of the outcome
	message     string
	text        []string // lines for people
	properties  [][2]string
}

// unitCase is the name of the case that says whether a unit is ok: the same whatever became of
// it, so that a reader who compares two runs sees it mended.
const unitCase = "verdict"

// casesOf tells the cases of a unit. A finding that makes its unit an err has failed: an
// error, and a warning where there are no errors in a unit that is invalid.
func casesOf(u *aggregator.Unit, tell func(junitCase)) {
	failed := false
	told := func(c junitCase) {
		failed = failed || c.outcome == "failure"
		tell(c)
	}
	strict := isStrict(u)
	for _, f := range u.Findings {
		told(owned(findingCase(f, string(u.Name), strict), u.Owners))
	}
	for _, h := range u.Hidden {
		if h.Why != verdict.Off { // nobody runs a test of a rule that is off
			told(owned(hiddenCase(h, string(u.Name)), u.Owners))
		}
	}
	if c := (junitCase{class: string(u.Name), name: unitCase, file: u.Path}); u.Kind != verdict.Invalid || !failed {
		told(owned(verdictCase(c, u), u.Owners))
	}
}

// verdictCase says what became of a unit.
func verdictCase(c junitCase, u *aggregator.Unit) junitCase {
	c.kind = string(u.Kind)
	switch u.Kind {
	case verdict.OK:
	case verdict.Invalid:
		c.outcome, c.message = "failure", "no finding says why"
	default:
		c.outcome, c.message = "error", reasonOf(*u)
	}
	if u.Skipped != "" {
		c.properties = append(c.properties, [2]string{"standing", string(u.Skipped)})
	}
	return c
}

// findingCase is a finding as a case, which has failed if it is an error or is told to.
func findingCase(f verdict.Finding, class string, strict bool) junitCase {
	e := &Entry{Finding: f}
	c := junitCase{class: class, name: caseName(e), file: f.File, line: f.Line, kind: levelOf(f), message: f.Message, outcome: outcomeOf(&f, strict), text: []string{e.concise()}}
	for _, r := range f.Related {
		c.text = append(c.text, "  = "+printable(r.Text)+": "+printable(r.Place.String()))
	}
	if f.Help != "" {
		c.text = append(c.text, "  help: "+printable(f.Help))
	}
	for _, p := range [][2]string{{"path", f.Path}, {"identity", f.Identity}, {"fingerprint", f.Fingerprint}} {
		if p[1] != "" {
			c.properties = append(c.properties, p)
		}
	}
	return c
}

// caseName is the rule and what it was found at, without what changes when lines move.
func caseName(e *Entry) string {
	name := cmp.Or(e.named(), "finding")
	if path := cmp.Or(e.Named, e.Path); path != "" {
		name += ": " + printable(path)
	}
	return name
}

func hiddenCase(h verdict.Hidden, class string) junitCase {
	c := findingCase(h.Finding, class, false)
	c.outcome, c.message = "skipped", strings.TrimSuffix(string(h.Why)+": "+h.Reason, ": ")
	c.text = append(c.text, strings.TrimRight("  hidden at "+printable(h.By.String())+" "+printable(h.By.Path), " "))
	return c
}

// owned says whose a case is.
func owned(c junitCase, owners []string) junitCase {
	if len(owners) > 0 {
		c.properties = append(c.properties, [2]string{"owner", strings.Join(owners, ", ")})
	}
	return c
}

func (x *junit) open(element, name string, n junitCounts) {
	fmt.Fprintf(x, `<%s%s tests="%d" failures="%d" errors="%d" skipped="%d"%s`, element, xmlAttr("name", name), n.tests, n.failures, n.errors, n.skipped, xmlAttr("time", x.time))
	if x.timestamp != "" {
		x.WriteString(xmlAttr("timestamp", x.timestamp))
	}
	x.WriteString(">\n")
}

// suite is a suite of cases that are known, left out where there are none.
func (x *junit) suite(name string, cases []junitCase) {
	if len(cases) == 0 {
		return
	}
	var n junitCounts
	for _, c := range cases {
		n.add(c.outcome)
	}
	x.open("testsuite", name, n)
	for _, c := range cases {
		x.testcase(c)
	}
	x.WriteString("</testsuite>\n")
}

func (x *junit) unit(u *aggregator.Unit) { casesOf(u, x.testcase) }

// named is the case as XML has its class and its name, which no other case has: readers drop
// what they have seen.
func (x *junit) named(c junitCase) string {
	name := xmlAttr("classname", c.class) + xmlAttr("name", c.name)
	for n := 2; x.seen[name]; n++ {
		name = xmlAttr("classname", c.class) + xmlAttr("name", c.name+" ("+strconv.Itoa(n)+")")
	}
	x.seen[name] = true
	return name
}

func (x *junit) testcase(c junitCase) {
	x.WriteString("<testcase" + x.named(c))
	if c.file != "" {
		x.WriteString(xmlAttr("file", x.options.fileIn(c.file)))
	}
	if c.line > 0 {
		x.WriteString(xmlAttr("line", strconv.Itoa(c.line)))
	}
	x.WriteString(` time="0"`)
	if c.outcome == "" && len(c.text) == 0 && len(c.properties) == 0 {
		x.WriteString("/>\n")
		return
	}
	x.WriteString(">")
	if len(c.properties) > 0 {
		x.WriteString("<properties>")
		for _, p := range c.properties {
			x.property(p[0], p[1])
		}
		x.WriteString("</properties>")
	}
	switch c.outcome {
	case "":
		x.output(c.text)
	case "skipped":
		x.WriteString("<skipped" + xmlAttr("message", c.message) + "/>")
		x.output(c.text)
	default:
		x.WriteString("<" + c.outcome + xmlAttr("message", c.message) + xmlAttr("type", c.kind) + ">")
		x.lines(c.text)
		x.WriteString("</" + c.outcome + ">")
	}
	x.WriteString("</testcase>\n")
}

func (x *junit) property(name, value string) {
	x.WriteString("<property" + xmlAttr("name", name) + xmlAttr("value", value) + "/>")
}

// output is what a test has printed, left out where that is nothing.
func (x *junit) output(lines []string) {
	if len(lines) == 0 {
		return
	}
	x.WriteString("<system-out>")
	x.lines(lines)
	x.WriteString("</system-out>")
}

// lines are printable, and none begins what a CI system would obey.
func (x *junit) lines(lines []string) {
	for _, l := range lines {
		x.WriteString("\n" + xmlText(lead(l)))
	}
	if len(lines) > 0 {
		x.WriteString("\n")
	}
}

// properties are what is known of the run.
func (x *junit) properties(r Report) {
	run, s := r.Run, r.Summary
	var all [][2]string
	set := func(name, value string) {
		if value != "" {
			all = append(all, [2]string{name, value})
		}
	}
	number := func(name string, n int) {
		if n > 0 {
			set(name, strconv.Itoa(n))
		}
	}
	set("run", run.ID)
	set("mode", run.Mode)
	set("checker", run.Checker)
	set("engine", run.Engine)
	set("queue", run.Queue)
	set("redis", run.Redis)
	set("regions", strings.Join(run.Regions, ", "))
	number("workers", run.Workers)
	set("engines", strings.Join(s.Engines, ", "))
	set("complete", strconv.FormatBool(s.Complete))
	set("fleetRules", string(s.FleetRules))
	if c := run.Checkout; c != nil {
		set("commit", c.Commit)
		set("movedTo", c.MovedTo)
	}
	for _, e := range s.Fixed {
		set("fixed", fmt.Sprintf("%s %s of %s, %s at %s: %s", e.Fingerprint, e.Rule, e.Unit, e.File, e.Path, e.Message))
	}
	for _, e := range fixedSince(s.Since) {
		set("fixedSince", fmt.Sprintf("%s %s of %s, %s at %s: %s", e.Fingerprint, e.Rule, e.Unit, e.File, e.Path, e.Message))
	}
	for _, p := range s.Proposed {
		set("proposed", p)
	}
	x.WriteString("<properties>")
	for _, p := range all {
		x.property(p[0], p[1])
	}
	x.WriteString("</properties>\n")
}
