package report

import (
	"io"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var jsonFormat = Format{Name: "json", Doc: "for programs: one object with everything in it, which has a schema", Write: JSON}

// Schema names the version of the JSON report. Within v1 fields are only added.
const Schema = "muster.report/v1"

// JSON writes the report for programs, as docs/report.schema.json describes it.
// Services are written one by one: memory does not grow with the fleet. It
// knows no options, and returns the first error of w.
func JSON(w io.Writer, r Report, _ Options) error {
	s := r.Summary
	j := newJSONWriter(w)
	j.field("schema", Schema)
	j.field("run", newRun(r))
	if r.Cached.Units > 0 || r.Cached.Reverified != nil {
		j.field("cached", r.Cached)
	}
	if r.Changed != nil {
		j.field("changed", r.Changed.valid())
	}
	j.field("complete", s.Complete)
	j.field("fleetRules", s.FleetRules)
	if len(s.Unjudged) > 0 {
		j.field("unjudged", unjudgedJSON(s.Unjudged))
	}
	if len(s.Idle) > 0 {
		j.field("idle", idleJSON(s.Idle))
	}
	j.field("config", findingsJSON(s.Config))
	if len(s.Remarks) > 0 {
		j.field("policy", findingsJSON(s.Remarks))
	}
	if len(s.Fixed) > 0 {
		j.field("fixed", fixedJSON(s.Fixed))
	}
	if c := newComparison(s.Since); c != nil {
		j.field("newSince", c)
	}
	if len(s.Proposed) > 0 {
		j.field("proposed", texts(s.Proposed))
	}
	j.field("expected", s.Expected)
	j.field("counts", s.Counts)
	services(j, "oks", s.OKs, func(u aggregator.Unit) okJSON { return newOK(u, s.Since) })
	services(j, "errs", s.Errs, func(u aggregator.Unit) errJSON { return newErr(u, s.Since) })
	return j.end()
}

// runJSON adds to a run what the summary knows of it.
type runJSON struct {
	Run
	Regions    []string `json:"regions"`
	Engines    []string `json:"engines"`
	Mixed      []string `json:"mixed,omitempty"` // checks that several engines made
	Conflicts  []string `json:"conflicts"`
	Unexpected int      `json:"unexpected"`
	Unlisted   bool     `json:"unlisted,omitempty"` // there may be more services than are expected
}

type okJSON struct {
	Service  string        `json:"service"`
	Unit     string        `json:"unit"`
	Regions  []string      `json:"regions"`
	Standing string        `json:"standing,omitempty"`
	Digest   string        `json:"digest"`
	Warnings []findingJSON `json:"warnings"`
	policyJSON
}

type errJSON struct {
	Service  string        `json:"service"`
	Unit     string        `json:"unit"`
	Kind     verdict.Kind  `json:"kind"`
	Regions  []string      `json:"regions"`
	Standing string        `json:"standing,omitempty"`
	Digest   string        `json:"digest"`
	Cause    string        `json:"cause"`
	Failures []failureJSON `json:"failures,omitempty"`
	Findings []findingJSON `json:"findings"`
	policyJSON
}

// policyJSON is what a policy says of a unit.
type policyJSON struct {
	Owners []string     `json:"owners,omitempty"`
	Hidden []hiddenJSON `json:"hidden,omitempty"`
}

type hiddenJSON struct {
	findingJSON
	Why    verdict.Why `json:"why"`
	Reason string      `json:"reason"`
	By     placeJSON   `json:"by"`
}

type placeJSON struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Path   string `json:"path"`
}

type failureJSON struct {
	Check string `json:"check"`
	Cause string `json:"cause"`
}

// openJSON is a fleet rule that left needs open.
type openJSON struct {
	Rule  string `json:"rule"`
	Needs int    `json:"needs"`
}

type selectionJSON struct {
	Rule    string `json:"rule"`
	Selects string `json:"selects"`
}

type findingJSON struct {
	Rule     string           `json:"rule"`
	Name     string           `json:"name"`
	Severity verdict.Severity `json:"severity"`
	Advice   bool             `json:"advice,omitempty"`
	Message  string           `json:"message"`
	File     string           `json:"file"`
	Line     int              `json:"line"`
	Column   int              `json:"column"`
	Path     string           `json:"path"`
	Regions  []string         `json:"regions"`
	Help     string           `json:"help"`
	Related  []relatedJSON    `json:"related,omitempty"`
	// Named is the path with list items by their names, where that differs.
	Named       string `json:"named,omitempty"`
	Identity    string `json:"identity,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	State       State  `json:"state,omitempty"`
}

type relatedJSON struct {
	Text string `json:"text"`
	placeJSON
}

func newRun(r Report) runJSON {
	s := r.Summary
	return runJSON{r.Run, texts(r.Run.Regions), texts(s.Engines), texts(s.Mixed), texts(s.Conflicts), s.Unexpected, s.Unlisted}
}

func newOK(s aggregator.Unit, c *policy.Comparison) okJSON {
	return okJSON{valid(string(s.Name)), valid(s.Path), texts(s.Regions), string(s.Skipped), string(s.Digest), standingJSON(s.Findings, c), policyOf(s, c)}
}

func newErr(s aggregator.Unit, c *policy.Comparison) errJSON {
	return errJSON{valid(string(s.Name)), valid(s.Path), s.Kind, texts(s.Regions), string(s.Skipped), string(s.Digest), valid(s.Cause),
		failuresJSON(s.Failures), standingJSON(s.Findings, c), policyOf(s, c)}
}

func policyOf(s aggregator.Unit, c *policy.Comparison) (p policyJSON) {
	if len(s.Owners) > 0 {
		p.Owners = texts(s.Owners)
	}
	for _, h := range s.Hidden {
		f := newFinding(h.Finding)
		f.State = stateOf(c, &h)
		p.Hidden = append(p.Hidden, hiddenJSON{f, h.Why, valid(h.Reason), placeOf(h.By)})
	}
	return p
}

func placeOf(p verdict.Place) placeJSON {
	return placeJSON{valid(p.File), p.Line, p.Column, valid(p.Path)}
}

// entryJSON is an entry of a baseline.
type entryJSON struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Unit        string `json:"unit"`
	File        string `json:"file"`
	Path        string `json:"path"`
	Message     string `json:"message"`
}

func fixedJSON(fixed []policy.Entry) (out []entryJSON) {
	for _, e := range fixed {
		out = append(out, entryJSON{valid(e.Fingerprint), valid(e.Rule), valid(e.Unit), valid(e.File), valid(e.Path), valid(e.Message)})
	}
	return out
}

func unjudgedJSON(rules []aggregator.Unjudged) (out []openJSON) {
	for _, u := range rules {
		out = append(out, openJSON{valid(u.Rule), u.Needs})
	}
	return out
}

func idleJSON(rules []verdict.Selection) (out []selectionJSON) {
	for _, s := range rules {
		out = append(out, selectionJSON{valid(s.Rule), valid(s.Selects)})
	}
	return out
}

func failuresJSON(fs []aggregator.Failure) (out []failureJSON) {
	for _, f := range fs {
		out = append(out, failureJSON{valid(f.Check), valid(f.Cause)})
	}
	return out
}

// standingJSON are findings of a unit that stand.
func standingJSON(fs []verdict.Finding, c *policy.Comparison) []findingJSON {
	all := findingsJSON(fs)
	for i := range all {
		all[i].State = stateOf(c, nil)
	}
	return all
}

func findingsJSON(fs []verdict.Finding) []findingJSON {
	out := make([]findingJSON, 0, len(fs))
	for _, f := range fs {
		out = append(out, newFinding(f))
	}
	return out
}

func newFinding(f verdict.Finding) findingJSON {
	return findingJSON{
		Rule: f.Rule, Name: f.Name, Severity: f.Severity, Advice: f.Advice, Message: valid(f.Message),
		File: valid(f.File), Line: f.Line, Column: f.Column, Path: valid(f.Path),
		Regions: texts(f.Regions), Help: valid(f.Help), Related: relatedsJSON(f.Related),
		Named: valid(f.Named), Identity: valid(f.Identity), Fingerprint: f.Fingerprint,
	}
}

func relatedsJSON(rs []verdict.Related) (out []relatedJSON) {
	for _, r := range rs {
		out = append(out, relatedJSON{valid(r.Text), placeOf(r.Place)})
	}
	return out
}

// texts is a list that is never null.
func texts(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, valid(s))
	}
	return out
}

func services[T any](j *jsonWriter, name string, all []aggregator.Unit, form func(aggregator.Unit) T) {
	j.beginList(name)
	for _, s := range all {
		j.element(form(s))
	}
	j.endList()
}
