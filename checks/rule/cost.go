package rule

import (
	"fmt"
	"math"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// cel-go counts what a call costs when it is done, and only where it knows beforehand of what type
// the values are, which those of a document do not tell. A call that makes much of little is done too
// late: `s.replace('a', s)` squares the size of a text. So what such functions will cost is reckoned
// before, and what it counts as one step, but goes through all of a value, is counted by its size.

// price is what a call costs, at most.
type price func(args []ref.Val) uint64

// prices are those of functions, by name. They count for the limit, too.
var prices = map[string]price{
	"replace":       func(args []ref.Val) uint64 { return bytes(replaced(args)) },
	"join":          func(args []ref.Val) uint64 { return bytes(joined(args)) },
	"format":        sized,
	"reverse":       sized,
	"flatten":       sized,
	"sort":          func(args []ref.Val) uint64 { return times(2, length(args[0])) + 1 },
	associated:      func(args []ref.Val) uint64 { return times(2, length(args[0])) + 1 },
	"distinct":      func(args []ref.Val) uint64 { return pairs(args[0], args[0]) },
	"sets.contains": paired,
	"sets.equivalent": func(args []ref.Val) uint64 {
		return times(2, pairs(args[0], args[1]))
	},
	"sets.intersects": paired,
	"string":          sized, "bytes": sized, "int": sized, "uint": sized, "double": sized, "bool": sized,
	"timestamp": sized, "duration": sized,
	"size":         func(args []ref.Val) uint64 { return bytes(uint64(len(textOf(args[0])))) },
	operators.In:   contains,
	operators.Add:  added,
	operators.Less: orders, operators.LessEquals: orders, operators.Greater: orders, operators.GreaterEquals: orders,
	same: compares, different: compares, matching: matches,
}

// guards are what calls of other functions would cost at most, and do not if they are allowed.
var guards = map[string]price{
	"hasOnly": paired, "hasAny": paired, "hasAll": paired, "hasExactly": paired,
	"indexOf":          searched,
	"lastIndexOf":      searched,
	"regex.replace":    func(args []ref.Val) uint64 { return matches(args) + bytes(times(length(args[0])+1, length(args[2])+1)) },
	"regex.extract":    matches,
	"regex.extractAll": matches,
}

// associated is what sortBy calls.
const associated = "@sortByAssociatedKeys"

// bytes is the cost of going through a text.
func bytes(n uint64) uint64 { return n/10 + 1 }

// sized is the cost of going through all values.
func sized(args []ref.Val) uint64 {
	m := measure{}
	for _, arg := range args {
		m.add(arg)
	}
	return bytes(m.total())
}

// compares is the cost of comparing two values.
func compares(args []ref.Val) uint64 {
	a, b := measure{}, measure{}
	if a.add(args[0]); a.total() <= scalar {
		return 1
	}
	b.add(args[1])
	return bytes(min(a.total(), b.total()))
}

// contains is the cost of looking for a value in a list or for a key in a mapping.
func contains(args []ref.Val) uint64 {
	if _, isList := args[1].(traits.Lister); !isList {
		return 1
	}
	switch args[0].(type) {
	case traits.Lister, traits.Mapper:
		return sized(args[1:])
	}
	return bytes(length(args[1]))
}

// pairs is the cost of comparing the items of two lists with each other.
func pairs(a, b ref.Val) uint64 {
	x, y := measure{}, measure{}
	x.add(a)
	y.add(b)
	return times(bytes(x.total()), max(length(b), 1))/2 + times(bytes(y.total()), max(length(a), 1))/2
}

// maxItems is how many items a list may have that a rule puts together of two. It takes no room then,
// and does when something is made of it.
const maxItems = 100_000

// added is the cost of putting two texts together, and too much where two lists become too long.
func added(args []ref.Val) uint64 {
	switch args[0].(type) {
	case types.String, types.Bytes:
		return bytes(length(args[0]) + length(args[1]))
	case traits.Lister:
		if length(args[0])+length(args[1]) > maxItems {
			return maxCost + 1
		}
	}
	return 1
}

// orders is the cost of saying which of two texts is first.
func orders(args []ref.Val) uint64 {
	return bytes(uint64(min(len(textOf(args[0])), len(textOf(args[1])))))
}

func paired(args []ref.Val) uint64 { return pairs(args[0], args[1]) }

// searched is the cost of looking for one text in another in the simplest way.
func searched(args []ref.Val) uint64 { return times(length(args[0]), length(args[1])) / 100 }

// matches is the cost of a pattern that is compiled for one text.
func matches(args []ref.Val) uint64 {
	return times(length(args[0])/10+1, length(args[1])/4+1) + times(8, length(args[1]))
}

// replaced is how long a text is in which another is replaced.
func replaced(args []ref.Val) uint64 {
	text, old, with := textOf(args[0]), textOf(args[1]), textOf(args[2])
	return uint64(len(text)) + times(uint64(strings.Count(text, old)), uint64(len(with)))
}

// joined is how long the texts of a list are together.
func joined(args []ref.Val) uint64 {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return 0
	}
	n := length(list)
	total := n
	if len(args) > 1 {
		total += times(n, length(args[1]))
	}
	for i := range types.Int(min(n, math.MaxInt32)) {
		if total += length(list.Get(i)); total > 10*maxCost {
			break
		}
	}
	return total
}

func textOf(v ref.Val) string {
	s, _ := v.(types.String)
	return string(s)
}

// length is how many bytes a text has, or items a list; 0 for the rest.
func length(v ref.Val) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(len(v))
	case types.Bytes:
		return uint64(len(v))
	case traits.Sizer:
		if n, ok := v.Size().(types.Int); ok && n > 0 {
			return uint64(n)
		}
	}
	return 0
}

// times multiplies, and knows an end.
func times(a, b uint64) uint64 {
	if a != 0 && b > math.MaxUint32*maxCost/a {
		return math.MaxUint32 * maxCost
	}
	return a * b
}

// affordable ends the evaluation if a call costs more than an evaluation may.
func affordable(cost uint64) {
	if cost > maxCost {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: "a call costs too much"})
	}
}

// CallCost is what a call of a function with a price costs.
func (p pricing) CallCost(function, _ string, args []ref.Val, _ ref.Val) *uint64 {
	f, ok := prices[function]
	if !ok {
		return nil
	}
	cost := f(args)
	return &cost
}

// pricing has cel-go count the prices.
type pricing struct{}

// bounded are the options of a program for prices and guards: the functions of an environment are
// called when it is known what they cost.
func bounded(env *cel.Env) ([]cel.ProgramOption, error) {
	var overloads []*functions.Overload
	var trackers []cost.TrackerOption
	for name, decl := range env.Functions() {
		f, charged := prices[name]
		if !charged {
			f = guards[name]
		}
		if f == nil {
			continue
		}
		bindings, err := decl.Bindings()
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", name, err)
		}
		for _, b := range bindings {
			overloads = append(overloads, guarded(b, f))
		}
		for _, o := range decl.OverloadDecls() {
			if charged {
				trackers = append(trackers, cost.OverloadTracker(o.ID(), tracked(f)))
			}
		}
	}
	overloads = append(overloads, inserting()...)
	//lint:ignore SA1019 it is the one way to put something around a function of a library
	return []cel.ProgramOption{cel.Functions(overloads...), cel.CostTracking(pricing{}), cel.CostTrackerOptions(trackers...)}, nil
}

func tracked(f price) cost.FunctionTracker {
	return func(args []ref.Val, _ ref.Val) *uint64 {
		cost := f(args)
		return &cost
	}
}

// guarded is a function that is called when it is affordable.
func guarded(o *functions.Overload, f price) *functions.Overload {
	g := &functions.Overload{Operator: o.Operator, OperandTrait: o.OperandTrait, NonStrict: o.NonStrict}
	if call := o.Unary; call != nil {
		g.Unary = func(a ref.Val) ref.Val {
			affordable(f([]ref.Val{a}))
			return call(a)
		}
	}
	if call := o.Binary; call != nil {
		g.Binary = func(a, b ref.Val) ref.Val {
			affordable(f([]ref.Val{a, b}))
			return call(a, b)
		}
	}
	if call := o.Function; call != nil {
		g.Function = func(args ...ref.Val) ref.Val {
			affordable(f(args))
			return call(args...)
		}
	}
	return g
}

// inserting are the functions that put something into a mapping. cel-go calls its own when it has
// gone through all keys of the mapping, to see of what type they are.
func inserting() []*functions.Overload {
	insert := func(args ...ref.Val) ref.Val {
		if m, ok := args[0].(traits.Mapper); ok && len(args) == 3 {
			return types.InsertMapKeyValue(m, args[1], args[2])
		}
		return inserted(args)
	}
	var all []*functions.Overload
	for _, name := range []string{"cel.@mapInsert", "@mapInsert_map_key_value"} {
		all = append(all, &functions.Overload{Operator: name, Function: insert, Binary: func(a, b ref.Val) ref.Val { return insert(a, b) }})
	}
	all = append(all, &functions.Overload{Operator: "@mapInsert_map_map", Binary: func(a, b ref.Val) ref.Val { return insert(a, b) }})
	return all
}

// inserted is a mapping with all of another put into it.
func inserted(args []ref.Val) ref.Val {
	into, ok := args[0].(traits.Mapper)
	from, too := args[1].(traits.Mapper)
	if !ok || !too {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	for it := from.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		result := types.InsertMapKeyValue(into, key, from.Get(key))
		if into, ok = result.(traits.Mapper); !ok {
			return result
		}
	}
	return into
}

// The functions that stand for operators and functions of CEL in a plan, with a price.
const (
	same      = "@same"
	different = "@different"
	matching  = "@matching"
)

// ours declares them.
func ours() []cel.EnvOption {
	two := []*cel.Type{cel.DynType, cel.DynType}
	declared := func(name string, f func(a, b ref.Val) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name, two, cel.BoolType, cel.BinaryBinding(f)))
	}
	return []cel.EnvOption{
		declared(same, types.Equal),
		declared(different, func(a, b ref.Val) ref.Val { return types.Bool(types.Equal(a, b) != types.True) }),
		declared(matching, match),
	}
}

// match matches a text with a pattern that is not written in the rule.
func match(text, pattern ref.Val) ref.Val {
	s, ok := text.(types.String)
	p, too := pattern.(types.String)
	if !ok || !too {
		return types.MaybeNoSuchOverloadErr(text)
	}
	size, err := foreign.PatternSize(string(p))
	if err == nil && size > maxRegexp {
		err = fmt.Errorf("it stands for more than %d instructions", maxRegexp)
	}
	if err != nil {
		return types.NewErr("the pattern is too large: %v", err)
	}
	re, err := foreign.Regexp(string(p))
	if err != nil {
		return types.NewErr("the pattern is no regular expression: %v", err)
	}
	return types.Bool(re.MatchString(string(s)))
}
