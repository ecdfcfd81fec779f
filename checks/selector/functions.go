package selector

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/theory/jsonpath/registry"
	"github.com/theory/jsonpath/spec"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// functionPrefix tells our match and search from the library's, which compile their pattern for
// each value, and whatever its size.
const functionPrefix = "our_"

// functions are the functions that one selector may call: the RFC's, and match and search with
// patterns that are written in the selector.
func functions() *registry.Registry {
	r := registry.New()
	compiled := map[string]*regexp.Regexp{} // changed while the selector is parsed, and read after
	for name, form := range map[string]string{"match": `\A(?:%s)\z`, "search": `%s`} {
		valid := func(args []spec.FuncExprArg) error { return compile(compiled, form, args) }
		// A name that is free and two functions: Register has nothing to refuse.
		_ = r.Register(functionPrefix+name, spec.FuncLogical, valid, func(values []spec.PathValue) spec.PathValue {
			text, pattern := stringOf(values[0]), stringOf(values[1])
			return spec.Logical(text != nil && pattern != nil && compiled[fmt.Sprintf(form, *pattern)].MatchString(*text))
		})
	}
	return r
}

// compile checks the arguments of a function with a pattern, and compiles that.
func compile(compiled map[string]*regexp.Regexp, form string, args []spec.FuncExprArg) error {
	if len(args) != 2 || !args[0].ConvertsTo(spec.FuncValue) {
		return errors.New("takes one value and one pattern")
	}
	literal, ok := args[1].(*spec.LiteralArg)
	if !ok {
		return errors.New("takes a pattern that is written in the selector")
	}
	pattern, ok := literal.Value().(string)
	if !ok {
		return fmt.Errorf("takes a pattern in quotes, not %v", literal.Value())
	}
	if _, err := foreign.Regexp(pattern); err != nil {
		return fmt.Errorf("has a pattern that is none: %w", err)
	}
	text := fmt.Sprintf(form, pattern)
	re, err := foreign.Regexp(text)
	compiled[text] = re
	return err
}

// stringOf is the text that an argument is, nil if it is none.
func stringOf(v spec.PathValue) *string {
	value := spec.ValueFrom(v)
	if value == nil {
		return nil
	}
	text, ok := value.Value().(string)
	if !ok {
		return nil
	}
	return &text
}
