package manifest

import (
	"slices"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// mergeClaims makes one of a claim that holds in several regions.
func mergeClaims(list []verdict.Claim) []verdict.Claim {
	list = verdict.SortClaims(list)
	merged := list[:0]
	for _, c := range list {
		if n := len(merged); n == 0 || !widenClaim(&merged[n-1], c) {
			merged = append(merged, c)
		}
	}
	return merged
}

// widenClaim adds the regions of the same claim c to last.
func widenClaim(last *verdict.Claim, c verdict.Claim) bool {
	if !slices.Equal(last.Joins, c.Joins) || last.Role != c.Role || last.Key != c.Key || last.Place != c.Place {
		return false
	}
	for _, region := range c.Regions {
		if !slices.Contains(last.Regions, region) {
			last.Regions = append(last.Regions, region)
		}
	}
	return true
}

// The joins that read each kind of claim, sorted.
var (
	ofDependency = []string{ruleUnknownDependency.Code, ruleDependencyDeployed.Code, ruleDependencyCycle.Code}
	ofPresence   = []string{ruleDependencyDeployed.Code}
	ofSource     = []string{ruleUnknownSource.Code}
	ofStream     = []string{ruleEventStreamTwice.Code}
	ofTopic      = []string{ruleTopicTwice.Code}
	ofUser       = []string{ruleUserTwice.Code}
	ofAPI        = []string{ruleKongTwice.Code}
)

// claimAt records a claim for joins in the region whose turn it is.
func (e *evaluation) claimAt(joins []string, role verdict.Role, key string, p verdict.Place) {
	e.claims = append(e.claims, verdict.Claim{Joins: joins, Role: role, Key: key, Regions: e.region.alone, Place: p})
}

// claimValue records a claim of v's text, unless that is empty.
func (e *evaluation) claimValue(joins []string, role verdict.Role, v *yamldoc.Value) {
	if v.Good() && v.Text() != "" {
		e.claimAt(joins, role, v.Text(), v.Place())
	}
}

func (e *evaluation) claimDependency(name *yamldoc.Value) {
	if !name.Good() || name.Text() == "" {
		return
	}
	e.claimAt(ofDependency, verdict.Needs, name.Text(), name.Place())
}

// claim says what only the whole fleet can judge: in a region where the service
// is deployed, or is external: others may depend on that, and its data still comes
// from somewhere.
func (e *evaluation) claim() {
	for _, p := range e.m.Get("dataHandling").Get("processes").Items() {
		e.claimValue(ofSource, verdict.Needs, p.Get("source"))
	}
	e.claimAt(ofPresence, verdict.Provides, string(e.unit.Name), verdict.Place{File: e.fileName(manifestFile)})
	if e.root.Flag("external") {
		return
	}
	dependencies := e.m.Get("dependencies").Items()
	e.claims = slices.Grow(e.claims, len(dependencies)+4)
	for _, d := range dependencies {
		e.claimDependency(d.Get("name"))
	}
	for _, s := range e.m.Get("eventStreams").Items() {
		e.claimValue(ofStream, verdict.Unique, s.Get("name"))
	}
	for _, t := range e.m.Get("kafkaResources").Get("topics").Items() {
		e.claimValue(ofTopic, verdict.Unique, t.Get("name"))
	}
	for _, u := range e.m.Get("kafkaResources").Get("users").Items() {
		e.claimValue(ofUser, verdict.Unique, u.Get("name"))
	}
	for _, a := range e.apis {
		e.claimAt(ofAPI, verdict.Unique, a.name, a.v.KeyPlace())
	}
}

// joins are the fleet rules, in the order of their codes.
func joins() []verdict.Join {
	return []verdict.Join{
		{Rule: ruleEventStreamTwice, Kind: verdict.JoinUnique, Noun: "event stream", Help: "rename one of them, or let one service own it"},
		{Rule: ruleTopicTwice, Kind: verdict.JoinUnique, Noun: "kafka topic", Help: "rename one of them, or let one service own it"},
		{Rule: ruleUserTwice, Kind: verdict.JoinUnique, Noun: "kafka user", Help: "rename one of them"},
		{Rule: ruleUnknownDependency, Kind: verdict.JoinExists, Noun: "service", Help: "correct the name, or take the dependency out"},
		{Rule: ruleUnknownSource, Kind: verdict.JoinExists, Noun: "service", Help: "correct the source"},
		{Rule: ruleDependencyDeployed, Kind: verdict.JoinProvided, Noun: "service", Help: "deploy it in the region too, or drop the dependency there"},
		{Rule: ruleDependencyCycle, Kind: verdict.JoinAcyclic, Noun: "service", Help: "break the circle, for example with an event stream"},
		{Rule: ruleKongTwice, Kind: verdict.JoinUnique, Noun: "kong API", Help: "rename one of them"},
	}
}

// fleetExample is a second service beside svc, both with the keys given.
func fleetExample(svc, other string) string {
	const identity = "name: other\nmetadata: {team: sq}\nregions: [dev-uk]\nhealth: {}\n" +
		"resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n"
	return "-- services/svc/manifest.yml --\n" + svc + "-- services/other/manifest.yml --\n" + identity + other
}

const (
	stream      = "eventStreams: [{name: orders, eventDefinitions: [{key: k, value: v}]}]\n"
	otherStream = "eventStreams: [{name: refunds, eventDefinitions: [{key: k, value: v}]}]\n"
	topic       = "kafkaResources: {topics: [{name: orders}]}\n"
	user        = "kafkaResources: {users: [{name: reader, acls: []}]}\n"
	processes   = "dataHandling: {processes: [{field: Email, source: other}]}\n"
)

// Rules about the whole fleet. M601 to M603 are those of shipcat's verification of a region,
// M604 of its graph, M608 of its kong command; it asks nobody for the others.
var (
	ruleEventStreamTwice = define(verdict.Rule{Code: "M601", Name: "duplicate-event-stream", Severity: verdict.Error,
		Summary: "an event stream has one owner in a region",
		Good:    fleetExample(stream, otherStream),
		Bad: fleetExample(marked(stream, "23 `event stream \"orders\" in dev-uk is also declared by other`"),
			marked(stream, "23 `event stream \"orders\" in dev-uk is also declared by svc`"))})
	ruleTopicTwice = define(verdict.Rule{Code: "M602", Name: "duplicate-kafka-topic", Severity: verdict.Error,
		Summary: "a kafka topic has one owner in a region",
		Good:    fleetExample(topic, stream),
		Bad: fleetExample(marked(topic, "34 `kafka topic \"orders\" in dev-uk is also declared by other`"),
			marked(topic, "34 `kafka topic \"orders\" in dev-uk is also declared by svc`"))})
	ruleUserTwice = define(verdict.Rule{Code: "M603", Name: "duplicate-kafka-user", Severity: verdict.Error,
		Summary: "a kafka user has one owner in a region",
		Good:    fleetExample(user, topic),
		Bad: fleetExample(marked(user, "33 `kafka user \"reader\" in dev-uk is also declared by other`"),
			marked(user, "33 `kafka user \"reader\" in dev-uk is also declared by svc`"))})
	ruleUnknownDependency = define(verdict.Rule{Code: "M604", Name: "unknown-dependency", Severity: verdict.Error,
		Summary: "dependencies are services of the fleet",
		Good:    fleetExample("dependencies: [{name: other}]\n", ""),
		Bad:     "dependencies: [{name: other}] # want 23 `service \"other\" does not exist: no folder of the fleet has this name`\n"})
	ruleUnknownSource = define(verdict.Rule{Code: "M605", Name: "unknown-data-source", Severity: verdict.Error,
		Summary: "sources of processed data are services of the fleet",
		Good:    fleetExample(processes, ""),
		Bad:     marked(processes, "51 `service \"other\" does not exist`")})
	ruleDependencyDeployed = define(verdict.Rule{Code: "M606", Name: "dependency-not-deployed", Severity: verdict.Warning, Advice: true,
		Summary: "dependencies are deployed in the same region",
		Doc:     "A dependency may be reached in another region, or be on its way into this one.",
		Good:    fleetExample("dependencies: [{name: other}]\n", ""),
		Bad:     fleetExample("regions: [dev-plain]\ndependencies: [{name: other}] # want 23 `service \"other\" is not available in dev-plain, only in dev-uk`\n", "")})
	ruleDependencyCycle = define(verdict.Rule{Code: "M607", Name: "dependency-cycle", Severity: verdict.Warning, Advice: true,
		Summary: "dependencies do not run in a circle",
		Doc:     "Services that call each other may do so on purpose.",
		Good:    fleetExample("dependencies: [{name: other}]\n", ""),
		Bad: fleetExample("dependencies: [{name: other}] # want 23 `service cycle: other -> svc -> other`\n",
			"dependencies: [{name: svc}] # want 23 `service cycle: other -> svc -> other`\n")})
	ruleKongTwice = define(verdict.Rule{Code: "M608", Name: "duplicate-kong-api", Severity: verdict.Warning,
		Summary: "an API of the gateway has one owner in a region",
		Good:    fleetExample("kongApis: {svc-a: {uris: /a, authorization: {enabled: false}}}\n", ""),
		Bad: fleetExample("kongApis: {svc-a: {uris: /a, authorization: {enabled: false}}} # want 12 `kong API \"svc-a\" in dev-uk is also declared by svc-a`\n",
			"") + kongClash})
)

// kongClash is a service named like an API of svc.
var kongClash = "-- services/svc-a/manifest.yml --\nname: svc-a\nmetadata: {team: sq}\nregions: [dev-uk]\nhealth: {}\n" +
	"resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n" +
	"kong: {uris: /b, authorization: {enabled: false}} # want 1 `kong API \"svc-a\" in dev-uk is also declared by svc at`\n"
