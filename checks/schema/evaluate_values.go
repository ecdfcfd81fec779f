package schema

import (
	"slices"
	"unicode/utf8"
)

// object holds a mapping against what n says of mappings.
func (e *evaluation) object(n *node, v map[string]any, seen *seen, out *faults) bool {
	r, ok := n.object, true
	if len(v) < r.min || r.max >= 0 && len(v) > r.max {
		ok = out.count(e, n, "key", "keys", len(v), r.min, r.max)
	}
	for _, k := range r.required {
		if _, there := v[k]; !there {
			ok = out.missing(e, n, v, k, "")
		}
	}
	if !ok && out == nil {
		return false
	}
	if ok = e.dependencies(n, v, seen, out) && ok; !ok && out == nil {
		return false
	}
	if ok = e.members(n, v, seen, out) && ok; !ok && out == nil {
		return false
	}
	if r.names != nil {
		ok = e.names(n, v, out) && ok
	}
	return ok
}

func (e *evaluation) dependencies(n *node, v map[string]any, seen *seen, out *faults) bool {
	ok := true
	for _, d := range n.object.dependencies {
		if _, there := v[d.key]; !there {
			continue
		}
		for _, k := range d.keys {
			if _, there := v[k]; !there {
				ok = out.missing(e, n, v, k, d.key)
			}
		}
		if d.schema != nil {
			ok = e.within(n, d.schema, v, seen, out) && ok
		}
		if !ok && out == nil {
			return false
		}
	}
	return ok
}

// members holds the values of a mapping against their schemas, in the order of the keys: how many
// steps it takes to see that one does not fit depends on it.
func (e *evaluation) members(n *node, v map[string]any, seen *seen, out *faults) bool {
	r := n.object
	if len(r.patterns) == 0 && r.additional == nil && len(r.properties) == 0 {
		return true
	}
	ok, outer := true, len(e.keys)
	for _, k := range e.sorted(v) {
		if ok = e.member(n, v, k, v[k], seen, out) && ok; !ok && out == nil {
			break
		}
	}
	e.keys = e.keys[:outer]
	return ok
}

// sorted are the keys of a mapping, sorted. They stand behind those of the mappings around it, which
// takes no memory of its own.
func (e *evaluation) sorted(v map[string]any) []string {
	outer := len(e.keys)
	for k := range v {
		e.keys = append(e.keys, k)
	}
	slices.Sort(e.keys[outer:])
	return e.keys[outer:]
}

func (e *evaluation) member(n *node, in map[string]any, k string, v any, seen *seen, out *faults) bool {
	r, ok := n.object, true
	of, known := r.properties[k]
	if known {
		ok = e.property(of, k, v, out)
	}
	for i := range r.patterns {
		if p := &r.patterns[i]; (ok || out != nil) && e.matches(p.re, k) {
			known = true
			ok = e.property(p.node, k, v, out) && ok
		}
	}
	switch {
	case known:
	case r.additional == nil:
		return ok
	case r.additional.never:
		ok = out.unknown(e, n, in, k)
	default:
		ok = e.property(r.additional, k, v, out) && ok
	}
	seen.note(k)
	return ok
}

// property holds the value of a key against its schema.
func (e *evaluation) property(n *node, k string, v any, out *faults) bool {
	if n.never {
		return out.noSuchKey(e, k)
	}
	return e.below(n, v, key(k), out)
}

// names holds the keys of a mapping against a schema.
func (e *evaluation) names(n *node, v map[string]any, out *faults) bool {
	ok := true
	for _, k := range sortedKeys(v) {
		if out == nil {
			if !e.below(n.object.names, k, key(k), nil) {
				return false
			}
			continue
		}
		known := len(out.list)
		ok = e.below(n.object.names, k, key(k), out) && ok
		for i := known; i < len(out.list); i++ {
			out.list[i].key, out.list[i].ofKey = true, true
		}
	}
	return ok
}

// leftKeys holds the keys that no other schema has looked at against unevaluatedProperties.
func (e *evaluation) leftKeys(n *node, v map[string]any, seen *seen, out *faults) bool {
	ok := true
	for _, k := range sortedKeys(v) {
		switch {
		case seen.keys[k]:
		case n.object.unevaluated.never:
			ok = out.unknown(e, n, v, k)
		default:
			ok = e.below(n.object.unevaluated, v[k], key(k), out) && ok
		}
		if !ok && out == nil {
			return false
		}
		seen.keys[k] = true
	}
	return ok
}

// list holds a list against what n says of lists.
func (e *evaluation) list(n *node, v []any, seen *seen, out *faults) bool {
	r, ok := n.list, true
	if len(v) < r.min || r.max >= 0 && len(v) > r.max {
		ok = out.count(e, n, "item", "items", len(v), r.min, r.max)
	}
	if !ok && out == nil {
		return false
	}
	if r.unique {
		for _, pair := range duplicates(v, out != nil) {
			if out.full() {
				break
			}
			ok = out.repeated(e, v, pair[0], pair[1])
		}
	}
	if !ok && out == nil {
		return false
	}
	if ok = e.items(n, v, seen, out) && ok; !ok && out == nil {
		return false
	}
	if r.contains != nil {
		ok = e.contains(n, v, seen, out) && ok
	}
	return ok
}

func (e *evaluation) items(n *node, v []any, seen *seen, out *faults) bool {
	r, ok := n.list, true
	for i, of := range v {
		if i >= len(r.first) && r.rest == nil {
			break
		}
		with := r.rest
		if i < len(r.first) {
			with = r.first[i]
		}
		if with.never {
			return out.tooMany(e, n, v, i)
		}
		if !e.below(with, of, item(i), out) {
			if out == nil {
				return false
			}
			ok = false
		}
	}
	if seen != nil {
		seen.first, seen.all = max(seen.first, len(r.first)), seen.all || r.rest != nil
	}
	return ok
}

// contains holds a list against contains.
func (e *evaluation) contains(n *node, v []any, seen *seen, out *faults) bool {
	r, found := n.list, 0
	for i, of := range v {
		if !e.below(r.contains, of, item(i), nil) {
			continue
		}
		found++
		if seen != nil && r.counts {
			seen.items[i] = true
		}
	}
	if found < r.least || r.most >= 0 && found > r.most {
		return out.lacks(e, n, found)
	}
	return true
}

// leftItems holds the items that no other schema has looked at against unevaluatedItems.
func (e *evaluation) leftItems(n *node, v []any, seen *seen, out *faults) bool {
	if seen.all {
		return true
	}
	ok := true
	for i := min(seen.first, len(v)); i < len(v); i++ {
		switch {
		case seen.items[i]:
		case n.list.unevaluated.never:
			return out.tooMany(e, n, v, i)
		default:
			ok = e.below(n.list.unevaluated, v[i], item(i), out) && ok
		}
		if !ok && out == nil {
			return false
		}
	}
	seen.all = true
	return ok
}

// text holds a string against what n says of strings.
func (e *evaluation) text(n *node, v string, out *faults) bool {
	r, ok := n.text, true
	if r.min > 0 || r.max >= 0 {
		if size := utf8.RuneCountInString(v); size < r.min || r.max >= 0 && size > r.max {
			ok = out.count(e, n, "character", "characters", size, r.min, r.max)
		}
	}
	if r.pattern != nil && (ok || out != nil) && !e.matches(r.pattern, v) {
		ok = out.unmatched(e, n, v)
	}
	return ok
}

// number holds a number against what n says of numbers.
func (e *evaluation) number(n *node, v any, out *faults) bool {
	r := n.number
	switch {
	case r.least != nil && compare(v, r.least) < 0:
		return out.outside(e, n, v, "at least", r.least)
	case r.above != nil && compare(v, r.above) <= 0:
		return out.outside(e, n, v, "more than", r.above)
	case r.most != nil && compare(v, r.most) > 0:
		return out.outside(e, n, v, "at most", r.most)
	case r.below != nil && compare(v, r.below) >= 0:
		return out.outside(e, n, v, "less than", r.below)
	case r.multiple != nil && !isMultiple(v, r.multiple):
		return out.outside(e, n, v, "a multiple of", r.multiple)
	}
	return true
}
