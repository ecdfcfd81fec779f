package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// Ceilings of one container, after the machines that services run on.
const (
	maxCPU    = 36
	maxMemory = 72 << 30
)

var (
	memoryUnits = map[string]float64{
		"": 1, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50,
		"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
	}
	memoryUnitNames = []string{"Ki", "Mi", "Gi", "Ti", "Pi", "K", "M", "G", "T", "P"}
	cpuUnits        = map[string]float64{"": 1, "m": 1e-3, "k": 1e3}
	cpuUnitNames    = []string{"m", "k"}
)

// parseQuantity reads a number and a unit. All of the text behind the digits
// and dots is the unit: no sign, space or exponent. The message says what is
// wrong; it is empty for a good quantity.
func parseQuantity(text string, units map[string]float64, names []string) (amount float64, message string, help func(*value) proposal) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789."))
	scale, ok := units[text[digits:]]
	n, err := strconv.ParseFloat(text[:digits], 64)
	switch {
	case err != nil:
		return 0, "expected a number and a unit", func(*value) proposal { return advice("units are " + strings.Join(names, ", ")) }
	case !ok:
		return 0, fmt.Sprintf("the unit %q is unknown", text[digits:]), func(v *value) proposal { return unitMeant(v, digits, names) }
	}
	return n * scale, "", nil
}

// unitMeant proposes the unit that is written a little differently behind the
// digits of v.
func unitMeant(v *value, digits int, names []string) proposal {
	units, got := "units are "+strings.Join(names, ", ")+", or none", v.text[digits:]
	for _, n := range names {
		if strings.EqualFold(n, got) || got == n+"B" || got == n[:1]+"iB" {
			return asked(n, v.retold(v.text[:digits]+n)).or(units)
		}
	}
	return advice(units)
}

// quantity is a resource value that was read; v is nil where it was not.
type quantity struct {
	v      *value
	amount float64
}

func (q quantity) above(most float64) bool { return q.v != nil && q.amount > most }

// resources judges what a container asks for and may use.
func (e *evaluation) resources(v *value) {
	if !v.good() {
		return
	}
	requestCPU, requestMemory := e.resourceValues(v, "requests")
	limitCPU, limitMemory := e.resourceValues(v, "limits")
	e.requestFits(requestCPU, limitCPU)
	e.requestFits(requestMemory, limitMemory)
	for _, q := range []quantity{requestCPU, limitCPU} {
		if q.above(maxCPU) {
			e.fault(ruleResourceCeiling, q.v, fmt.Sprintf("%s is %s; expected at most %d cores", q.v.path(), q.v.text, maxCPU), "run more replicas instead")
		}
	}
	for _, q := range []quantity{requestMemory, limitMemory} {
		if q.above(maxMemory) {
			e.fault(ruleResourceCeiling, q.v, fmt.Sprintf("%s is %s; expected at most 72Gi", q.v.path(), q.v.text), "run more replicas instead")
		}
	}
}

func (e *evaluation) resourceValues(v *value, side string) (cpu, memory quantity) {
	values := v.get(side)
	if values == nil {
		e.add(ruleResourcesIncomplete.At(v.under(side), v.path()+"."+side+" is missing; expected cpu and memory", "resources are overridden as a whole: repeat what should stay"))
		return cpu, memory
	}
	return e.resourceValue(values, "cpu", cpuUnits, cpuUnitNames), e.resourceValue(values, "memory", memoryUnits, memoryUnitNames)
}

func (e *evaluation) resourceValue(values *value, key string, units map[string]float64, names []string) quantity {
	v := values.get(key)
	if values.missing(key) {
		e.add(ruleResourcesIncomplete.At(values.under(key), values.path()+"."+key+" is missing", "give both cpu and memory"))
	}
	if !v.good() {
		return quantity{}
	}
	amount, message, help := parseQuantity(v.text, units, names)
	if message != "" {
		e.offer(ruleQuantity, v, fmt.Sprintf("%s is %q: %s", v.path(), v.text, message), help(v))
		return quantity{}
	}
	return quantity{v, amount}
}

func (e *evaluation) requestFits(request, limit quantity) {
	if request.v != nil && limit.v != nil && request.amount > limit.amount {
		e.fault(ruleRequestAboveLimit, request.v, fmt.Sprintf("%s is %s, above the limit of %s", request.v.path(), request.v.text, limit.v.text), "raise the limit or lower the request")
	}
}

var (
	ruleResourcesIncomplete = define(verdict.Rule{Code: "M316", Name: "resources-incomplete", Severity: verdict.Error,
		Summary: "resources give cpu and memory for both requests and limits",
		Doc:     "An override of resources replaces them whole.",
		Good:    "resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n",
		Bad:     "resources:\n  limits: {cpu: 200m, memory: 200Mi}\n"})
	ruleQuantity = define(verdict.Rule{Code: "M317", Name: "quantity", Severity: verdict.Error,
		Summary: "amounts of cpu and memory are a number and a known unit",
		Doc:     "cpu: none, m or k. memory: none, Ki, Mi, Gi, Ti, Pi, K, M, G, T or P.",
		Good:    "resources:\n  requests: {cpu: 0.1, memory: 100Mi}\n  limits: {cpu: 1, memory: 1Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 0.1, memory: 100MB}\n  limits: {cpu: 1, memory: 1Gi}\n"})
	ruleRequestAboveLimit = define(verdict.Rule{Code: "M318", Name: "request-above-limit", Severity: verdict.Error,
		Summary: "a request is at most its limit",
		Good:    "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 1, memory: 1Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 2, memory: 1Gi}\n  limits: {cpu: 1, memory: 1Gi}\n"})
	ruleResourceCeiling = define(verdict.Rule{Code: "M319", Name: "resource-ceiling", Severity: verdict.Error,
		Summary: "a container uses at most 36 cores and 72Gi",
		Good:    "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 36, memory: 72Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 36.1, memory: 1Gi}\n"})
)
