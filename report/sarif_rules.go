package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Texts of a rule that are longer are refused by GitHub.
const (
	sarifLongest     = 1024
	sarifLongestName = 255
)

type sarifRule struct {
	ID      string       `json:"id"`
	Name    string       `json:"name,omitempty"`
	Short   sarifMessage `json:"shortDescription"`
	Full    sarifMessage `json:"fullDescription"`
	Help    sarifMessage `json:"help"`
	HelpURI string       `json:"helpUri,omitempty"`
	Default sarifDefault `json:"defaultConfiguration"`
	Bag     sarifRuleBag `json:"properties"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifRuleBag struct {
	Precision string   `json:"precision"`
	Severity  string   `json:"problem.severity"`
	Tags      []string `json:"tags"`
}

// sarifRuleList has the rules of all results, by their codes, and where each stands.
type sarifRuleList struct {
	all   []sarifRule
	index map[string]int
}

// sarifRules are the rules of results. What is not known of one is told from the result.
func sarifRules(results []*Entry, o Options) sarifRuleList {
	known := map[string]verdict.Rule{}
	for _, e := range results {
		if _, done := known[e.Rule]; done {
			continue
		}
		rule, ok := o.Rules[e.Rule]
		if !ok {
			rule = verdict.Rule{Code: e.Rule, Name: e.Name, Severity: e.Severity, Advice: e.Advice}
		}
		known[e.Rule] = rule
	}
	list := sarifRuleList{index: map[string]int{}}
	codes := make([]string, 0, len(known))
	for code := range known {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for i, code := range codes {
		list.index[code] = i
		list.all = append(list.all, sarifRuleOf(known[code], o))
	}
	return list
}

func sarifRuleOf(r verdict.Rule, o Options) sarifRule {
	level := rank(verdict.Finding{Severity: r.Severity, Advice: r.Advice})
	short := cmp.Or(valid(r.Summary), valid(r.Name), ruleID(r.Code))
	return sarifRule{
		ID: ruleID(r.Code), Name: cut(valid(r.Name), sarifLongestName),
		Short:   sarifMessage{Text: sentenceOf(cut(short, sarifLongest-1))},
		Full:    sarifMessage{Text: sentenceOf(cut(cmp.Or(strings.TrimSpace(valid(r.Doc)), short), sarifLongest-1))},
		Help:    sarifMessage{Text: ruleHelp(r, short, "", "  "), Markdown: ruleHelp(r, short, "```yaml\n", "")},
		HelpURI: o.page(verdict.Finding{Rule: r.Code}),
		Default: sarifDefault{[...]string{"error", "warning", "note"}[level]},
		Bag:     sarifRuleBag{[...]string{"very-high", "very-high", "medium"}[level], [...]string{"error", "warning", "recommendation"}[level], []string{"configuration"}},
	}
}

// ruleID is the code of a rule, which has one.
func ruleID(code string) string { return cmp.Or(valid(code), "unknown") }

// ruleHelp is what `enqueue explain` says of a rule. Examples stand in fences, or indented.
func ruleHelp(r verdict.Rule, short, fence, indent string) string {
	text := sentenceOf(cmp.Or(strings.TrimSpace(valid(r.Doc)), short))
	for _, example := range [][2]string{{"Found:", r.Bad}, {"Fine:", r.Good}} {
		code := strings.Trim(valid(example[1]), "\n")
		if code == "" {
			continue
		}
		code = indent + strings.ReplaceAll(code, "\n", "\n"+indent)
		if fence != "" {
			ticks := strings.Repeat("`", max(3, longestRun(code)+1))
			code = strings.Replace(fence, "```", ticks, 1) + code + "\n" + ticks
		}
		text += "\n\n" + example[0] + "\n\n" + code
	}
	return text
}

// cut is so many characters of a text at most.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
