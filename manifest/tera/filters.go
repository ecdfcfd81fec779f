package tera

import "math"

// An invocation is a filter that runs: its input and its evaluated arguments.
type invocation struct {
	r    *renderer
	call *call
	in   any
	args map[string]any
}

// filters are all that Tera 0.11 and shipcat register, but for default and
// safe, which eval deals with.
var filters = map[string]func(*invocation) (any, *Error){
	"addslashes":     onText(addSlashes),
	"as_secret":      asSecret,
	"as_str":         asString,
	"capitalize":     onText(capitalize),
	"concat":         concatLists,
	"date":           formatDate,
	"escape":         onText(escapeHTML),
	"filesizeformat": fileSize,
	"filter":         selectItems,
	"first":          firstItem,
	"get":            getKey,
	"group_by":       groupItems,
	"indent":         indentLines,
	"join":           joinItems,
	"json_encode":    encodeJSON,
	"last":           lastItem,
	"length":         length,
	"lower":          onText(lower),
	"pluralize":      pluralize,
	"replace":        replaceText,
	"reverse":        reverse,
	"round":          round,
	"slice":          sliceItems,
	"slugify":        onText(slugify),
	"sort":           sortItems,
	"split":          splitText,
	"striptags":      onText(stripTags),
	"title":          onText(title),
	"trim":           onText(trim),
	"truncate":       truncate,
	"upper":          onText(upper),
	"urlencode":      encodeURL,
	"wordcount":      countWords,
}

// filter runs one filter on a value.
func (r *renderer) filter(in any, c *call) (any, *Error) {
	run, known := filters[c.name]
	if !known || c.name == "indent" && !r.t.opts.File {
		return nil, r.unknownFilter(c, known)
	}
	args, err := r.arguments(c)
	if err != nil {
		return nil, err
	}
	if err := r.step(c.pos, size(in)); err != nil {
		return nil, err
	}
	out, err := run(&invocation{r, c, in, args})
	if err != nil {
		return nil, err
	}
	if s, ok := out.(string); ok {
		return out, r.grow(c.pos, len(s))
	}
	return out, r.step(c.pos, size(out))
}

// size estimates in bytes what it takes to hold a value, without what its
// elements hold.
func size(v any) int {
	const element, entry = 16, 48
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v) * element
	case map[string]any:
		return len(v) * entry
	}
	return 0
}

func (r *renderer) unknownFilter(c *call, elsewhere bool) *Error {
	e := r.errorf(c.pos, "filter %s does not exist", quote(c.name))
	if elsewhere {
		e.Msg = "filter " + quote(c.name) + " exists in config files only, not in environment variables"
	}
	e.Unknown, e.Known = c.name, sortedKeys(filters)
	return e
}

func (r *renderer) arguments(c *call) (map[string]any, *Error) {
	args := make(map[string]any, len(c.args))
	for _, a := range c.args {
		v, err := r.eval(a.value)
		if err != nil {
			return nil, err
		}
		args[a.name] = v
	}
	return args, nil
}

func (f *invocation) errorf(format string, args ...any) *Error {
	return f.r.errorf(f.call.pos, "filter %q "+format, append([]any{f.call.name}, args...)...)
}

// text is the input, which must be a string.
func (f *invocation) text() (string, *Error) {
	s, ok := f.in.(string)
	if !ok {
		return "", f.errorf("needs a string, got %s", kindOf(f.in))
	}
	return s, nil
}

// list is the input, which must be a list.
func (f *invocation) list() ([]any, *Error) {
	l, ok := f.in.([]any)
	if !ok {
		return nil, f.errorf("needs a list, got %s", kindOf(f.in))
	}
	return l, nil
}

// number is the input, which must be a number.
func (f *invocation) number() (float64, *Error) {
	if !isNumber(f.in) {
		return 0, f.errorf("needs a number, got %s", kindOf(f.in))
	}
	return toFloat(f.in), nil
}

func (f *invocation) needs(name string) (any, *Error) {
	v, ok := f.args[name]
	if !ok {
		return nil, f.errorf("needs the argument %q", name)
	}
	return v, nil
}

// textArg is a string argument, or other where it is not given.
func (f *invocation) textArg(name, other string) (string, *Error) {
	v, ok := f.args[name]
	if !ok {
		return other, nil
	}
	s, ok := v.(string)
	if !ok {
		return "", f.errorf("needs a string as %q, got %s", name, kindOf(v))
	}
	return s, nil
}

// neededText is a string argument that must be given.
func (f *invocation) neededText(name string) (string, *Error) {
	if _, err := f.needs(name); err != nil {
		return "", err
	}
	return f.textArg(name, "")
}

// intArg is an integer argument within bounds, or other where it is not given.
func (f *invocation) intArg(name string, other, least, most int64) (int64, *Error) {
	v, ok := f.args[name]
	if !ok {
		return other, nil
	}
	n, ok := v.(int64)
	if !ok || n < least || n > most {
		return 0, f.errorf("needs an integer from %d as %q, got %s", least, name, shown(v))
	}
	return n, nil
}

// shown is a value in a message: a number itself, of others their kind.
func shown(v any) string {
	if isNumber(v) {
		return numberText(v)
	}
	return kindOf(v)
}

// onText makes a filter of a function on strings.
func onText(f func(string) string) func(*invocation) (any, *Error) {
	return func(i *invocation) (any, *Error) {
		s, err := i.text()
		if err != nil {
			return nil, err
		}
		return f(s), nil
	}
}

func asString(f *invocation) (any, *Error) {
	return f.r.text(f.call.pos, f.in)
}

func encodeJSON(f *invocation) (any, *Error) {
	pretty, _ := f.args["pretty"].(bool)
	return f.r.json(f.call.pos, f.in, pretty)
}

// length counts runes or elements; anything else has none.
func length(f *invocation) (any, *Error) {
	switch v := f.in.(type) {
	case string:
		return int64(len([]rune(v))), nil
	case []any:
		return int64(len(v)), nil
	}
	return int64(0), nil
}

func reverse(f *invocation) (any, *Error) {
	switch v := f.in.(type) {
	case string:
		return string(reversed([]rune(v))), nil
	case []any:
		return reversed(v), nil
	}
	return nil, f.errorf("needs a string or a list, got %s", kindOf(f.in))
}

func reversed[T any](list []T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[len(list)-1-i] = v
	}
	return out
}

func getKey(f *invocation) (any, *Error) {
	key, err := f.neededText("key")
	if err != nil {
		return nil, err
	}
	m, ok := f.in.(map[string]any)
	if !ok {
		return nil, f.errorf("needs a map, got %s", kindOf(f.in))
	}
	v, ok := m[key]
	if !ok {
		e := f.errorf("finds no key %s", quote(key))
		e.Unknown, e.Known = key, sortedKeys(m)
		return nil, e
	}
	return v, nil
}

// pluralize gives its suffix unless the number is 1 or -1.
func pluralize(f *invocation) (any, *Error) {
	n, err := f.number()
	if err != nil {
		return nil, err
	}
	suffix, err := f.textArg("suffix", "s")
	if err != nil || math.Abs(n) == 1 {
		return "", err
	}
	return suffix, nil
}

func round(f *invocation) (any, *Error) {
	n, err := f.number()
	if err != nil {
		return nil, err
	}
	method, err := f.textArg("method", "common")
	if err != nil {
		return nil, err
	}
	precision, err := f.intArg("precision", 0, math.MinInt32, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	methods := map[string]func(float64) float64{"common": math.Round, "ceil": math.Ceil, "floor": math.Floor}
	if methods[method] == nil {
		return nil, f.errorf("knows the methods ceil, common and floor, got %s", quote(method))
	}
	scale := math.Pow(10, float64(precision))
	n = methods[method](n*scale) / scale
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return nil, nil
	}
	return n, nil
}

// fileSize prints bytes in units of 1024 with at most two decimals.
func fileSize(f *invocation) (any, *Error) {
	n, ok := f.in.(int64)
	if !ok || n < 0 {
		return nil, f.errorf("needs an integer from 0, got %s", shown(f.in))
	}
	units := []string{"B", "KB", "MB", "GB", "TB", "PB", "EB"}
	scaled, unit := float64(n), 0
	for scaled >= 1024 && unit < len(units)-1 {
		scaled /= 1024
		unit++
	}
	return decimals(scaled) + " " + units[unit], nil
}
