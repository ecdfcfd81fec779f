package manifest

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Ceilings of one container, after the machines that services run on.
var (
	maxCPU    = big.NewRat(36, 1)
	maxMemory = big.NewRat(72<<30, 1)
)

// units are what an amount may be counted in. What is known of an amount is kept: few differ
// from service to service.
type units struct {
	scales map[string]*big.Rat
	names  []string
	known  memo[amount]
}

var (
	memoryUnits = &units{
		scales: map[string]*big.Rat{
			"": one, "Ki": big.NewRat(1<<10, 1), "Mi": big.NewRat(1<<20, 1), "Gi": big.NewRat(1<<30, 1), "Ti": big.NewRat(1<<40, 1), "Pi": big.NewRat(1<<50, 1),
			"K": big.NewRat(1e3, 1), "M": big.NewRat(1e6, 1), "G": big.NewRat(1e9, 1), "T": big.NewRat(1e12, 1), "P": big.NewRat(1e15, 1),
		},
		names: []string{"Ki", "Mi", "Gi", "Ti", "Pi", "K", "M", "G", "T", "P"},
		known: memo[amount]{bound: 16 << 10},
	}
	cpuUnits = &units{
		scales: map[string]*big.Rat{"": one, "m": big.NewRat(1, 1e3), "k": big.NewRat(1e3, 1)},
		names:  []string{"m", "k"},
		known:  memo[amount]{bound: 16 << 10},
	}
	one = big.NewRat(1, 1)
)

// amount is a text as a number, exactly, or what is wrong with it.
type amount struct {
	number  *big.Rat
	message string
	help    func(*yamldoc.Value) yamldoc.Proposal
}

// maxAmountDigits is room for any number that a double can hold, in decimal. More would make
// exact arithmetic slow.
const maxAmountDigits = 400

func (u *units) amount(text string) amount {
	return u.known.of(text, func() amount { return u.parse(text) })
}

// parse reads a number and a unit. All of the text behind the digits and dots is the unit: no
// sign, space or exponent.
func (u *units) parse(text string) amount {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789."))
	scale, known := u.scales[text[digits:]]
	if digits > maxAmountDigits {
		return amount{message: fmt.Sprintf("it has %d digits; expected at most %d", digits, maxAmountDigits), help: func(*yamldoc.Value) yamldoc.Proposal { return yamldoc.Advice("") }}
	}
	n, ok := new(big.Rat).SetString(text[:digits])
	switch {
	case !ok:
		return amount{message: "expected a number and a unit", help: func(*yamldoc.Value) yamldoc.Proposal {
			return yamldoc.Advice("units are " + strings.Join(u.names, ", "))
		}}
	case !known:
		return amount{message: fmt.Sprintf("the unit %q is unknown", yamldoc.Shorten(text[digits:])), help: func(v *yamldoc.Value) yamldoc.Proposal { return unitMeant(v, digits, u.names) }}
	}
	return amount{number: n.Mul(n, scale)}
}

// unitMeant proposes the unit that is written a little differently behind the
// digits of v.
func unitMeant(v *yamldoc.Value, digits int, names []string) yamldoc.Proposal {
	units, got := "units are "+strings.Join(names, ", ")+", or none", v.Text()[digits:]
	for _, n := range names {
		if strings.EqualFold(n, got) || got == n+"B" || got == n[:1]+"iB" {
			return yamldoc.Asked(n, v.Retold(v.Text()[:digits]+n)).Or(units)
		}
	}
	return yamldoc.Advice(units)
}

// quantity is a resource value that was read; v is nil where it was not.
type quantity struct {
	v      *yamldoc.Value
	amount *big.Rat
}

func (q quantity) above(most *big.Rat) bool { return q.v != nil && q.amount.Cmp(most) > 0 }

// resources judges what a container asks for and may use.
func (e *evaluation) resources(v *yamldoc.Value) {
	if !v.Good() {
		return
	}
	requestCPU, requestMemory := e.resourceValues(v, "requests")
	limitCPU, limitMemory := e.resourceValues(v, "limits")
	e.requestFits(requestCPU, limitCPU)
	e.requestFits(requestMemory, limitMemory)
	for _, q := range []quantity{requestCPU, limitCPU} {
		if q.above(maxCPU) {
			e.fault(ruleResourceCeiling, q.v, fmt.Sprintf("%s is %s; expected at most 36 cores", q.v.Path(), q.v.Text()), "run more replicas instead")
		}
	}
	for _, q := range []quantity{requestMemory, limitMemory} {
		if q.above(maxMemory) {
			e.fault(ruleResourceCeiling, q.v, fmt.Sprintf("%s is %s; expected at most 72Gi", q.v.Path(), q.v.Text()), "run more replicas instead")
		}
	}
}

func (e *evaluation) resourceValues(v *yamldoc.Value, side string) (cpu, memory quantity) {
	values := v.Get(side)
	if values == nil {
		e.add(ruleResourcesIncomplete.At(v.Under(side), v.Path()+"."+side+" is missing; expected cpu and memory", "resources are overridden as a whole: repeat what should stay"))
		return cpu, memory
	}
	return e.resourceValue(values, "cpu", cpuUnits), e.resourceValue(values, "memory", memoryUnits)
}

func (e *evaluation) resourceValue(values *yamldoc.Value, key string, u *units) quantity {
	v := values.Get(key)
	if values.Missing(key) {
		e.add(ruleResourcesIncomplete.At(values.Under(key), values.Path()+"."+key+" is missing", "give both cpu and memory"))
	}
	if !v.Good() {
		return quantity{}
	}
	a := u.amount(v.Text())
	if a.number == nil {
		e.offer(ruleQuantity, v, fmt.Sprintf("%s is %q: %s", v.Path(), yamldoc.Shorten(v.Text()), a.message), a.help(v))
		return quantity{}
	}
	return quantity{v, a.number}
}

func (e *evaluation) requestFits(request, limit quantity) {
	if limit.v != nil && request.above(limit.amount) {
		e.fault(ruleRequestAboveLimit, request.v, fmt.Sprintf("%s is %s, above the limit of %s", request.v.Path(), request.v.Text(), limit.v.Text()), "raise the limit or lower the request")
	}
}

// Shipcat's checks of resources while it builds a manifest, with its units and its ceilings.
var (
	ruleResourcesIncomplete = define(verdict.Rule{Code: "M316", Name: "resources-incomplete", Severity: verdict.Error,
		Summary: "resources give cpu and memory for both requests and limits",
		Doc:     "An override of resources replaces them whole.",
		Good:    "resources:\n  requests: {cpu: 100m, memory: 100Mi}\n  limits: {cpu: 200m, memory: 200Mi}\n",
		Bad:     "resources: # want 1 \"resources.requests is missing\"\n  limits: {cpu: 200m, memory: 200Mi}\n"})
	ruleQuantity = define(verdict.Rule{Code: "M317", Name: "quantity", Severity: verdict.Error,
		Summary: "amounts of cpu and memory are a number and a known unit",
		Doc:     "cpu: none, m or k. memory: none, Ki, Mi, Gi, Ti, Pi, K, M, G, T or P.",
		Good:    "resources:\n  requests: {cpu: 0.1, memory: 100Mi}\n  limits: {cpu: 1, memory: 1Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 0.1, memory: 100MB} # want 32 `memory is \"100MB\"`\n  limits: {cpu: 1, memory: 1Gi}\n"})
	ruleRequestAboveLimit = define(verdict.Rule{Code: "M318", Name: "request-above-limit", Severity: verdict.Error,
		Summary: "a request is at most its limit",
		Good:    "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 1, memory: 1Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 2, memory: 1Gi} # want 19 \"resources.requests.cpu is 2, above the limit of 1\"\n  limits: {cpu: 1, memory: 1Gi}\n"})
	ruleResourceCeiling = define(verdict.Rule{Code: "M319", Name: "resource-ceiling", Severity: verdict.Error,
		Summary: "a container uses at most 36 cores and 72Gi",
		Good:    "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 36, memory: 72Gi}\n",
		Bad:     "resources:\n  requests: {cpu: 1, memory: 1Gi}\n  limits: {cpu: 36.1, memory: 1Gi} # want 17 \"resources.limits.cpu is 36.1; expected at most 36 cores\"\n"})
)
