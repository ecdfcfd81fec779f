package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// runtime judges what it takes to run the service's replicas.
func (e *evaluation) runtime() {
	if e.m.get("resources") == nil {
		e.add(ruleResourcesMissing.At(e.m.under("resources"), "resources is missing", "give requests and limits of cpu and memory"))
	}
	switch r := e.m.get("replicaCount"); {
	case r == nil:
		e.add(ruleReplicas.At(e.m.under("replicaCount"), "replicaCount is missing, here and in the defaults of shipcat.conf", "give a number of at least 1"))
	case r.good() && r.num == 0:
		e.fault(ruleReplicas, r, "replicaCount is 0; expected at least 1", "to deploy the service nowhere, set disabled: true in manifest.yml")
	}
	switch c := e.m.get("chart"); {
	case c == nil:
		e.add(ruleChart.At(e.m.under("chart"), "chart is missing, here and in the defaults of shipcat.conf", "name the helm chart that deploys the service"))
	case c.good() && c.text == "":
		e.fault(ruleChart, c, "chart is empty", "name the helm chart that deploys the service")
	}
	e.rollingUpdate()
	for _, t := range e.m.get("tolerations").list() {
		e.toleration(t)
	}
}

func (e *evaluation) rollingUpdate() {
	v := e.m.get("rollingUpdate")
	if !v.good() {
		return
	}
	if v.get("maxUnavailable") == nil && v.get("maxSurge") == nil {
		e.fault(ruleRollingUpdate, v, "rollingUpdate has neither maxUnavailable nor maxSurge", "give one of them, or take rollingUpdate out")
	}
	e.rollingAmount(v.get("maxUnavailable"))
	e.rollingAmount(v.get("maxSurge"))
	e.rolloutMoves(v)
}

// rollingAmount judges a number of replicas or a percentage of them. The number
// is compared with replicaCount also where the service scales by itself.
func (e *evaluation) rollingAmount(v *value) {
	if !v.good() {
		return
	}
	if !v.isText() {
		if n, ok := e.m.number("replicaCount"); ok && v.num > n {
			e.fault(ruleRollingUpdate, v, fmt.Sprintf("%s is %d, above replicaCount, which is %d", v.path(), v.num, n), "")
		}
		return
	}
	number, _, percent := strings.Cut(v.text, "%")
	n, err := strconv.ParseUint(strings.TrimPrefix(number, "+"), 10, 32)
	switch {
	case !percent || !strings.HasSuffix(v.text, "%"):
		e.offer(ruleRollingUpdate, v, fmt.Sprintf("%s is the string %q; expected a percentage such as 25%%", v.path(), v.text), amountMeant(v))
	case err != nil || n > 100:
		e.fault(ruleRollingUpdate, v, fmt.Sprintf("%s is %q; expected a whole percentage from 0%% to 100%%", v.path(), v.text), "")
	}
}

// amountMeant proposes the number that v's text is.
func amountMeant(v *value) proposal {
	const otherwise = "a number of replicas is written without quotes"
	if _, whole := Serde.Integer(v.text); !whole {
		return advice(otherwise)
	}
	return writeYAML(v, v.text, " without quotes").or(otherwise)
}

func (e *evaluation) toleration(t *value) {
	operator, ok := t.str("operator")
	given := t.get("value")
	switch {
	case !ok || given.isBad():
	case operator == "Exists" && given != nil:
		e.fault(ruleToleration, given, fmt.Sprintf("%s is %q, but the operator Exists takes no value", given.path(), given.text), "drop the value, or use the operator Equal")
	case operator == "Equal" && given == nil:
		e.add(ruleToleration.At(t.under("value"), t.path()+".value is missing; the operator Equal takes one", "give a value, or use the operator Exists"))
	}
	effect, ok := t.str("effect")
	if seconds := t.get("tolerationSeconds"); seconds.good() && ok && effect != "NoExecute" {
		e.fault(ruleToleration, seconds, fmt.Sprintf("%s is set with the effect %s; expected NoExecute", seconds.path(), effect), "")
	}
}

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
