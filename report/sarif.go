package report

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var sarifFormat = Format{Name: "sarif", Doc: "for code scanning on GitHub and elsewhere: SARIF 2.1.0", Write: SARIF, Omits: sarifOmits}

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// sarifMost is how many results GitHub takes: it refuses a file with more.
	sarifMost = 25_000
	// sarifShown is how many of them it keeps, the most severe.
	sarifShown = 5_000
)

// SARIF writes one run of SARIF 2.1.0: the findings as results, hidden ones as suppressed
// results behind them, and what could not be decided as notifications. It returns the first
// error of w.
func SARIF(w io.Writer, r Report, o Options) error {
	results, left := sarifResults(o.lists(r))
	rules := sarifRules(results, o)
	j := newJSONStream(w)
	j.raw(`{"version":"2.1.0","$schema":"` + sarifSchema + `","runs":[{` + "\n" + `"tool":{"driver":{"name":"muster",`)
	j.raw(`"informationUri":"` + homepage + `",`)
	if key, version := versionOf(o.Version); version != "" {
		j.raw(`"` + key + `":`)
		j.value(version)
		j.raw(",")
	}
	j.raw(`"notifications":`)
	j.value(sarifDescriptors)
	j.raw(`,"rules":`)
	j.list()
	for _, rule := range rules.all {
		j.element(rule)
	}
	j.endList()
	j.raw("}},\n" + `"columnKind":"unicodeCodePoints",` + "\n" + `"automationDetails":`)
	j.value(sarifAutomation{"muster/" + valid(r.Run.ID)})
	if c := r.Run.Checkout; c != nil && c.Commit != "" && c.Folder != "" {
		j.raw(",\n" + `"versionControlProvenance":`)
		j.value([]sarifRevision{{fileURI(c.Folder), valid(c.Commit), valid(c.Branch)}})
	}
	j.raw(",\n" + `"invocations":[`)
	j.object(newInvocation(r, o))
	sarifNotifications(j, r, o, left)
	j.raw("],\n" + `"properties":`)
	j.value(sarifRunBag(r))
	j.raw(",\n" + `"results":`)
	j.list()
	for _, e := range results {
		j.element(sarifResult(e, rules, r.Summary.Since, o))
	}
	j.endList()
	j.raw("}]}\n")
	return j.flush()
}

// sarifResults are the findings that are results, strongest first and hidden ones last, and how
// many more there are than fit. Those of rules that are off are none.
func sarifResults(l *lists) (all []*Entry, left int) {
	all = l.findings()
	for _, e := range l.hidden() {
		if e.Hidden.Why != verdict.Off {
			all = append(all[:len(all):len(all)], e)
		}
	}
	if left = len(all) - sarifMost; left > 0 {
		return all[:sarifMost], left
	}
	return all, 0
}

func sarifOmits(r Report) string {
	n := len(r.Summary.Config) + len(r.Summary.Remarks)
	for _, side := range r.sides() {
		for i := range side {
			n += len(side[i].Findings)
			for _, h := range side[i].Hidden {
				if h.Why != verdict.Off {
					n++
				}
			}
		}
	}
	switch {
	case n > sarifMost:
		return fmt.Sprintf("%s of %s results are left out, the least severe: GitHub refuses a file with more than %s, and shows the %s most severe",
			grouped(n-sarifMost), grouped(n), grouped(sarifMost), grouped(sarifShown))
	case n > sarifShown:
		return fmt.Sprintf("all %s results are in it, and GitHub shows the %s most severe of them", grouped(n), grouped(sarifShown))
	}
	return ""
}

// semantic is a version as Semantic Versioning has it.
var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// versionOf is the property for a version, and the version.
func versionOf(v string) (key, version string) {
	if bare := strings.TrimPrefix(v, "v"); semantic.MatchString(bare) {
		return "semanticVersion", bare
	}
	return "version", valid(v)
}

type sarifMessage struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifAutomation struct {
	ID string `json:"id"`
}

type sarifRevision struct {
	Repository string `json:"repositoryUri"`
	Revision   string `json:"revisionId"`
	Branch     string `json:"branch,omitempty"`
}

type sarifOutcome struct {
	Rule      string              `json:"ruleId"`
	Index     int                 `json:"ruleIndex"`
	Level     string              `json:"level"`
	Message   sarifMessage        `json:"message"`
	Locations []sarifLocation     `json:"locations"`
	Related   []sarifLocation     `json:"relatedLocations,omitempty"`
	Prints    *sarifPrints        `json:"partialFingerprints,omitempty"`
	Baseline  string              `json:"baselineState,omitempty"`
	Suppress  *[]sarifSuppression `json:"suppressions,omitempty"`
	Bag       sarifResultBag      `json:"properties"`
}

// sarifPrints are a finding's fingerprint: as GitHub reads it, and under its own name.
type sarifPrints struct {
	GitHub string `json:"primaryLocationLineHash"`
	Own    string `json:"muster/v1"`
}

type sarifSuppression struct {
	Kind          string           `json:"kind"`
	Status        string           `json:"status"`
	Justification string           `json:"justification,omitempty"`
	Location      *sarifLocation   `json:"location,omitempty"`
	Bag           *sarifSuppressBy `json:"properties,omitempty"`
}

type sarifSuppressBy struct {
	Why verdict.Why `json:"why"`
}

// sarifResultBag is what SARIF has no word for.
type sarifResultBag struct {
	Unit     string   `json:"unit,omitempty"`
	Name     string   `json:"name,omitempty"`
	Owners   []string `json:"owners,omitempty"`
	Regions  []string `json:"regions,omitempty"`
	Help     string   `json:"help,omitempty"`
	Path     string   `json:"path,omitempty"`
	Named    string   `json:"named,omitempty"`
	Identity string   `json:"identity,omitempty"`
}

func sarifResult(e *Entry, rules sarifRuleList, c *policy.Comparison, o Options) sarifOutcome {
	out := sarifOutcome{
		Rule: ruleID(e.Rule), Index: rules.index[e.Rule], Level: sarifLevel(e.Finding), Message: sarifMessage{Text: sarifText(e)},
		Locations: []sarifLocation{sarifLocationOf(e, e.Place, o)},
		Bag: sarifResultBag{Unit: valid(string(e.Unit.Name)), Name: valid(e.Name), Owners: texts(e.Unit.Owners), Regions: texts(e.Regions), Help: valid(e.Help),
			Path: valid(e.Path), Named: valid(e.Named), Identity: valid(e.Identity)},
	}
	for i, related := range e.Related {
		at := sarifLocationOf(e, related.Place, o)
		at.ID, at.Message = i+1, &sarifMessage{Text: cmp.Or(plain(related.Text), "also here")}
		out.Related = append(out.Related, at)
	}
	if e.Fingerprint != "" {
		out.Prints = &sarifPrints{e.Fingerprint, e.Fingerprint}
	}
	if e.Unit.Name != "" { // what is about no unit is compared with nothing
		out.Baseline = sarifStates[stateOf(c, e.Hidden)]
	}
	if e.Hidden != nil {
		out.Suppress = &[]sarifSuppression{suppressionOf(e, o)}
	}
	return out
}

// sarifStates are what SARIF calls how a finding compares with those before. What is fixed is no result, for
// viewers that do not know of states would show it as one that is there.
var sarifStates = map[State]string{NewFinding: "new", OldFinding: "unchanged"}

// suppressionOf says why a finding is hidden: in its own file, or elsewhere.
func suppressionOf(e *Entry, o Options) sarifSuppression {
	s := sarifSuppression{Kind: "external", Status: "accepted", Justification: valid(e.Hidden.Reason), Bag: &sarifSuppressBy{e.Hidden.Why}}
	if e.Hidden.Why == verdict.Suppressed && e.Hidden.By.File == e.File {
		s.Kind = "inSource"
	}
	if e.Hidden.By.File != "" {
		at := sarifLocationOf(&Entry{}, e.Hidden.By, Options{})
		s.Location = &at
	}
	return s
}

// sarifText is what a viewer shows: sentences, and links to the related places.
func sarifText(e *Entry) string {
	text := sentenceOf(plain(e.Message) + plain(regions(e.Regions)))
	for i, r := range e.Related {
		text += fmt.Sprintf(" [%s](%d): %s.", strings.NewReplacer("[", `\[`, "]", `\]`).Replace(cmp.Or(plain(r.Text), "also here")), i+1, plain(r.Place.String()))
	}
	if e.Help != "" {
		text += " Help: " + sentenceOf(plain(e.Help))
	}
	return text
}

// plain is text in one line that holds no link of its own.
func plain(s string) string { return strings.ReplaceAll(printable(s), "](", "] (") }

// sentenceOf ends in a full stop, and is not empty.
func sentenceOf(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return "No message."
	}
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

func sarifLevel(f verdict.Finding) string { return [...]string{"error", "warning", "note"}[rank(f)] }

// utc is a time as SARIF wants it.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
