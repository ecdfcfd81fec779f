package tera

import (
	"math"
	"time"
)

// instant is what the function now() returns: a validator must say the same
// tomorrow, so that it has no clock.
var instant = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

var functions = map[string]func(*renderer, *call, map[string]any) (any, *Error){
	"now":   now,
	"range": count,
	"throw": throw,
}

// function runs range, now or throw.
func (r *renderer) function(c *call) (any, *Error) {
	run, ok := functions[c.name]
	if !ok {
		e := r.errorf(c.pos, "function %s does not exist", quote(c.name))
		e.Unknown, e.Known = c.name, sortedKeys(functions)
		return nil, e
	}
	args, err := r.arguments(c)
	if err != nil {
		return nil, err
	}
	return run(r, c, args)
}

// now gives instant in RFC 3339, or as seconds since 1970 with timestamp=true. There
// is no local time: utc only has to be a boolean.
func now(r *renderer, c *call, args map[string]any) (any, *Error) {
	flags := map[string]bool{}
	for _, name := range []string{"utc", "timestamp"} {
		v, given := args[name]
		flag, ok := v.(bool)
		if given && !ok {
			return nil, r.errorf(c.pos, "function \"now\" needs a boolean as %q, got %s", name, kindOf(v))
		}
		flags[name] = flag
	}
	if flags["timestamp"] {
		return instant.Unix(), nil
	}
	return instant.Format("2006-01-02T15:04:05-07:00"), nil
}

// count is the function range: the integers from start (0) to before end, in
// steps of step_by (1).
func count(r *renderer, c *call, args map[string]any) (any, *Error) {
	bounds := map[string]int64{"start": 0, "step_by": 1}
	for _, name := range []string{"start", "step_by", "end"} {
		v, given := args[name]
		n, ok := v.(int64)
		switch {
		case !given && name != "end":
			continue
		case !given:
			return nil, r.errorf(c.pos, "function \"range\" needs the argument \"end\"")
		case !ok || n < 0:
			return nil, r.errorf(c.pos, "function \"range\" needs an integer from 0 as %q, got %s", name, shown(v))
		}
		bounds[name] = n
	}
	start, end, by := bounds["start"], bounds["end"], bounds["step_by"]
	switch {
	case start > end:
		return nil, r.errorf(c.pos, "function \"range\" needs a start up to its end, got %d and %d", start, end)
	case by == 0 && start < end:
		return nil, r.abort(c.pos, "function \"range\" never ends with step_by=0")
	case start == end:
		return []any{}, nil
	}
	n := (end-start-1)/by + 1
	const element = 16
	if err := r.step(c.pos, int(min(n, math.MaxInt32))*element); err != nil {
		return nil, err
	}
	list := make([]any, n)
	for i := range n {
		list[i] = start + i*by
	}
	return list, nil
}

// throw fails with the template's own message.
func throw(r *renderer, c *call, args map[string]any) (any, *Error) {
	message, ok := args["message"].(string)
	if !ok {
		return nil, r.errorf(c.pos, "function \"throw\" needs a string as \"message\"")
	}
	return nil, r.errorf(c.pos, "the template throws %s", quote(message))
}
