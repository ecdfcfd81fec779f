// Command page writes the HTML report of a fleet that is made up, with as many findings as are
// asked for, to stdout:
//
//	page -findings 5000 > page.html
//
// Of the findings with the numbers 0 to N-1, those that end in 0 to 5 are errors, in 6 to 8
// warnings, in 9 information; finding i is of the rule R(i mod 30) and of a unit of the team
// i mod 12. Every 25th has a hidden one beside it. With -undecided there are so many units that
// failed or are missing, and what a policy has to say; with -hostile all texts would like to be
// markup.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/verdict"
)

func main() {
	findings := flag.Int("findings", 100, "`number` of findings that stand")
	undecided := flag.Int("undecided", 0, "`number` of units that are not decided")
	hostile := flag.Bool("hostile", false, "let all texts be such as would like to be markup")
	flag.Parse()
	if err := write(texts{*hostile}, *findings, *undecided); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

func write(t texts, findings, undecided int) error {
	w := bufio.NewWriter(os.Stdout)
	start := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	r := report.Report{
		Run:     report.Run{ID: t.say(0, "r-1"), Mode: "validate", Regions: []string{t.say(1, "dev-uk")}, Started: start, Finished: start.Add(time.Minute)},
		Summary: judged(t, findings, undecided),
	}
	rules := map[string]verdict.Rule{}
	for i := range 30 {
		rules[ruleOf(t, i)] = verdict.Rule{Summary: t.say(i, "a value is what its field takes")}
	}
	if err := report.HTML(w, r, report.Options{Sources: t, Rules: rules}); err != nil {
		return err
	}
	return w.Flush()
}

// judged is a summary with owners and hidden findings.
func judged(t texts, findings, undecided int) policy.Summary {
	found := aggregator.Summary{Complete: true, FleetRules: aggregator.Whole, Skipped: map[verdict.Skipped]int{}}
	for i := range findings {
		found.Errs = append(found.Errs, aggregator.Unit{
			Name: id.Unit(t.say(i, fmt.Sprintf("service-%05d", i))), Path: fmt.Sprintf("services/service-%05d", i), Kind: verdict.Invalid,
			Regions: []string{"dev-uk"}, Findings: []verdict.Finding{finding(t, i)},
		})
	}
	for i := range undecided {
		kind := []verdict.Kind{verdict.Failed, verdict.Missing}[i%2]
		found.Errs = append(found.Errs, aggregator.Unit{
			Name: id.Unit(t.say(i, fmt.Sprintf("undecided-%05d", i))), Kind: kind, Cause: t.say(i, "the check took longer than 30s"), Owners: []string{"team-00"},
		})
	}
	found.Invalid, found.OK, found.Failed, found.Missing = findings, 2*findings, (undecided+1)/2, undecided/2
	found.Expected, found.Complete = 3*findings+undecided, undecided < 2
	s := policy.Policy{}.Apply(found)
	if undecided > 0 {
		s.Remarks, s.Fixed = []verdict.Finding{finding(t, 0)}, []policy.Entry{{Fingerprint: "00ff", Rule: "R00", Unit: "gone", File: t.say(0, "services/gone/manifest.yml"), Message: t.say(1, "an old value")}}
		s.Proposed = []string{t.say(2, "R00 is switched off")}
	}
	for i := range findings {
		u := &s.Errs[i]
		u.Owners = []string{t.say(i, fmt.Sprintf("team-%02d", i%12))}
		if i%25 == 0 {
			hidden := finding(t, i)
			hidden.Line, hidden.Message, hidden.Fingerprint = 9, t.say(i, "an old value"), fmt.Sprintf("%032x", i)
			u.Hidden = []verdict.Hidden{{Finding: hidden, Why: verdict.Suppressed, Reason: t.say(i, "until the migration"), By: hidden.Place}}
		}
	}
	return s
}

func ruleOf(t texts, i int) string { return t.say(i, fmt.Sprintf("R%02d", i%30)) }

func finding(t texts, i int) verdict.Finding {
	rule := verdict.Rule{Code: ruleOf(t, i), Name: t.say(i, "wrong-value"), Severity: verdict.Error}
	if i%10 > 5 {
		rule.Severity, rule.Advice = verdict.Warning, i%10 == 9
	}
	at := verdict.Place{File: t.say(i, fmt.Sprintf("services/service-%05d/manifest.yml", i)), Line: 14, Column: 15, Path: t.say(i, "resources.requests.cpu")}
	f := rule.At(at, t.say(i, fmt.Sprintf("replicaCount must be an integer, and is %q", "two")), t.say(i, "did you mean 2?"))
	f.Regions = []string{t.say(i, "dev-uk"), t.say(i+1, "prod-uk")}
	if i%5 == 0 {
		f.Related = []verdict.Related{{Place: verdict.Place{File: "shipcat.conf", Line: 88, Column: 19, Path: t.say(i, "defaults.replicaCount")}, Text: t.say(i, "overrides what is set here")}}
	}
	return f
}

// texts are what stands in the report, and the sources of its snippets.
type texts struct{ hostile bool }

// say is a text, or a hostile one with it in the middle.
func (t texts) say(i int, s string) string {
	if !t.hostile {
		return s
	}
	return fmt.Sprintf(attacks[i%len(attacks)], s)
}

// Snippet implements report.Sources.
func (t texts) Snippet(_ aggregator.Unit, at verdict.Place) report.Snippet {
	return report.Snippet{First: at.Line - 1, Lines: []string{t.say(at.Line, "metadata:"), t.say(at.Line+1, `replicaCount: "two" # as ever`), t.say(at.Line+2, "image: x")}}
}

// attacks would set window.hacked, or ask a server for something, were they markup.
var attacks = []string{
	`</script><script>window.hacked=1</script>%s`, `"><img src=x onerror="window.hacked=2">%s`, `'><svg onload='window.hacked=3'>%s`,
	`</noscript></ol></main><script>window.hacked=4</script>%s`, `</style><style>@import url(http://127.0.0.1:9/)</style>%s`,
	`javascript:window.hacked=5//%s`, `&lt;script&gt;window.hacked=6&lt;/script&gt;%s`, `<!--%s`, `]]><iframe src="http://127.0.0.1:9/%s">`,
	`<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">%s`, "\x00<\x00script>%s", `<base href="http://127.0.0.1:9/">%s`,
	"</li>\n<li class=\"x\"><b onclick=window.hacked=7>%s", `<a href="http://127.0.0.1:9/" id="list">%s</a>`, "\u202e\xff</p>%s", `{{.}}${window.hacked=8}%s`,
}
