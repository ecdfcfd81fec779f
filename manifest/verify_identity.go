package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var (
	serviceName = regexp.MustCompile(`^[0-9a-z\-]{1,50}$`)
	gitRevision = regexp.MustCompile(`^[0-9a-f\-]{40}$`)
	semver      = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
)

// isSemver is a little laxer than the specification: 1.2.3-01 passes.
func isSemver(s string) bool {
	m := semver.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return false
	}
	for _, part := range m[1:4] {
		const digits = len("18446744073709551615")
		if len(part) > digits || len(part) == digits && part > "18446744073709551615" {
			return false
		}
	}
	return true
}

// name judges the service's name and, where a region was asked for, that the
// service is deployed there.
func (e *evaluation) name() {
	if e.scope == validateScope && !e.listed && !e.badRegions() {
		p := e.m.Under("regions")
		if v := e.m.Get("regions"); v != nil {
			p = v.Place()
		}
		e.add(ruleRegion.At(p, fmt.Sprintf("regions does not hold %q", e.region.name), "add it, or check another region"))
	}
	n := e.m.Get("name")
	switch {
	case !n.Good():
	case n.Text() != string(e.unit.Name) && serviceName.MatchString(string(e.unit.Name)):
		// the folder's name is good, and that the two differ was said
	case !serviceName.MatchString(n.Text()):
		e.fault(ruleServiceName, n, fmt.Sprintf("the name is %q; expected up to 50 lower case letters, digits and dashes", n.Text()), "")
	case strings.HasPrefix(n.Text(), "-") || strings.HasSuffix(n.Text(), "-"):
		e.fault(ruleServiceName, n, fmt.Sprintf("the name is %q; expected no dash at either end", n.Text()), "")
	}
}

// badRegions says that regions, or one of them, could not be read.
func (e *evaluation) badRegions() bool {
	v := e.m.Get("regions")
	return v.Bad() || slices.ContainsFunc(v.Items(), (*yamldoc.Value).Bad)
}

// versionScheme judges the version by the scheme of the region.
func (e *evaluation) versionScheme() {
	v := e.m.Get("version")
	if !v.Good() || !imageTag.MatchString(v.Text()) {
		return
	}
	switch {
	case isSemver(v.Text()):
	case e.region.scheme == "Semver":
		e.offer(ruleVersionScheme, v, fmt.Sprintf("version is %q; expected a semantic version such as 1.2.3", v.Text()), versionMeant(v))
	case e.region.scheme == "GitShaOrSemver" && !gitRevision.MatchString(v.Text()):
		e.offer(ruleVersionScheme, v, fmt.Sprintf("version is %q; expected a semantic version such as 1.2.3 or a full git revision of 40 digits", v.Text()), versionMeant(v))
	}
}

// versionMeant proposes the semantic version that v is but for a v before it, a
// patch number that is missing, or a mark that nothing follows.
func versionMeant(v *yamldoc.Value) yamldoc.Proposal {
	plain := strings.TrimPrefix(v.Text(), "v")
	whole := strings.TrimRight(plain, "-+.")
	switch {
	case isSemver(plain):
		return yamldoc.Shed(v, "the v", plain)
	case strings.Count(plain, ".") == 1 && isSemver(plain+".0"):
		return yamldoc.Rewrite(v, plain+".0")
	case isSemver(whole):
		return yamldoc.Shed(v, "the "+strconv.Quote(plain[len(whole):])+" at the end", whole)
	}
	return yamldoc.Advice("")
}

func (e *evaluation) gate() {
	v := e.m.Get("gate")
	if !v.Good() {
		return
	}
	if len(e.apis) == 0 {
		e.fault(ruleGateKong, v, "gate is set, but the service has no API in the gateway of this region", "give kong or kongApis a route, or take gate out")
	}
	gate, accessible := v.Flag("public"), e.m.Flag("publiclyAccessible")
	if gate != accessible && !v.Get("public").Bad() && !e.m.Get("publiclyAccessible").Bad() {
		e.fault(ruleGatePublic, v, fmt.Sprintf("gate.public is %t, but publiclyAccessible is %t", gate, accessible), "set both alike")
	}
}

func (e *evaluation) labels() {
	labels := e.m.Get("labels")
	var taken []string
	for _, l := range labels.Items() {
		if !slices.Contains(e.session.conf.labels, l.Key()) {
			if taken == nil {
				taken = keysOf(labels)
			}
			e.add(yamldoc.Meant(l.Key(), e.session.conf.labels, taken, l.Renamed).
				Of(ruleLabel.At(l.KeyPlace(), fmt.Sprintf("the label %q is not in allowedLabels of shipcat.conf", l.Key()), "")))
		}
	}
}

// ruleRegion is what shipcat's own validation of one service in one region finds. No
// command judges so: a service that is not deployed in the selected regions is counted as
// such. It is in no list of rules, and its code is not given to another one.
var ruleRegion = verdict.Rule{Code: "M401", Name: "not-in-region", Severity: verdict.Error}

// Shipcat's verification of a service's name, version, gate and labels.
var (
	ruleServiceName = define(verdict.Rule{Code: "M402", Name: "service-name", Severity: verdict.Error,
		Summary: "a service's name is up to 50 lower case letters, digits and inner dashes",
		Good:    "name: svc\n", Bad: "-- services/Svc/manifest.yml --\nname: Svc # want 7 `the name is \"Svc\"`\nmetadata: {team: sq}\nregions: [dev-uk]\nhealth: {}\n" +
			"resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n"})
	ruleVersionScheme = define(verdict.Rule{Code: "M403", Name: "version-scheme", Severity: verdict.Error,
		Summary: "a version is what the region's versioningScheme asks for",
		Good:    "version: 1.2.3\n", Bad: "version: latest # want 10 `version is \"latest\"`\n"})
	ruleGateKong = define(verdict.Rule{Code: "M404", Name: "gate-without-kong", Severity: verdict.Error,
		Summary: "a service with a gate has an API in the gateway",
		Good:    "gate: {}\nkong: {uris: /x, authorization: {enabled: false}}\n", Bad: "gate: {} # want 7 \"gate is set, but the service has no API in the gateway of this region\"\n"})
	ruleGatePublic = define(verdict.Rule{Code: "M405", Name: "gate-public", Severity: verdict.Error,
		Summary: "gate.public says the same as publiclyAccessible",
		Good:    "gate: {public: true}\npubliclyAccessible: true\nkong: {uris: /x, authorization: {enabled: false}}\n",
		Bad:     "gate: {public: true} # want 7 \"gate.public is true\"\nkong: {uris: /x, authorization: {enabled: false}}\n"})
	ruleLabel = define(verdict.Rule{Code: "M406", Name: "label", Severity: verdict.Error,
		Summary: "labels are in allowedLabels",
		Good:    "labels: {tier: gold}\n", Bad: "labels: {teir: gold} # want 10 `the label \"teir\" is not in allowedLabels of shipcat.conf`\n"})
)
