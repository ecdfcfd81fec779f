package manifest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// TestClaims lists what a service claims, with every region it claims it in.
func TestClaims(t *testing.T) {
	t.Parallel()
	const manifest = `dependencies: [{name: other}]
dataHandling: {processes: [{field: Email, source: store}]}
eventStreams: [{name: orders, eventDefinitions: [{key: k, value: v}]}, {name: orders, eventDefinitions: [{key: k, value: v}]}]
kafkaResources: {topics: [{name: orders}], users: [{name: reader, acls: []}]}
kongApis: {svc-a: {uris: /a, authorization: {enabled: false}}}
`
	tests := []struct{ name, example, want string }{
		{"deployed in two regions", twoRegions + manifest, `
M601 unique orders 10:23 [dev-plain dev-uk]
M601 unique orders 10:79 [dev-plain dev-uk]
M602 unique orders 11:34 [dev-plain dev-uk]
M603 unique reader 11:59 [dev-plain dev-uk]
M604 needs other 8:23 [dev-plain dev-uk]
M605 needs store 9:51 [dev-plain dev-uk]
M606 needs other 8:23 [dev-plain dev-uk]
M606 provides svc 0:0 [dev-plain dev-uk]
M607 needs other 8:23 [dev-plain dev-uk]
M608 unique svc-a 12:12 [dev-uk]
`},
		{"external", "external: true\n" + manifest, `
M605 needs store 10:51 [dev-uk]
M606 provides svc 0:0 [dev-uk]
`},
		{"deployed nowhere", "regions: []\n" + manifest, "\n"},
		{"with mistakes", "labels: {nope: x}\n", `
M606 provides svc 0:0 [dev-uk]
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			for _, c := range exampleRepo(t).lay(tt.example).check(t, "svc").Claims {
				for _, join := range c.Joins {
					lines = append(lines, fmt.Sprintf("%s %s %s %d:%d %v\n", join, c.Role, c.Key, c.Line, c.Column, c.Regions))
				}
			}
			slices.Sort(lines)
			if diff := cmp.Diff(tt.want, "\n"+strings.Join(lines, "")); diff != "" {
				t.Errorf("expected (-) and got (+):\n%s", diff)
			}
		})
	}
}

// TestEveryClaimHasAJoin: joins and claims speak of the same rules, in roles
// that the kind of join reads.
func TestEveryClaimHasAJoin(t *testing.T) {
	t.Parallel()
	codes := map[string]verdict.JoinKind{}
	for _, j := range joins() {
		codes[j.Rule.Code] = j.Kind
		if j.Noun == "" || j.Help == "" {
			t.Errorf("%s: expected a noun and help", j.Rule.Code)
		}
	}
	for _, r := range Rules() {
		if _, joined := codes[r.Code]; joined != strings.HasPrefix(r.Code, "M6") {
			t.Errorf("%s: a rule of the fleet has a join, and no other has", r.Code)
		}
	}
	roles := map[verdict.JoinKind][]verdict.Role{
		verdict.JoinUnique: {verdict.Unique}, verdict.JoinExists: {verdict.Needs},
		verdict.JoinProvided: {verdict.Needs, verdict.Provides}, verdict.JoinAcyclic: {verdict.Needs},
	}
	for _, c := range exampleRepo(t).lay(stream+"dependencies: [{name: other}]\n").check(t, "svc").Claims {
		for _, join := range c.Joins {
			if !slices.Contains(roles[codes[join]], c.Role) {
				t.Errorf("%s claims %s, which its join does not read", join, c.Role)
			}
		}
	}
}
