package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

var (
	limits = verdict.Rule{Code: "M301", Name: "request-above-limit", Severity: verdict.Error}
	legacy = verdict.Rule{Code: "M110", Name: "legacy-field", Severity: verdict.Warning}
	idle   = verdict.Rule{Code: "M130", Name: "idle-field", Severity: verdict.Warning, Advice: true}
	syntax = verdict.Rule{Code: "C001", Name: "config-syntax", Severity: verdict.Error}
	unused = verdict.Rule{Code: "C009", Name: "unused-team", Severity: verdict.Warning}

	streams = verdict.Join{
		Rule: verdict.Rule{Code: "F001", Name: "stream-taken", Severity: verdict.Error},
		Kind: verdict.JoinUnique, Noun: "event stream", Help: "give one of them another name",
	}
)

var started = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

const (
	firstCommit  = "3f2c1ab9d0e4f5a6b7c8d9e0f1a2b3c4d5e6f708"
	secondCommit = "9a8b7c6d5e4f30211203f4e5d6c7b8a990817263"
)

// queueRun is a run through a queue that lasted so long.
func queueRun(took time.Duration) Run {
	return Run{
		ID: "r-20260314-0926", Mode: "queue", Checker: "manifest", Engine: "sha256:e1", Queue: "muster-ci", Redis: "redis.internal:6379",
		Regions: []string{"dev-uk", "prod-uk"}, Workers: 16, Started: started, Finished: started.Add(took),
	}
}

func manifest(service string, line, column int) verdict.Place {
	return verdict.Place{File: "services/" + service + "/manifest.yml", Line: line, Column: column}
}

func decided(service string, d verdict.Decision) verdict.Verdict {
	if d.Regions == nil && d.Skipped == "" {
		d.Regions = []string{"dev-uk", "prod-uk"}
	}
	return about(service).Of(verdict.Part{Check: "manifest", Engine: "sha256:e1", Decision: d})
}

func about(service string) verdict.Subject {
	return verdict.Subject{Unit: id.Unit(service), Path: "services/" + service, Digest: id.Digest("sha256:" + strings.Repeat("ab", 4))}
}

func undecided(service, cause string) verdict.Verdict {
	return about(service).Of(verdict.Part{Check: "manifest", Engine: "sha256:e1", Failure: cause})
}

// inRegions is f, held to regions.
func inRegions(f verdict.Finding, regions ...string) verdict.Finding {
	f.Regions = regions
	return f
}

// errsOfAllKinds are services with every kind of outcome; "search" and
// "warehouse" are expected beside them.
func errsOfAllKinds() []verdict.Verdict {
	limit := inRegions(limits.At(manifest("billing", 14, 15), "cpu request 2 is above its limit 1",
		"lower the request or raise the limit"), "dev-uk", "prod-uk")
	health := manifest("billing", 30, 3)
	health.Path = "health.uri"
	stream := func(service string, line int) []verdict.Claim {
		return []verdict.Claim{{Joins: []string{"F001"}, Role: verdict.Unique, Key: "orders", Regions: []string{"dev-uk"}, Place: manifest(service, line, 9)}}
	}
	return []verdict.Verdict{
		decided("account", verdict.Decision{}),
		decided("billing", verdict.Decision{
			Findings: []verdict.Finding{legacy.At(health, `field "uri" is no longer read`, `use "path"`), limit, idle.At(manifest("billing", 33, 1), "nobody reads this", "")},
			Claims:   stream("billing", 41),
		}),
		decided("checkout", verdict.Decision{Claims: stream("checkout", 12)}),
		undecided("gateway", "the check took longer than 30s, 3 times"),
		decided("ledger", verdict.Decision{Skipped: verdict.External, Findings: []verdict.Finding{idle.At(manifest("ledger", 2, 1), "nobody reads this", "")}}),
		decided("mailer", verdict.Decision{Skipped: verdict.NotDeployed, Findings: []verdict.Finding{
			legacy.At(verdict.Place{File: "services/mailer/templates/env.j2"}, "the template is empty", "")}}),
		undecided("pricing", "its folder holds 1.4 MiB, the limit is 1 MiB"),
	}
}

// reportCase is a report with the options that its text is shown with.
type reportCase struct {
	name   string
	report Report
	text   Options
}

func cases() []reportCase {
	all := kinds()
	return []reportCase{
		{"all-ok", allOK(), Options{}},
		{"all-kinds", all, Options{}},
		{"all-kinds-verbose", all, Options{Verbose: true}},
		{"all-kinds-quiet", all, Options{Quiet: true}},
		{"all-kinds-color", all, Options{Color: true, Verbose: true}},
		{"config", configErrors(), Options{}},
		{"partial", partialRun(), Options{}},
		{"empty", Report{Run: Run{Mode: "validate", Started: started, Finished: started}, Summary: summary(aggregator.Options{Whole: true})}, Options{}},
		{"hostile", hostile(), Options{}},
		{"doubtful", doubtful(), Options{}},
		{"stopped", stopped(), Options{}},
		{"other-engine", otherEngine(), Options{}},
		{"superseded", superseded(), Options{}},
		{"superseded-at-once", supersededAtOnce(), Options{}},
		{"many-missing", manyMissing(), Options{Quiet: true}},
		{"several-checks", severalChecks(), Options{}},
		{"units-some", unitsOf(aggregator.Options{}), Options{}},
		{"units-undecided", unitsOf(aggregator.Options{Whole: true}), Options{}},
	}
}

// summary folds verdicts whose services are expected and make up the fleet.
func summary(o aggregator.Options, verdicts ...verdict.Verdict) policy.Summary {
	f := aggregator.New(o)
	for _, v := range verdicts {
		f.AddKnown(v.Unit)
		f.Expect(v.Unit)
		f.Add(v)
	}
	return policy.Policy{}.Apply(f.Summary(nil))
}

func kinds() Report {
	path := func(unit id.Unit) string { return "services/" + string(unit) }
	f := aggregator.New(aggregator.Options{Whole: true, Joins: []verdict.Join{streams}, Path: path})
	f.AddKnown("search", "warehouse")
	f.Expect("search", "warehouse")
	for _, v := range errsOfAllKinds() {
		f.AddKnown(v.Unit)
		f.Expect(v.Unit)
		f.Add(v)
	}
	cause := func(unit id.Unit) string { return "no verdict within 10m0s; " + string(unit) + " was enqueued 3 times" }
	run := queueRun(10*time.Minute + 1230*time.Millisecond)
	run.Checkout = &Checkout{Folder: "/srv/ci/manifests", Commit: firstCommit, Branch: "main", Units: "services", Files: 1}
	return Report{Run: run, Summary: policy.Policy{}.Apply(f.Summary(cause))}
}

func allOK() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	for i := range 10_000 {
		name := fmt.Sprintf("service-%05d", i)
		f.AddKnown(id.Unit(name))
		f.Expect(id.Unit(name))
		f.Add(decided(name, verdict.Decision{}))
	}
	run := queueRun(1440 * time.Millisecond)
	run.Checkout = &Checkout{Folder: "/srv/ci/manifests", Units: "services", Files: 1200}
	return Report{Run: run, Summary: policy.Policy{}.Apply(f.Summary(nil))}
}

func configErrors() Report {
	return Report{
		Run: Run{Mode: "embedded", Started: started, Finished: started.Add(3 * time.Millisecond)},
		Summary: summary(aggregator.Options{Whole: true, Config: []verdict.Finding{
			unused.At(verdict.Place{File: "teams.yml", Line: 7, Column: 5}, `team "old" owns no service`, ""),
			syntax.At(verdict.Place{File: "shipcat.conf", Line: 88, Column: 3}, `unknown field "defualts"`, `did you mean "defaults"?`),
		}}),
	}
}

func partialRun() Report {
	f := aggregator.New(aggregator.Options{Joins: []verdict.Join{streams}})
	for i := range 10_000 {
		f.AddKnown(id.Unit(fmt.Sprintf("service-%05d", i)))
	}
	for i, s := range []verdict.Skipped{"", verdict.NotDeployed, verdict.NotDeployed, verdict.Disabled, "retired"} {
		name := fmt.Sprintf("service-%05d", i)
		f.Expect(id.Unit(name))
		f.Add(decided(name, verdict.Decision{Skipped: s}))
	}
	return Report{Run: queueRun(340 * time.Millisecond), Summary: policy.Policy{}.Apply(f.Summary(nil))}
}

// hostile has text that would like to talk to a terminal, or to a CI system.
func hostile() Report {
	attack := manifest("evil", 1, 1)
	attack.File = "services/evil/\x1b]0;owned\a.yml"
	run := queueRun(time.Second)
	run.Checkout = &Checkout{Folder: "/srv/\x1b[2J\xff", Commit: firstCommit, Branch: "\u202efix", Units: "ser\nvices", Files: 2}
	return Report{Run: run, Summary: summary(aggregator.Options{Whole: true},
		decided("evil", verdict.Decision{Findings: []verdict.Finding{
			inRegions(limits.At(attack, "value \x1b[2J\x1b[31m\u202ecod\u202c is\r\nnot <b>\xff\xfe</b> & a number\u0085", "remove\n::error::all of it"), "dev\x00uk"),
		}}),
		undecided("::error::evil", "panic:\n\tgoroutine 1\x9b2J"),
		decided("fine\ngenuine", verdict.Decision{Regions: []string{}, Skipped: "dis\x1babled"}),
	)}
}

// doubtful is complete, and yet not to be believed as it is.
func doubtful() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.Expect("billing", "search")
	f.AddKnown("billing", "search")
	f.Add(decided("billing", verdict.Decision{}))
	f.Add(decided("billing", verdict.Decision{Findings: []verdict.Finding{limits.At(manifest("billing", 1, 1), "odd", "")}}))
	f.Add(decided("stranger", verdict.Decision{}))
	other := decided("search", verdict.Decision{})
	other.Parts[0].Engine = "sha256:e2"
	f.Add(other)
	r := Report{Run: queueRun(59960 * time.Millisecond), Summary: policy.Policy{}.Apply(f.Summary(nil))}
	r.Run.DecidedHere = 1
	return r
}

// stopped ended at its first err, before all was decided.
func stopped() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.AddKnown("billing", "search")
	f.Expect("billing", "search")
	f.Add(decided("billing", verdict.Decision{Findings: []verdict.Finding{limits.At(manifest("billing", 1, 1), "cpu request 2 is above its limit 1", "")}}))
	r := Report{Run: Run{Mode: "validate", Stopped: "stopped after the first err", Started: started, Finished: started.Add(12 * time.Millisecond),
		Checkout: &Checkout{Folder: "/home/me/manifests", Commit: firstCommit, Branch: "fix/pay", MovedTo: secondCommit, Units: "services"}}}
	r.Summary = policy.Policy{}.Apply(f.Summary(func(id.Unit) string { return r.Run.Stopped }))
	return r
}

// severalChecks has services of which some checks could not decide, and a finding that speaks
// of other places.
func severalChecks() Report {
	chart := func(failure string, fs ...verdict.Finding) verdict.Part {
		return verdict.Part{Check: "chart", Engine: "sha256:e1", Failure: failure, Decision: verdict.Decision{Findings: fs}}
	}
	manifestOf := func(failure string, d verdict.Decision) verdict.Part {
		return verdict.Part{Check: "manifest", Engine: "sha256:e1", Failure: failure, Decision: d}
	}
	regions := []string{"dev-uk", "prod-uk"}
	far := limits.At(manifest("billing", 14, 15), "cpu request 2 is above its limit 1", "lower the request or raise the limit")
	values := verdict.Place{File: "shipcat.conf", Line: 31, Column: 12, Path: "defaults.resources"}
	far.Related = []verdict.Related{{Place: values, Text: "limit set here"}, {Place: verdict.Place{File: "services/billing/prod-uk.yml"}, Text: "also there"}}
	s := summary(aggregator.Options{Whole: true},
		about("account").Of(chart(""), manifestOf("", verdict.Decision{Regions: regions})),
		about("billing").Of(chart("the chart cannot be read"), manifestOf("", verdict.Decision{Regions: regions, Findings: []verdict.Finding{far}})),
		about("gateway").Of(chart("the chart cannot be read"), manifestOf("it panicked", verdict.Decision{})),
		about("mailer").Of(chart("", limits.At(manifest("mailer", 2, 1), "odd", "")), manifestOf("", verdict.Decision{Regions: regions})))
	r := Report{Run: queueRun(2 * time.Second), Summary: s}
	r.Run.Checker = "chart,manifest"
	return r
}

// otherEngine was decided by workers of another version than the program that reports.
func otherEngine() Report {
	r := Report{Run: queueRun(2 * time.Second), Summary: summary(aggregator.Options{Whole: true}, decided("billing", verdict.Decision{}))}
	r.Run.Engine = "sha256:e2"
	return r
}

// superseded ended for a newer run, in the middle.
func superseded() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.AddKnown("billing", "search")
	f.Expect("billing", "search")
	f.Add(decided("billing", verdict.Decision{}))
	r := Report{Run: queueRun(2 * time.Second)}
	r.Run.Stopped, r.Run.Superseded = "superseded by run 2026-2", true
	r.Summary = policy.Policy{}.Apply(f.Summary(func(id.Unit) string { return r.Run.Stopped }))
	return r
}

// supersededAtOnce had listed nothing.
func supersededAtOnce() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	f.ListingIncomplete()
	r := Report{Run: queueRun(2 * time.Second), Summary: policy.Policy{}.Apply(f.Summary(nil))}
	r.Run.Stopped, r.Run.Superseded = "superseded by run 2026-2", true
	return r
}

// manyMissing has more services without a verdict than are worth a line each, one that
// failed after them, and one that is invalid before.
func manyMissing() Report {
	f := aggregator.New(aggregator.Options{Whole: true})
	for i := range 10_000 {
		unit := id.Unit(fmt.Sprintf("search-%05d", i))
		f.AddKnown(unit)
		f.Expect(unit)
	}
	for _, v := range []verdict.Verdict{undecided("warehouse", "it panicked"),
		decided("billing", verdict.Decision{Findings: []verdict.Finding{limits.At(manifest("billing", 1, 1), "cpu request 2 is above its limit 1", "")}})} {
		f.AddKnown(v.Unit)
		f.Expect(v.Unit)
		f.Add(v)
	}
	return Report{Run: queueRun(2 * time.Second), Summary: policy.Policy{}.Apply((f.Summary(func(id.Unit) string { return "no worker" })))}
}

// unitsOf are units of a repository that has no services: one that is invalid, and of which a
// need is left open, one that failed, and of a selection one more that was not selected.
func unitsOf(o aggregator.Options) Report {
	rule := verdict.Rule{Code: "subworkflow/exists", Name: "exists", Severity: verdict.Error}
	unique := verdict.Rule{Code: "module/unique", Name: "unique", Severity: verdict.Error}
	o.Joins = []verdict.Join{
		{Rule: rule, Kind: verdict.JoinKnown, Spaces: []string{"module", "subworkflow"}, Noun: "component"},
		{Rule: unique, Kind: verdict.JoinUnique, Spaces: []string{"title"}, Noun: "title", Help: "rename one of them"},
	}
	claim := func(role verdict.Role, key string, line int, names ...string) verdict.Claim {
		return verdict.Claim{Joins: names, Role: role, Key: key, Place: verdict.Place{File: "modules/bwa/mem/meta.yml", Line: line, Column: 5}}
	}
	decided := func(unit string, claims ...verdict.Claim) verdict.Verdict {
		return about(unit).Of(verdict.Part{Check: "declared", Engine: "e1", Decision: verdict.Decision{Claims: claims}})
	}
	verdicts := []verdict.Verdict{
		decided("modules/bwa/mem/meta.yml", claim(verdict.Unique, "bwa", 2, "module/unique", "title"), claim(verdict.Unique, "bwa", 4, "module/unique", "title"),
			claim(verdict.Needs, "bwa/align", 9, "subworkflow/exists")),
		undecided("modules/snpeff/meta.yml", "it panicked"),
	}
	f := aggregator.New(o)
	f.AddKnown("modules/snpeff/snpeff/meta.yml")
	for _, v := range verdicts {
		f.AddKnown(v.Unit)
		f.Expect(v.Unit)
		f.Add(v)
	}
	r := Report{Run: queueRun(2 * time.Second), Summary: policy.Policy{}.Apply(f.Summary(nil))}
	r.Run.Noun = Noun{"unit", "units"}
	return r
}
