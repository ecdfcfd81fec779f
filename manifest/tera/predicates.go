package tera

import (
	"math"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/foreign"
)

// A predicate is the test behind "is". It sees the variable's value and its
// arguments.
type predicate struct {
	most int // arguments that it takes
	// undefined says that it may be asked of a variable that is not defined.
	undefined bool
	holds     func(*question) (bool, *Error)
}

// A question is a test that runs.
type question struct {
	r       *renderer
	test    *test
	value   any
	defined bool
	args    []any
}

var predicates = map[string]predicate{
	"defined":       {undefined: true, holds: func(q *question) (bool, *Error) { return q.defined, nil }},
	"undefined":     {undefined: true, holds: func(q *question) (bool, *Error) { return !q.defined, nil }},
	"string":        {holds: func(q *question) (bool, *Error) { return kindOf(q.value) == "a string", nil }},
	"number":        {holds: func(q *question) (bool, *Error) { return isNumber(q.value), nil }},
	"iterable":      {holds: func(q *question) (bool, *Error) { return kindOf(q.value) == "a list", nil }},
	"odd":           {holds: func(q *question) (bool, *Error) { return q.remainder(2, false) }},
	"even":          {holds: func(q *question) (bool, *Error) { return q.remainder(2, true) }},
	"divisibleby":   {most: 1, holds: divisibleBy},
	"starting_with": {most: 1, holds: onPair(strings.HasPrefix)},
	"ending_with":   {most: 1, holds: onPair(strings.HasSuffix)},
	"containing":    {most: 1, holds: containing},
	"matching":      {most: 1, holds: matching},
}

// test answers "variable is name(args)".
func (r *renderer) test(t *test) (bool, *Error) {
	p, ok := predicates[t.name]
	if !ok {
		e := r.errorf(t.pos, "test %s does not exist", quote(t.name))
		e.Unknown, e.Known = t.name, sortedKeys(predicates)
		return false, e
	}
	q := &question{r: r, test: t}
	for _, arg := range t.args {
		v, err := r.eval(arg)
		if err != nil {
			return false, err
		}
		q.args = append(q.args, v)
	}
	q.value, q.defined, _ = r.lookup(t.path)
	switch {
	case r.fatal != nil:
		return false, r.fatal
	case len(q.args) > p.most:
		return false, q.errorf("takes at most %d arguments, got %d", p.most, len(q.args))
	case !q.defined && !p.undefined:
		return false, r.undefined(t.path)
	}
	if err := r.step(t.pos, size(q.value)); err != nil {
		return false, err
	}
	return p.holds(q)
}

func (q *question) errorf(format string, args ...any) *Error {
	return q.r.errorf(q.test.pos, "test %q "+format, append([]any{q.test.name}, args...)...)
}

// arg is the argument; without one it is null.
func (q *question) arg() any {
	if len(q.args) == 0 {
		return nil
	}
	return q.args[0]
}

// remainder says whether dividing by n leaves nothing, or something.
func (q *question) remainder(n float64, nothing bool) (bool, *Error) {
	if !isNumber(q.value) {
		return false, q.errorf("needs a number, %s is %s", quote(q.test.path.text), kindOf(q.value))
	}
	return (math.Mod(toFloat(q.value), n) == 0) == nothing, nil
}

func divisibleBy(q *question) (bool, *Error) {
	if !isNumber(q.arg()) {
		return false, q.errorf("needs a number to divide by, got %s", kindOf(q.arg()))
	}
	return q.remainder(toFloat(q.arg()), true)
}

// texts are the value and the argument, which must be strings.
func (q *question) texts() (value, arg string, err *Error) {
	value, ok := q.value.(string)
	if !ok {
		return "", "", q.errorf("needs a string, %s is %s", quote(q.test.path.text), kindOf(q.value))
	}
	if arg, ok = q.arg().(string); !ok {
		return "", "", q.errorf("needs a string as argument, got %s", kindOf(q.arg()))
	}
	return value, arg, nil
}

func onPair(holds func(s, part string) bool) func(*question) (bool, *Error) {
	return func(q *question) (bool, *Error) {
		value, arg, err := q.texts()
		return err == nil && holds(value, arg), err
	}
}

// containing looks for a part of a string, an element of a list or a key of a
// map.
func containing(q *question) (bool, *Error) {
	switch v := q.value.(type) {
	case string:
		value, arg, err := q.texts()
		return err == nil && strings.Contains(value, arg), err
	case map[string]any:
		key, ok := q.arg().(string)
		if !ok {
			return false, q.errorf("needs a string as argument, got %s", kindOf(q.arg()))
		}
		_, found := v[key]
		return found, nil
	case []any:
		return q.has(v)
	}
	return false, q.errorf("needs a string, a list or a map, %s is %s", quote(q.test.path.text), kindOf(q.value))
}

func (q *question) has(list []any) (bool, *Error) {
	if len(q.args) == 0 {
		return false, q.r.abort(q.test.pos, "test %q needs an argument", q.test.name)
	}
	var failed *Error
	found := slices.ContainsFunc(list, func(item any) bool {
		same, err := q.r.equal(q.test.pos, item, q.arg(), 0)
		failed = err
		return same || err != nil
	})
	return found && failed == nil, failed
}

// matching finds a regular expression in a string. It pays for the work that the
// expression can make: a short one may repeat its parts a thousand times.
func matching(q *question) (bool, *Error) {
	value, arg, err := q.texts()
	if err != nil {
		return false, err
	}
	if err := q.r.step(q.test.pos, len(arg)*len(arg)); err != nil {
		return false, err
	}
	size, failed := foreign.PatternSize(arg)
	if failed != nil {
		return false, q.errorf("needs a regular expression: %v", failed)
	}
	if err := q.r.step(q.test.pos, size*(len(value)+64)); err != nil {
		return false, err
	}
	re, failed := foreign.Regexp(arg)
	if failed != nil {
		return false, q.errorf("needs a regular expression: %v", failed)
	}
	return re.MatchString(value), nil
}
