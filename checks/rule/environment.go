package rule

import (
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// The limits of an expression.
const (
	maxText    = 16 << 10 // bytes
	maxNesting = 64       // of its parts
	maxLoops   = 3        // in one another
	maxRegexp  = 10_000   // instructions
	// maxCost is what one evaluation may cost, as cel-go counts: Kubernetes allows the same. It takes
	// about a fifth of a second.
	maxCost = 1_000_000
	// maxCosts is what all evaluations of one Check may cost together.
	maxCosts = 10 * maxCost
	// interruptEvery is after how many rounds of a loop the context is asked.
	interruptEvery = 100
)

// variables are the names that a rule may use.
var variables = []struct {
	name string
	typ  *cel.Type
}{
	{"self", cel.DynType}, {"object", cel.DynType}, {"doc", cel.DynType},
	{"file.path", cel.StringType}, {"file.name", cel.StringType}, {"file.stem", cel.StringType},
	{"unit.name", cel.StringType}, {"unit.path", cel.StringType}, {"unit.kind", cel.StringType},
	{"unit.files", cel.ListType(cel.StringType)},
	{"files", cel.MapType(cel.StringType, cel.DynType)}, {"shared", cel.MapType(cel.StringType, cel.DynType)},
	{"region", cel.StringType},
}

// environment is what all rules are compiled in. It takes a millisecond to make.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(env.NewLibrarySubset().AddExcludedFunctions(ofTheMachine()...))),
		cel.CustomTypeAdapter(adapter{}),
		cel.OptionalTypes(), ext.Strings(), ext.Lists(), ext.Sets(), ext.Math(), ext.Regex(), ext.TwoVarComprehensions(),
		cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true),
		cel.EnableMacroCallTracking(), cel.EnableIdentifierEscapeSyntax(),
		cel.ParserRecursionLimit(maxNesting), cel.ParserExpressionSizeLimit(maxText), cel.RegexProgramSizeLimit(maxRegexp),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals()),
		around(ordering, inOrder), around(watching, watch),
	}
	opts = append(opts, ours()...)
	for _, v := range variables {
		opts = append(opts, cel.Variable(v.name, v.typ))
	}
	return cel.NewCustomEnv(opts...)
})

// around declares a function that gives what it is given, in another way.
func around(name string, f func(ref.Val) ref.Val) cel.EnvOption {
	any := cel.TypeParamType("T")
	return cel.Function(name, cel.Overload(name, []*cel.Type{any}, any, cel.UnaryBinding(f)))
}

// ofTheMachine are the functions that ask the machine for its time zones.
func ofTheMachine() []*env.Function {
	var all []*env.Function
	for name, overload := range map[string]string{
		overloads.TimeGetFullYear:     overloads.TimestampToYearWithTz,
		overloads.TimeGetMonth:        overloads.TimestampToMonthWithTz,
		overloads.TimeGetDayOfYear:    overloads.TimestampToDayOfYearWithTz,
		overloads.TimeGetDate:         overloads.TimestampToDayOfMonthOneBasedWithTz,
		overloads.TimeGetDayOfMonth:   overloads.TimestampToDayOfMonthZeroBasedWithTz,
		overloads.TimeGetDayOfWeek:    overloads.TimestampToDayOfWeekWithTz,
		overloads.TimeGetHours:        overloads.TimestampToHoursWithTz,
		overloads.TimeGetMinutes:      overloads.TimestampToMinutesWithTz,
		overloads.TimeGetSeconds:      overloads.TimestampToSecondsWithTz,
		overloads.TimeGetMilliseconds: overloads.TimestampToMillisecondsWithTz,
	} {
		all = append(all, env.NewFunction(name, env.NewOverload(overload, nil, nil)))
	}
	return all
}

// program plans an expression.
func program(env *cel.Env, checked *cel.Ast, how cel.EvalOption) (cel.Program, error) {
	priced, err := pricedOptions()
	if err != nil {
		return nil, err
	}
	opts := append(slices.Clip(priced), cel.EvalOptions(how), cel.CostLimit(maxCost), cel.InterruptCheckFrequency(interruptEvery))
	return env.Program(checked, opts...)
}

// pricedOptions are made once, as the environment.
var pricedOptions = sync.OnceValues(func() ([]cel.ProgramOption, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	return bounded(env)
})

// variablesOf gives an evaluation the values of its names.
type variablesOf struct {
	in     *Input
	self   any
	files  ref.Val
	shared ref.Val
	stem   string
	name   string
}

// ResolveName is the value of a variable.
func (v *variablesOf) ResolveName(name string) (any, bool) {
	switch name {
	case "self", "object":
		return v.self, true
	case "doc":
		return v.in.Doc.Value(), true
	case "file.path":
		return v.in.File, true
	case "file.name":
		return v.name, true
	case "file.stem":
		return v.stem, true
	case "unit.name":
		return v.in.Unit.Name, true
	case "unit.path":
		return v.in.Unit.Path, true
	case "unit.kind":
		return v.in.Unit.Kind, true
	case "unit.files":
		return types.NewStringList(adapter{}, v.in.Unit.Files), true
	case "files":
		return v.files, true
	case "shared":
		return v.shared, true
	case "region":
		return v.in.Region, true
	}
	return nil, false
}

// Parent is none.
func (v *variablesOf) Parent() cel.Activation { return nil }
