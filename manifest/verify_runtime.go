package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// runtime judges what it takes to run the service's replicas.
func (e *evaluation) runtime() {
	if e.m.Get("resources") == nil {
		e.add(ruleResourcesMissing.At(e.m.Under("resources"), "resources is missing", "give requests and limits of cpu and memory"))
	}
	switch r := e.m.Get("replicaCount"); {
	case r == nil:
		e.add(ruleReplicas.At(e.m.Under("replicaCount"), "replicaCount is missing, here and in the defaults of shipcat.conf", "give a number of at least 1"))
	case r.Good() && r.Int() == 0:
		e.fault(ruleReplicas, r, "replicaCount is 0; expected at least 1", "to deploy the service nowhere, set disabled: true in manifest.yml")
	}
	switch c := e.m.Get("chart"); {
	case c == nil:
		e.add(ruleChart.At(e.m.Under("chart"), "chart is missing, here and in the defaults of shipcat.conf", "name the helm chart that deploys the service"))
	case c.Good() && c.Text() == "":
		e.fault(ruleChart, c, "chart is empty", "name the helm chart that deploys the service")
	}
	e.rollingUpdate()
	for _, t := range e.m.Get("tolerations").Items() {
		e.toleration(t)
	}
}

func (e *evaluation) rollingUpdate() {
	v := e.m.Get("rollingUpdate")
	if !v.Good() {
		return
	}
	if v.Get("maxUnavailable") == nil && v.Get("maxSurge") == nil {
		e.fault(ruleRollingUpdate, v, "rollingUpdate has neither maxUnavailable nor maxSurge", "give one of them, or take rollingUpdate out")
	}
	e.rollingAmount(v.Get("maxUnavailable"))
	e.rollingAmount(v.Get("maxSurge"))
	e.rolloutMoves(v)
}

// rollingAmount judges a number of replicas or a percentage of them. The number
// is compared with replicaCount also where the service scales by itself.
func (e *evaluation) rollingAmount(v *yamldoc.Value) {
	if !v.Good() {
		return
	}
	if !v.IsText() {
		if n, ok := e.m.Number("replicaCount"); ok && v.Int() > n {
			e.fault(ruleRollingUpdate, v, fmt.Sprintf("%s is %d, above replicaCount, which is %d", v.Path(), v.Int(), n), "")
		}
		return
	}
	number, _, percent := strings.Cut(v.Text(), "%")
	n, err := strconv.ParseUint(strings.TrimPrefix(number, "+"), 10, 32)
	switch {
	case !percent || !strings.HasSuffix(v.Text(), "%"):
		e.offer(ruleRollingUpdate, v, fmt.Sprintf("%s is the string %q; expected a percentage such as 25%%", v.Path(), v.Text()), amountMeant(v))
	case err != nil || n > 100:
		e.fault(ruleRollingUpdate, v, fmt.Sprintf("%s is %q; expected a whole percentage from 0%% to 100%%", v.Path(), v.Text()), "")
	}
}

// amountMeant proposes the number that v's text is.
func amountMeant(v *yamldoc.Value) yamldoc.Proposal {
	const otherwise = "a number of replicas is written without quotes"
	if _, whole := yamldoc.Serde.Integer(v.Text()); !whole {
		return yamldoc.Advice(otherwise)
	}
	return yamldoc.Write(v, v.Text(), " without quotes").Or(otherwise)
}

func (e *evaluation) toleration(t *yamldoc.Value) {
	operator, ok := t.TextOf("operator")
	given := t.Get("value")
	switch {
	case !ok || given.Bad():
	case operator == "Exists" && given != nil:
		e.fault(ruleToleration, given, fmt.Sprintf("%s is %q, but the operator Exists takes no value", given.Path(), given.Text()), "drop the value, or use the operator Equal")
	case operator == "Equal" && given == nil:
		e.add(ruleToleration.At(t.Under("value"), t.Path()+".value is missing; the operator Equal takes one", "give a value, or use the operator Exists"))
	}
	effect, ok := t.TextOf("effect")
	if seconds := t.Get("tolerationSeconds"); seconds.Good() && ok && effect != "NoExecute" {
		e.fault(ruleToleration, seconds, fmt.Sprintf("%s is set with the effect %s; expected NoExecute", seconds.Path(), effect), "")
	}
}

// Shipcat's verification of what runs: resources, replicas, chart, rollouts, tolerations.
var (
	ruleResourcesMissing = define(verdict.Rule{Code: "M421", Name: "missing-resources", Severity: verdict.Error,
		Summary: "a deployed service has resources",
		Good:    "resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n", Bad: "# want services/svc/manifest.yml:1:1 \"resources is missing\"\nresources: null\n"})
	ruleReplicas = define(verdict.Rule{Code: "M422", Name: "replica-count", Severity: verdict.Error,
		Summary: "a deployed service has at least one replica",
		Good:    "replicaCount: 1\n", Bad: "replicaCount: 0 # want 15 \"replicaCount is 0\"\n"})
	ruleChart = define(verdict.Rule{Code: "M423", Name: "chart", Severity: verdict.Error,
		Summary: "a deployed service has a chart",
		Good:    "chart: base\n", Bad: "chart: \"\" # want 8 \"chart is empty\"\n"})
	ruleRollingUpdate = define(verdict.Rule{Code: "M424", Name: "rolling-update", Severity: verdict.Error,
		Summary: "rollingUpdate gives numbers up to replicaCount, or percentages",
		Good:    "replicaCount: 2\nrollingUpdate: {maxSurge: 2, maxUnavailable: 25%}\n", Bad: "replicaCount: 2\nrollingUpdate: {maxSurge: 3} # want 27 \"rollingUpdate.maxSurge is 3, above replicaCount\"\n"})
	ruleToleration = define(verdict.Rule{Code: "M425", Name: "toleration", Severity: verdict.Error,
		Summary: "tolerations have a value with Equal alone, and seconds with NoExecute alone",
		Good:    "tolerations: [{operator: Equal, key: a, value: b}]\n", Bad: "tolerations: [{operator: Exists, key: a, value: b}] # want 49 `value is \"b\", but the operator Exists takes no value`\n"})
)
