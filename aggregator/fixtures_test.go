package aggregator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// The fleet rules of the tests: one of each kind, and a second Unique one, which
// only warns; then some with key spaces, of which two look in the same one.
var (
	streams = verdict.Join{
		Rule: verdict.Rule{Code: "T1", Name: "stream-taken", Severity: verdict.Error},
		Kind: verdict.JoinUnique, Noun: "event stream", Help: "rename one of them",
	}
	routes = verdict.Join{
		Rule: verdict.Rule{Code: "T2", Name: "route-taken", Severity: verdict.Warning},
		Kind: verdict.JoinUnique, Noun: "route",
	}
	known = verdict.Join{
		Rule: verdict.Rule{Code: "T3", Name: "no-such-service", Severity: verdict.Error},
		Kind: verdict.JoinExists, Noun: "dependency", Help: "remove it or add the service",
	}
	deployed = verdict.Join{
		Rule: verdict.Rule{Code: "T4", Name: "dependency-elsewhere", Severity: verdict.Warning},
		Kind: verdict.JoinProvided, Noun: "dependency",
	}
	loops = verdict.Join{
		Rule: verdict.Rule{Code: "T5", Name: "dependency-cycle", Severity: verdict.Warning},
		Kind: verdict.JoinAcyclic, Noun: "dependency", Help: "turn one of them round",
	}
	newIDs = verdict.Join{
		Rule: verdict.Rule{Code: "T6", Name: "id-taken", Severity: verdict.Error},
		Kind: verdict.JoinUnique, Spaces: []string{"rule id"}, Noun: "id", Help: "make a new one",
	}
	oldIDs = verdict.Join{
		Rule: verdict.Rule{Code: "T7", Name: "old-id-taken", Severity: verdict.Warning},
		Kind: verdict.JoinUnique, Spaces: []string{"rule id"}, Noun: "old id",
	}
	components = verdict.Join{
		Rule: verdict.Rule{Code: "T8", Name: "no-such-component", Severity: verdict.Error},
		Kind: verdict.JoinKnown, Spaces: []string{"module", "rule id"}, Noun: "component", Help: "correct the name",
	}
	rings = verdict.Join{
		Rule: verdict.Rule{Code: "T9", Name: "module-cycle", Severity: verdict.Warning},
		Kind: verdict.JoinAcyclic, Spaces: []string{"module"}, Noun: "module", Help: "take one out",
	}
	spaced   = []verdict.Join{newIDs, oldIDs, components, rings}
	allJoins = append([]verdict.Join{streams, routes, known, deployed, loops}, spaced...)
)

// passed is an ok verdict with claims, which stand in the unit's manifest.
func passed(name string, claims ...verdict.Claim) verdict.Verdict {
	for i := range claims {
		claims[i].File = "services/" + name + "/manifest.yml"
	}
	return about(name).Of(decided(verdict.Decision{Regions: []string{"eu", "us"}, Claims: claims}))
}

func about(name string) verdict.Subject {
	return verdict.Subject{Unit: id.Unit(name), Digest: id.Digest("d-" + name)}
}

// decided is the part of the check of most fixtures.
func decided(d verdict.Decision) verdict.Part {
	return verdict.Part{Check: "manifest", Engine: "e1", Decision: d}
}

// withFinding is a verdict with one finding.
func withFinding(name string, severity verdict.Severity) verdict.Verdict {
	rule := verdict.Rule{Code: "M1", Name: "some-rule", Severity: severity}
	return about(name).Of(decided(verdict.Decision{Regions: []string{"eu", "us"}, Findings: []verdict.Finding{
		rule.At(verdict.Place{File: "services/" + name + "/manifest.yml", Line: 7, Column: 1}, "something is off", ""),
	}}))
}

func broke(name, cause string) verdict.Verdict {
	return about(name).Of(verdict.Part{Check: "manifest", Engine: "e1", Failure: cause})
}

// brokeInPart is v with another check that could not decide.
func brokeInPart(v verdict.Verdict, cause string) verdict.Verdict {
	return v.Of(append(slices.Clone(v.Parts), verdict.Part{Check: "policy", Engine: "e9", Failure: cause})...)
}

// claimed is a claim at a line; regions are one string with commas.
func claimed(j verdict.Join, role verdict.Role, key string, line int, regions string) verdict.Claim {
	c := verdict.Claim{Joins: []string{j.Rule.Code}, Role: role, Key: key, Place: verdict.Place{Line: line, Column: 3}}
	if regions != "" {
		c.Regions = strings.Split(regions, ",")
	}
	return c
}

// given is a claim that gives a key in a space, for a join if that is named too.
func given(role verdict.Role, key string, line int, regions string, names ...string) verdict.Claim {
	c := claimed(verdict.Join{}, role, key, line, regions)
	c.Joins = names
	return c
}

func stream(key string, line int, regions string) verdict.Claim {
	return claimed(streams, verdict.Unique, key, line, regions)
}

// findings are those of all units, one a line: unit:line rule [regions] message | help.
func findings(s Summary) []string {
	var lines []string
	for _, side := range [][]Unit{s.OKs, s.Errs} {
		for _, u := range side {
			for _, f := range u.Findings {
				line := fmt.Sprintf("%s:%d %s %v %s", u.Name, f.Line, f.Rule, f.Regions, f.Message)
				if f.Help != "" {
					line += " | " + f.Help
				}
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func names(units []Unit) []string {
	var all []string
	for _, s := range units {
		all = append(all, string(s.Name))
	}
	return all
}

// folded is a fold over verdicts. All of their units are known and expected.
func folded(joins []verdict.Join, verdicts ...verdict.Verdict) *Fold {
	f := New(Options{Joins: joins, Whole: true})
	for _, v := range verdicts {
		f.AddKnown(v.Unit)
		f.Expect(v.Unit)
		f.Add(v)
	}
	return f
}
