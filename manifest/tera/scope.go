package tera

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// frame holds what the template or one loop has set.
type frame struct {
	vars map[string]any
	loop *loop
}

func (f *frame) set(name string, v any) {
	if f.vars == nil {
		f.vars = map[string]any{}
	}
	f.vars[name] = v
}

// loop is a running for: keys is set when it goes over a map.
type loop struct {
	key, value string
	keys       []string
	values     []any
	at         int
}

// variable is what a name means inside the loop.
func (l *loop) variable(name string) (any, bool) {
	switch {
	case l.key != "" && name == l.key:
		return l.keys[l.at], true
	case name == "loop":
		return map[string]any{
			"index": int64(l.at + 1), "index0": int64(l.at),
			"first": l.at == 0, "last": l.at == len(l.values)-1,
		}, true
	case name == l.value:
		return l.values[l.at], true
	}
	return nil, false
}

// value is what a path names, or the error that it is not defined.
func (r *renderer) value(p *path) (any, *Error) {
	v, ok, err := r.lookup(p)
	if err == nil && !ok {
		err = r.undefined(p)
	}
	return v, err
}

// lookup finds what a path names. A name that is set without the field asked for
// does not hide an outer one that has it, as in Tera.
func (r *renderer) lookup(p *path) (v any, ok bool, err *Error) {
	if err := r.step(p.pos, 0); err != nil {
		return nil, false, err
	}
	if p.text == contextName {
		text, err := r.json(p.pos, r.everything(), true)
		return text, err == nil, err
	}
	keys, err := r.keys(p)
	if err != nil {
		return nil, false, err
	}
	for i := len(r.frames) - 1; i >= 0; i-- {
		if v, ok := r.frames[i].find(keys); ok {
			return plain(v), true, nil
		}
	}
	v, ok = fields(r.vars, keys)
	return plain(v), ok, nil
}

// contextName is Tera's variable that holds all variables as text, for debugging.
const contextName = "__tera_context"

// everything is what the template can see by name at this point.
func (r *renderer) everything() map[string]any {
	all := maps.Clone(r.vars)
	if all == nil {
		all = map[string]any{}
	}
	for _, f := range r.frames {
		maps.Copy(all, f.vars)
		if f.loop == nil {
			continue
		}
		all[f.loop.value] = f.loop.values[f.loop.at]
		if f.loop.key != "" {
			all[f.loop.key] = f.loop.keys[f.loop.at]
		}
	}
	return all
}

// keys are the names that lead to a variable. A key with dots or slashes in it
// counts as several, as in Tera, which goes by one dotted string.
func (r *renderer) keys(p *path) ([]string, *Error) {
	keys := make([]string, 0, len(p.steps))
	for _, s := range p.steps {
		name := s.name
		if s.sub != nil {
			var err *Error
			if name, err = r.indexText(s.sub); err != nil {
				return nil, err
			}
		}
		if err := r.step(p.pos, len(name)); err != nil {
			return nil, err
		}
		if !strings.ContainsAny(name, "./") {
			keys = append(keys, name)
			continue
		}
		keys = append(keys, strings.Split(strings.ReplaceAll(name, "/", "."), ".")...)
	}
	return keys, nil
}

// indexText is the value of a variable that stands in brackets.
func (r *renderer) indexText(p *path) (string, *Error) {
	v, err := r.value(p)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case int64, uint64, float64:
		return numberText(v), nil
	}
	return "", r.errorf(p.pos, "only a string or a number can be an index, %s is %s", quote(p.text), kindOf(v))
}

// find looks in one frame: first what was set, then the loop's own names.
func (f *frame) find(keys []string) (any, bool) {
	if v, ok := f.vars[keys[0]]; ok {
		if v, ok = fields(v, keys[1:]); ok {
			return v, true
		}
	}
	if f.loop == nil {
		return nil, false
	}
	v, ok := f.loop.variable(keys[0])
	if !ok || keys[0] == "loop" && len(keys) == 1 {
		return nil, false
	}
	return fields(v, keys[1:])
}

// fields goes down from v.
func fields(v any, keys []string) (any, bool) {
	for _, k := range keys {
		var ok bool
		switch in := v.(type) {
		case map[string]any:
			v, ok = in[k]
		case []any:
			v, ok = element(in, k)
		}
		if !ok {
			return nil, false
		}
	}
	return v, true
}

// element finds a list's element by an index in decimal, without leading zeros.
func element(list []any, index string) (any, bool) {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(list) || strconv.Itoa(i) != index {
		return nil, false
	}
	return list[i], true
}

// undefined says which names exist where the path goes astray.
func (r *renderer) undefined(p *path) *Error {
	keys, err := r.keys(p)
	if err != nil {
		return err
	}
	e := r.errorf(p.pos, "variable %s is not defined", quote(p.text))
	e.Undefined = p.text
	known := map[string]bool{}
	deepest := 0
	r.scopes(keys[0], func(names map[string]any) {
		depth, beside := astray(names, keys)
		if depth > deepest {
			deepest = depth
			clear(known)
		}
		if depth == deepest {
			for name := range beside {
				known[name] = true
			}
		}
	})
	if err := r.step(p.pos, len(known)*64); err != nil {
		return err
	}
	e.Known = sortedKeys(known)
	return e
}

// scopes calls f with each layer of names, innermost first; of a loop's names
// only those that matter for name are evaluated.
func (r *renderer) scopes(name string, f func(map[string]any)) {
	for _, fr := range slices.Backward(r.frames) {
		f(fr.vars)
		if fr.loop == nil {
			continue
		}
		names := map[string]any{fr.loop.value: nil, "loop": nil}
		if fr.loop.key != "" {
			names[fr.loop.key] = nil
		}
		if v, ok := fr.loop.variable(name); ok {
			names[name] = v
		}
		f(names)
	}
	f(r.vars)
}

// astray follows keys as far as they lead and returns how far, with the map that
// has no such key.
func astray(names map[string]any, keys []string) (depth int, beside map[string]any) {
	for depth, k := range keys {
		v, ok := names[k]
		if !ok {
			return depth, names
		}
		if names, ok = v.(map[string]any); !ok {
			return depth + 1, nil
		}
	}
	return len(keys), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
