package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var (
	ipv4     = regexp.MustCompile(`^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$`)
	hostname = regexp.MustCompile(`^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\-]*[A-Za-z0-9])$`)
	ruleHost = regexp.MustCompile(`^(?:[A-Za-z0-9][-A-Za-z0-9_\.]*)?[A-Za-z0-9]$`)
)

const maxHostLength = 63 // bytes, as Kubernetes has it

// network judges whom the service talks to, and what it may do in the cluster.
func (e *evaluation) network() {
	for _, d := range e.m.Get("dependencies").Items() {
		e.dependency(d)
	}
	for _, a := range e.m.Get("hostAliases").Items() {
		e.hostAlias(a)
	}
	for _, r := range e.m.Get("rbac").Items() {
		for _, key := range []string{"apiGroups", "resources", "verbs"} {
			if l := r.Get(key); l.Good() && len(l.Items()) == 0 {
				e.fault(ruleRBAC, l, l.Path()+" is empty", rbacHint[key])
			}
		}
	}
	for _, key := range []string{"httpPort", "externalPort"} {
		e.portRange(e.m.Get(key))
	}
}

var rbacHint = map[string]string{"apiGroups": "the empty string stands for the core API group"}

// dependency judges the API's version: a number, however many v before it.
func (e *evaluation) dependency(d *yamldoc.Value) {
	v := d.Get("api")
	if !v.Good() || v.Text() == "" {
		return
	}
	number := strings.TrimPrefix(strings.TrimLeft(v.Text(), "v"), "+")
	if _, err := strconv.ParseUint(number, 10, 64); err != nil {
		e.fault(ruleDependencyAPI, v, fmt.Sprintf("%s is %q; expected v and a number, such as v1", v.Path(), v.Text()), "")
	}
}

func (e *evaluation) hostAlias(a *yamldoc.Value) {
	if ip := a.Get("ip"); ip.Good() && !ipv4.MatchString(ip.Text()) {
		e.fault(ruleHostAlias, ip, fmt.Sprintf("%s is %q; expected an IPv4 address without leading zeros", ip.Path(), ip.Text()), "")
	}
	names := a.Get("hostnames")
	if names.Good() && len(names.Items()) == 0 {
		e.fault(ruleHostAlias, names, names.Path()+" is empty; expected at least one name", "")
	}
	for _, n := range names.Items() {
		if n.Good() && !hostname.MatchString(n.Text()) {
			e.fault(ruleHostAlias, n, fmt.Sprintf("%s is %q; expected a host name", n.Path(), n.Text()), "")
		}
	}
}

// destinationRules judges rules by the region's expression for identifiers.
func (e *evaluation) destinationRules() {
	v := e.m.Get("destinationRules")
	if !v.Good() {
		return
	}
	if e.region.value.Get("destinationRuleHostRegex") == nil {
		e.add(ruleDestinationRegion.At(v.KeyPlace(), fmt.Sprintf("destinationRules is given, but the region %q has no destinationRuleHostRegex", e.region.name), "set it in shipcat.conf, or take the rules out"))
		return
	}
	for _, r := range v.Items() {
		e.destinationRule(r)
	}
}

func (e *evaluation) destinationRule(r *yamldoc.Value) {
	if id, re := r.Get("identifier"), e.region.hostRule; id.Good() && re != nil && !re.MatchString(id.Text()) {
		e.fault(ruleDestination, id, fmt.Sprintf("%s is %q; expected a match of the region's %s", id.Path(), id.Text(), re), "")
	}
	if h := r.Get("host"); h.Good() && (len(h.Text()) > maxHostLength || !ruleHost.MatchString(h.Text())) {
		e.fault(ruleDestination, h, fmt.Sprintf("%s is %q; expected a host of up to %d letters, digits, dots, dashes and underscores", h.Path(), h.Text(), maxHostLength), "")
	}
}

// Shipcat's verification of dependencies, hostAliases, rbac and destinationRules; the last of
// external services too.
var (
	ruleDependencyAPI = define(verdict.Rule{Code: "M431", Name: "dependency-api", Severity: verdict.Error,
		Summary: "the API version of a dependency is v and a number",
		Good:    "dependencies: [{name: svc, api: v2}]\n", Bad: "dependencies: [{name: svc, api: v1beta1}] # want 33 `api is \"v1beta1\"`\n"})
	ruleHostAlias = define(verdict.Rule{Code: "M432", Name: "host-alias", Severity: verdict.Error,
		Summary: "host aliases are an IPv4 address and at least one host name",
		Good:    "hostAliases: [{ip: 10.0.0.1, hostnames: [a.example]}]\n", Bad: "hostAliases: [{ip: 10.0.0.01, hostnames: [a.example]}] # want 20 `ip is \"10.0.0.01\"`\n"})
	ruleRBAC = define(verdict.Rule{Code: "M433", Name: "rbac", Severity: verdict.Error,
		Summary: "apiGroups, resources and verbs of a right are not empty",
		Good:    "rbac: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n", Bad: "rbac: [{apiGroups: [], resources: [pods], verbs: [get]}] # want 20 \"rbac[0].apiGroups is empty\"\n"})
	ruleDestinationRegion = define(verdict.Rule{Code: "M434", Name: "destination-rules-region", Severity: verdict.Error,
		Summary: "destinationRules are given where the region supports them",
		Good:    "destinationRules: [{identifier: ABC, host: a.example}]\n",
		Bad:     "regions: [dev-plain]\ndestinationRules: [] # want 1 \"destinationRules is given\"\n"})
	ruleDestination = define(verdict.Rule{Code: "M435", Name: "destination-rule", Severity: verdict.Error,
		Summary: "a destination rule has an identifier as the region wants it, and a host",
		Good:    "destinationRules: [{identifier: ABC, host: a.example}]\n", Bad: "destinationRules: [{identifier: ABC, host: \"a:80\"}] # want 44 `host is \"a:80\"`\n"})
)
