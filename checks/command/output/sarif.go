package output

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// The parts of SARIF 2.1.0 that say what was found where.
type (
	sarifMessage struct {
		Text      string   `json:"text"`
		Markdown  string   `json:"markdown"`
		ID        string   `json:"id"`
		Arguments []string `json:"arguments"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId"`
		Index     *int   `json:"index"`
	}
	sarifRuleReference struct {
		ID            string `json:"id"`
		Index         *int   `json:"index"`
		ToolComponent struct {
			Index *int `json:"index"`
		} `json:"toolComponent"`
	}
	sarifResult struct {
		RuleID    string             `json:"ruleId"`
		RuleIndex *int               `json:"ruleIndex"`
		Rule      sarifRuleReference `json:"rule"`
		Kind      string             `json:"kind"`
		Level     string             `json:"level"`
		Message   sarifMessage       `json:"message"`
		Locations []struct {
			PhysicalLocation struct {
				ArtifactLocation sarifArtifact `json:"artifactLocation"`
				Region           struct {
					StartLine   position `json:"startLine"`
					StartColumn position `json:"startColumn"`
					EndLine     position `json:"endLine"`
					EndColumn   position `json:"endColumn"`
				} `json:"region"`
			} `json:"physicalLocation"`
		} `json:"locations"`
		Suppressions []struct {
			Status string `json:"status"`
		} `json:"suppressions"`
		BaselineState string `json:"baselineState"`
		Fixes         []struct {
			Description sarifMessage `json:"description"`
		} `json:"fixes"`
	}
	sarifRule struct {
		ID                   string                  `json:"id"`
		DefaultConfiguration struct{ Level string }  `json:"defaultConfiguration"`
		MessageStrings       map[string]sarifMessage `json:"messageStrings"`
		HelpURI              string                  `json:"helpUri"`
		Help                 sarifMessage            `json:"help"`
	}
	sarifComponent struct {
		Rules                []sarifRule             `json:"rules"`
		GlobalMessageStrings map[string]sarifMessage `json:"globalMessageStrings"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        *bool `json:"executionSuccessful"`
		ToolExecutionNotifications []struct {
			Level   string       `json:"level"`
			Message sarifMessage `json:"message"`
		} `json:"toolExecutionNotifications"`
	}
	sarifRun struct {
		tool struct {
			Driver     sarifComponent   `json:"driver"`
			Extensions []sarifComponent `json:"extensions"`
		}
		results     []sarifResult
		bases       map[string]sarifArtifact
		invocations []sarifInvocation
		artifacts   []struct {
			Location sarifArtifact `json:"location"`
		}
	}
)

// sarif reads SARIF 2.1.0. What its results refer to may stand behind them.
func (c *collector) sarif(text []byte) error {
	w := c.spec.walk(text)
	var failed error // the program says of itself that it did not come to its end
	version, hasRuns := "2.1.0", false
	err := w.object("the output", func(key string) error {
		switch key {
		case "version":
			return w.value(&version)
		case "runs":
			hasRuns = true
			return w.array("runs", func() error {
				run := &sarifRun{}
				err := run.read(w)
				for i := range run.results {
					if full := c.result(run, &run.results[i]); full != nil {
						return full
					}
				}
				if failed == nil {
					failed = run.failed()
				}
				return err
			})
		}
		return w.skip()
	})
	if err = w.end(err); err != nil {
		return err
	}
	if !hasRuns {
		return errors.New("the output is not SARIF: it has no runs")
	}
	if !strings.HasPrefix(version, "2.1") {
		return fmt.Errorf("the output is SARIF of version %q; expected 2.1.0", clean(version, maxWhy))
	}
	return failed
}

func (r *sarifRun) read(w *walk) error {
	return w.object("a run", func(key string) error {
		switch key {
		case "tool":
			return w.value(&r.tool)
		case "originalUriBaseIds":
			return w.value(&r.bases)
		case "artifacts":
			return w.value(&r.artifacts)
		case "invocations":
			return w.value(&r.invocations)
		case "results":
			return w.array("results", func() error {
				var one sarifResult
				if err := w.value(&one); err != nil {
					return err
				}
				r.results = append(r.results, one)
				return nil
			})
		}
		return w.skip()
	})
}

// failed is what the program says of itself where it did not come to its end.
func (r *sarifRun) failed() error {
	for _, i := range r.invocations {
		if i.ExecutionSuccessful == nil || *i.ExecutionSuccessful {
			continue
		}
		for _, n := range i.ToolExecutionNotifications {
			if n.Level == "error" && n.Message.Text != "" {
				return fmt.Errorf("the program says that it did not come to its end: %s", clean(n.Message.Text, maxWhy))
			}
		}
		return fmt.Errorf("the program says that it did not come to its end (executionSuccessful is false)")
	}
	return nil
}

// result keeps a result, unless it is none that holds.
func (c *collector) result(run *sarifRun, r *sarifResult) error {
	if !r.holds() {
		return nil
	}
	if r.isSuppressed() {
		c.Off++
		return nil
	}
	rule := run.rule(r)
	f := Finding{Code: r.RuleID, Message: run.message(rule, r.Message), Help: run.help(rule, r)}
	if f.Code == "" {
		f.Code = r.Rule.ID
	}
	if f.Code == "" {
		f.Code = rule.ID
	}
	if len(r.Locations) > 0 {
		at := r.Locations[0].PhysicalLocation
		f.File = run.file(at.ArtifactLocation)
		f.Line, f.Column, f.EndLine, f.EndColumn = int(at.Region.StartLine), int(at.Region.StartColumn), int(at.Region.EndLine), int(at.Region.EndColumn)
	}
	return c.add(f, r.level(rule))
}

// holds says whether a result is something that was found. Some programs say only by its level that it is not.
func (r *sarifResult) holds() bool {
	switch r.Kind {
	case "pass", "notApplicable":
		return false
	case "", "fail":
		return r.Level != "none" && r.BaselineState != "absent"
	}
	return r.BaselineState != "absent"
}

// isSuppressed says whether somebody decided that a result does not count, and nobody refused it.
func (r *sarifResult) isSuppressed() bool {
	for _, s := range r.Suppressions {
		if s.Status == "rejected" || s.Status == "underReview" {
			return false
		}
	}
	return len(r.Suppressions) > 0
}

// level is that of the result, or else its rule's.
func (r *sarifResult) level(rule *sarifRule) string {
	switch {
	case r.Level != "":
		return r.Level
	case r.Kind != "" && r.Kind != "fail":
		return "none"
	case rule.DefaultConfiguration.Level != "":
		return rule.DefaultConfiguration.Level
	}
	return "warning"
}

// rule is that of a result; one that says nothing where it is not told.
func (r *sarifRun) rule(result *sarifResult) *sarifRule {
	component := &r.tool.Driver
	if i := result.Rule.ToolComponent.Index; i != nil && *i >= 0 && *i < len(r.tool.Extensions) {
		component = &r.tool.Extensions[*i]
	}
	for _, i := range []*int{result.RuleIndex, result.Rule.Index} {
		if i != nil && *i >= 0 && *i < len(component.Rules) {
			return &component.Rules[*i]
		}
	}
	id := result.RuleID
	if id == "" {
		id = result.Rule.ID
	}
	for id != "" { // a result may name a rule below the one that is described: CA1000/1 is of CA1000
		for i := range component.Rules {
			if component.Rules[i].ID == id {
				return &component.Rules[i]
			}
		}
		id = id[:max(0, strings.LastIndexByte(id, '/'))]
	}
	return &sarifRule{}
}

// message is the text of a message, which may be one of the rule's with places to fill in.
func (r *sarifRun) message(rule *sarifRule, m sarifMessage) string {
	text := m.text()
	if text == "" && m.ID != "" {
		if known, ok := rule.MessageStrings[m.ID]; ok {
			text = known.text()
		} else if known, ok := r.tool.Driver.GlobalMessageStrings[m.ID]; ok {
			text = known.text()
		}
	}
	if len(m.Arguments) == 0 && m.ID == "" {
		return text
	}
	pairs := []string{"{{", "{", "}}", "}"}
	for i, value := range m.Arguments[:min(len(m.Arguments), maxArguments)] {
		pairs = append(pairs, fmt.Sprintf("{%d}", i), cut(plain(value), maxMessage))
	}
	return strings.NewReplacer(pairs...).Replace(cut(plain(text), maxMessage))
}

// maxArguments is beyond what a message has.
const maxArguments = 32

func (m sarifMessage) text() string {
	if m.Text != "" {
		return m.Text
	}
	return m.Markdown
}

// help is what the program proposes, and where it explains the rule.
func (r *sarifRun) help(rule *sarifRule, result *sarifResult) string {
	var said []string
	if len(result.Fixes) > 0 && result.Fixes[0].Description.Text != "" {
		said = append(said, result.Fixes[0].Description.Text)
	}
	switch {
	case rule.HelpURI != "":
		said = append(said, "see "+rule.HelpURI)
	case rule.Help.Text != "" && len(said) == 0:
		first, _, _ := strings.Cut(strings.TrimSpace(rule.Help.Text), "\n")
		said = append(said, first)
	}
	return strings.Join(said, "; ")
}

// maxBases is how many bases of URIs are followed.
const maxBases = 8

// file is the path that a location means: a URI, below that of its base, or of an artifact that is
// listed elsewhere.
func (r *sarifRun) file(at sarifArtifact) string {
	if i := at.Index; at.URI == "" && i != nil && *i >= 0 && *i < len(r.artifacts) {
		at = r.artifacts[*i].Location
	}
	name := pathOf(at.URI)
	for base, left := at.URIBaseID, maxBases; base != "" && left > 0 && !path.IsAbs(name); left-- {
		known := r.bases[base]
		if over := pathOf(known.URI); over != "" {
			name = path.Join(over, name)
		}
		base = known.URIBaseID
	}
	return name
}

// pathOf is the path of a URI, "" for one of another scheme than file.
func pathOf(uri string) string {
	if name := fileOfURI(uri); name != uri {
		return name
	}
	if u, err := url.Parse(uri); err == nil && u.Scheme != "" && u.Host != "" {
		return ""
	}
	return unescaped(uri)
}
