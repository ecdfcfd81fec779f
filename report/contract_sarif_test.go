package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var sarifContract = contract{
	valid: validSARIF,
	ofRun: regexp.MustCompile(`(?m)^"automationDetails":.*\n|^"versionControlProvenance":.*\n|"startTimeUtc":"[^"]*","endTimeUtc":"[^"]*",|` +
		`^\{"descriptor":\{"id":"about-the-run".*\n|"run":\{.*?\},"complete"`),
	reworded: leaveOut(levelWords, map[string]string{
		"Run.Superseded":        "true or absent",
		"Changed.Selection":     "a note says what is shown",
		"Changed.Verified":      "a note says what was not looked at",
		"Summary.Complete":      "true or false",
		"Hidden.Old":            "it makes the state unchanged",
		"Summary.Unlisted":      "true or absent",
		"Summary.OKs[].Skipped": "units that were not deployed are named, the others counted",
	}),
	leftOut: leaveOut(neverErrors, map[string]string{
		"Unit.Owner":                               "owners follow from it",
		"Unit.Digest":                              "results are of findings, and the text of a file is no matter of theirs",
		"Unit.Regions":                             "findings have theirs",
		"Summary.Errs[].Skipped":                   "standings are counted",
		"Summary.OKs[].Cause":                      "an ok unit has none",
		"Summary.OKs[].Failures[]":                 "an ok unit has none",
		"Summary.OKs[].Kind":                       "follows from the results",
		"Summary.OKs[].Path":                       "findings name their files",
		"Summary.OKs[].Hidden[].Finding.Severity":  "it is suppressed",
		"Summary.Errs[].Hidden[].Finding.Severity": "it is suppressed",
	}),
}

// sarifLog is as much of SARIF as is looked at. The schema of OASIS is held against reports in
// test/formats.
type sarifLog struct {
	Version string         `json:"version"`
	Schema  string         `json:"$schema"`
	Runs    []sarifReadRun `json:"runs"`
}

type sarifReadRun struct {
	Tool struct {
		Driver struct {
			Rules []struct {
				ID                string `json:"id"`
				Name              string
				Short, Full, Help struct{ Text string }
				ShortDescription  struct{ Text string } `json:"shortDescription"`
				FullDescription   struct{ Text string } `json:"fullDescription"`
				HelpURI           string                `json:"helpUri"`
				Properties        struct{ Tags []string }
			}
			Notifications []struct{ ID string }
		}
	}
	AutomationDetails struct{ ID string } `json:"automationDetails"`
	Invocations       []struct {
		ExecutionSuccessful *bool              `json:"executionSuccessful"`
		Notifications       []sarifReadMessage `json:"toolExecutionNotifications"`
	}
	Results []sarifReadResult
}

type sarifReadMessage struct {
	Descriptor struct {
		ID    string
		Index *int
	}
	Message   struct{ Text string }
	Locations []sarifReadLocation
}

type sarifReadLocation struct {
	ID       int
	Physical struct {
		Artifact struct {
			URI   string
			Index *int
		} `json:"artifactLocation"`
		Region *struct{ StartLine, StartColumn, EndLine, EndColumn int }
	} `json:"physicalLocation"`
}

type sarifReadResult struct {
	RuleID    string `json:"ruleId"`
	RuleIndex *int   `json:"ruleIndex"`
	Level     string
	Message   struct{ Text string }
	Locations []sarifReadLocation
	Related   []sarifReadLocation             `json:"relatedLocations"`
	Prints    map[string]string               `json:"partialFingerprints"`
	Suppress  []struct{ Kind, Status string } `json:"suppressions"`
}

// validSARIF: the rules of OASIS that its schema cannot say, and the limits and demands of
// GitHub.
func validSARIF(out []byte, _ Options) error {
	var log sarifLog
	if err := errors.Join(oneValue(out, '{'), noMarkup(out), json.Unmarshal(out, &log)); err != nil {
		return err
	}
	if log.Version != "2.1.0" || log.Schema == "" || len(log.Runs) != 1 {
		return fmt.Errorf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	var any any
	d := json.NewDecoder(bytes.NewReader(out))
	if err := errors.Join(d.Decode(&any), noneEmpty("", any), run.checkRules(), run.checkInvocation()); err != nil {
		return err
	}
	if len(run.Results) > sarifMost {
		return fmt.Errorf("it has %d results", len(run.Results))
	}
	for i, r := range run.Results {
		if err := r.check(run); err != nil {
			return fmt.Errorf("result %d: %w", i, err)
		}
	}
	return nil
}

// noneEmpty: no text is empty and no value null, but in the bags of what SARIF has no words for.
func noneEmpty(at string, v any) error {
	switch v := v.(type) {
	case nil:
		return fmt.Errorf("%s is null", at)
	case string:
		if v == "" {
			return fmt.Errorf("%s is empty", at)
		}
	case []any:
		for i, child := range v {
			if err := noneEmpty(fmt.Sprintf("%s[%d]", at, i), child); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, child := range v {
			if key == "properties" {
				continue
			}
			if err := noneEmpty(at+"."+key, child); err != nil {
				return err
			}
		}
	}
	return nil
}

func (run sarifReadRun) checkRules() error {
	for i, rule := range run.Tool.Driver.Rules {
		for what, text := range map[string]string{"short": rule.ShortDescription.Text, "full": rule.FullDescription.Text} {
			if n := utf8.RuneCountInString(text); n > 1024 || !endsSentence(text) {
				return fmt.Errorf("rule %d, %s description: %d characters, %q", i, what, n, text)
			}
		}
		if rule.ID == "" || rule.Help.Text == "" || utf8.RuneCountInString(rule.Name) > 255 || len(rule.Properties.Tags) > 20 {
			return fmt.Errorf("rule %d lacks an ID or help, or is too long: %+v", i, rule)
		}
		if u, err := url.Parse(rule.HelpURI); err != nil || rule.HelpURI != "" && !u.IsAbs() {
			return fmt.Errorf("rule %d has the address %q", i, rule.HelpURI)
		}
	}
	return nil
}

func (run sarifReadRun) checkInvocation() error {
	if !strings.Contains(run.AutomationDetails.ID, "/") || len(run.Invocations) != 1 || run.Invocations[0].ExecutionSuccessful == nil {
		return fmt.Errorf("it has %d invocations, of %q", len(run.Invocations), run.AutomationDetails.ID)
	}
	for i, n := range run.Invocations[0].Notifications {
		all := run.Tool.Driver.Notifications
		if n.Descriptor.Index == nil || *n.Descriptor.Index >= len(all) || all[*n.Descriptor.Index].ID != n.Descriptor.ID || !endsSentence(n.Message.Text) {
			return fmt.Errorf("notification %d is of %+v, and says %q", i, n.Descriptor, n.Message.Text)
		}
		for _, l := range n.Locations {
			if err := l.check(); err != nil {
				return fmt.Errorf("notification %d: %w", i, err)
			}
		}
	}
	return nil
}

var sarifLink = regexp.MustCompile(`\]\((.*?)\)`)

func (r sarifReadResult) check(run sarifReadRun) error {
	rules := run.Tool.Driver.Rules
	switch {
	case r.RuleIndex == nil || *r.RuleIndex >= len(rules) || rules[*r.RuleIndex].ID != r.RuleID:
		return fmt.Errorf("its rule is %q at %v", r.RuleID, r.RuleIndex)
	case !slices.Contains([]string{"error", "warning", "note"}, r.Level):
		return fmt.Errorf("its level is %q", r.Level)
	case !endsSentence(r.Message.Text):
		return fmt.Errorf("its message does not end: %q", r.Message.Text)
	case len(r.Locations) != 1 || len(r.Related) > 1000:
		return fmt.Errorf("it has %d locations and %d related ones", len(r.Locations), len(r.Related))
	case r.Prints != nil && r.Prints["primaryLocationLineHash"] != r.Prints["muster/v1"]:
		return fmt.Errorf("its fingerprints are %v", r.Prints)
	}
	var ids []string
	for _, l := range slices.Concat(r.Locations, r.Related) {
		if err := l.check(); err != nil {
			return err
		}
		if l.ID > 0 {
			ids = append(ids, fmt.Sprint(l.ID))
		}
	}
	for _, link := range sarifLink.FindAllStringSubmatch(r.Message.Text, -1) {
		if !slices.Contains(ids, link[1]) {
			return fmt.Errorf("its message links to %q, and its places are %v", link[1], ids)
		}
	}
	for _, s := range r.Suppress {
		if s.Kind != "inSource" && s.Kind != "external" || s.Status != "accepted" {
			return fmt.Errorf("it is suppressed by %+v", s)
		}
	}
	return nil
}

// check: a reference relative to the repository's root, and a region that ends behind its start.
func (l sarifReadLocation) check() error {
	uri := l.Physical.Artifact.URI
	u, err := url.Parse(uri)
	if err != nil || uri == "" || u.IsAbs() || u.Host != "" || path.IsAbs(u.Path) || u.RawQuery != "" || u.Fragment != "" || strings.Contains(uri, `\`) {
		return fmt.Errorf("%q is no relative reference: %w", uri, err)
	}
	if strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%q is not percent-encoded", uri)
	}
	if g := l.Physical.Region; g != nil && (g.StartLine < 1 || g.StartColumn > 0 && (g.EndLine != g.StartLine || g.EndColumn <= g.StartColumn)) {
		return fmt.Errorf("its region is %+v", *g)
	}
	return nil
}

func endsSentence(s string) bool { return s != "" && strings.ContainsAny(s[len(s)-1:], ".?!") }
