package schema

import (
	"fmt"
	"slices"
	"strings"
)

// alternative is one schema of anyOf or oneOf, and why a value does not fit it.
type alternative struct {
	node   *node
	faults []fault
}

// choose says why a value fits none of several schemas: as the one says that was meant, where
// that is clear.
func (out *faults) choose(e *evaluation, n *node, of []*node, v any, seen *seen) bool {
	if out.full() {
		return false
	}
	var all []alternative
	for _, a := range of {
		own := seen.fresh()
		var why faults
		e.check(a, v, own, &why)
		if e.stop || len(why.list) == 0 {
			return false // it is not decided, which is told
		}
		seen.merge(own)
		all = append(all, alternative{a, tidy(why.list, nil)})
	}
	depth := len(e.way)
	left := without(all, func(a alternative) bool { return a.node.never })
	left = without(left, func(a alternative) bool { return a.isOfAnotherType(depth) })
	left = byChoice(left, depth, v)
	candidates := len(left)
	if f, ok := sameFault(left); ok {
		left = []alternative{{n, []fault{f}}}
	} else {
		left = cheapest(left, depth)
	}
	if len(left) > 1 {
		out.put(tied(e.here(), n, left, len(all), v))
		return false
	}
	for _, f := range left[0].faults {
		if f.about == "" && len(f.way) == depth {
			f.about = n.about
		}
		if f.hint == "" && candidates > 1 && left[0].node != n {
			f.hint = fmt.Sprintf("read as the closest of %d alternatives", len(all))
		}
		out.put(f)
	}
	return false
}

// without is all but some, or all if those would be all.
func without(all []alternative, drop func(alternative) bool) []alternative {
	left := slices.DeleteFunc(slices.Clone(all), drop)
	if len(left) == 0 {
		return all
	}
	return left
}

// isOfAnotherType says whether the value at a depth would have to be of another type.
func (a alternative) isOfAnotherType(depth int) bool {
	return slices.ContainsFunc(a.faults, func(f fault) bool { return len(f.way) == depth && !f.key && f.rule.Name == wrongType.Name })
}

// disputes are the keys directly below a depth whose value is none that the alternative
// allows.
func (a alternative) disputes(depth int) map[string]bool {
	keys := map[string]bool{}
	for _, f := range a.faults {
		if len(f.way) == depth+1 && !f.key && f.allowed != nil {
			keys[f.way[depth]] = true
		}
	}
	return keys
}

// byChoice is the alternatives that agree with the value of a key by which they tell themselves
// apart. Where none does, that key alone is what is wrong.
func byChoice(all []alternative, depth int, v any) []alternative {
	object, _ := v.(map[string]any)
	if len(all) < 2 || object == nil {
		return all
	}
	keys := map[string]bool{}
	for _, a := range all {
		for k := range a.disputes(depth) {
			keys[k] = true
		}
		for k := range a.node.choices(0) {
			keys[k] = true
		}
	}
	for _, k := range sortedKeys(keys) {
		agree := slices.DeleteFunc(slices.Clone(all), func(a alternative) bool { return a.disputes(depth)[k] || a.node.choices(0)[k] == nil })
		_, given := object[k]
		switch {
		case given && len(agree) > 0 && len(agree) < len(all):
			all = agree
		case len(agree) == 0 || !given && len(agree) == len(all):
			if f, ok := dispute(all, depth, k, object); ok {
				return []alternative{{all[0].node, []fault{f}}}
			}
		}
	}
	return all
}

// dispute is the fault of a key that no alternative agrees with, or that all of them lack.
func dispute(all []alternative, depth int, k string, object map[string]any) (f fault, ok bool) {
	var allowed []any
	for _, a := range all {
		i := slices.IndexFunc(a.faults, func(f fault) bool {
			return len(f.way) == depth+1 && !f.key && f.way[depth] == k && f.allowed != nil ||
				len(f.way) == depth && f.rule.Name == missingKey.Name && slices.Contains(f.keys, k)
		})
		is := a.node.choices(0)[k]
		if i < 0 || is == nil {
			return f, false
		}
		if f.way == nil {
			f = a.faults[i]
		}
		allowed = union(allowed, is.values)
	}
	if v, given := object[k]; given {
		return among(f.way, v, allowed, f.about), true
	}
	f.lack([]string{k})
	if f.help == "" {
		f.help = list(allowed, "one of ")
	}
	return f, true
}

// union is values without repeats.
func union(a, b []any) []any {
	for _, v := range b {
		if !slices.ContainsFunc(a, func(known any) bool { return equal(known, v) }) {
			a = append(a, v)
		}
	}
	return a
}

// choices are the keys of a mapping whose values a schema lists.
func (n *node) choices(depth int) map[string]*enum {
	all := map[string]*enum{}
	if n == nil || depth > maxNested {
		return all
	}
	if n.object != nil {
		for k, of := range n.object.properties {
			if is := of.choice(); is != nil {
				all[k] = is
			}
		}
	}
	further := append([]*node{n.ref}, n.allOf...)
	if n.els != nil && n.els.never {
		further = append(further, n.when)
	}
	for _, of := range further {
		for k, is := range of.choices(depth + 1) {
			if all[k] == nil {
				all[k] = is
			}
		}
	}
	return all
}

// cheapest is the alternatives with the least to mend, those that say the same once.
func cheapest(all []alternative, depth int) []alternative {
	least := -1
	var left []alternative
	for _, a := range all {
		w := a.weight(depth)
		if least < 0 || w < least {
			least, left = w, nil
		}
		if w == least && !slices.ContainsFunc(left, a.saysAs) {
			left = append(left, a)
		}
	}
	return left
}

func (a alternative) saysAs(o alternative) bool {
	return slices.EqualFunc(a.faults, o.faults, func(f, g fault) bool { return f.said == g.said && slices.Equal(f.way, g.way) })
}

// weight is how much there is to mend.
func (a alternative) weight(depth int) int {
	sum := 0
	for _, f := range a.faults {
		w := 1
		switch {
		case f.rule.Name == missingKey.Name || f.rule.Name == unknownKey.Name:
			w = 2 * max(1, len(f.keys))
		case f.near:
		case f.allowed != nil && len(f.way) == depth:
			w = 3
		case f.allowed != nil || len(f.way) == depth:
			w = 2
		}
		sum += w
	}
	return sum
}

// tied is one fault for several alternatives that are as near: what each would take.
func tied(way []string, n *node, all []alternative, total int, v any) fault {
	f := fault{rule: anyOf, way: way, about: n.about}
	var ways []string
	for _, a := range all {
		if text := a.takes(len(way)); !slices.Contains(ways, text) {
			ways = append(ways, text)
		}
	}
	more := ""
	if len(ways) > maxListed/2 {
		more = fmt.Sprintf("; or one of %d more", len(ways)-maxListed/2)
		ways = ways[:maxListed/2]
	}
	f.takes = strings.Join(ways, "; or ") + more
	f.said = fmt.Sprintf("fits none of %d alternatives: it must %s", total, f.takes)
	if typeOf(v)&(objectType|arrayType) == 0 {
		f.said = "is " + show(v) + ", which " + f.said
	}
	return f
}

// takes is what the value would have to do to fit the alternative.
func (a alternative) takes(depth int) string {
	var ways []string
	for i, f := range a.faults {
		if i == 2 && len(a.faults) > 3 {
			ways = append(ways, fmt.Sprintf("%d changes more", len(a.faults)-i))
			break
		}
		subject := f.way
		if f.of != nil {
			subject = f.of
		}
		text := f.takes
		if len(subject) > depth {
			text = "have " + pathText(subject[depth:]) + " that must " + text
		}
		ways = append(ways, text)
	}
	return strings.Join(ways, " and ")
}

// sameFault is one fault for alternatives that each want one thing of the same place.
func sameFault(all []alternative) (f fault, ok bool) {
	f = all[0].faults[0]
	if len(all) == 1 {
		return f, false
	}
	for _, a := range all {
		g := a.faults[0]
		if len(a.faults) != 1 || g.rule.Name != f.rule.Name || g.key != f.key || g.ofKey != f.ofKey || !slices.Equal(g.way, f.way) {
			return f, false
		}
	}
	switch f.rule.Name {
	case wrongType.Name:
		for _, a := range all {
			f.want |= a.faults[0].want
		}
		f.said, f.takes, f.help = "must be "+f.want.String()+", not "+show(f.got), "be "+f.want.String(), retype(f.want, f.got)
	case notAllowed.Name:
		var allowed []any
		for _, a := range all {
			allowed = union(allowed, a.faults[0].allowed)
		}
		f = among(f.way, f.got, allowed, "")
	case missingKey.Name:
		var sets []string
		for _, a := range smallest(all) {
			sets = append(sets, strings.TrimPrefix(strings.TrimPrefix(keyWords(a.faults[0].keys, "and"), "the key "), "the keys "))
		}
		f.said, f.takes = "needs the key "+or(sets), "have the key "+or(sets)
		f.help, f.about, f.related = "", "", nil
	default:
		return f, false
	}
	return f, f.rule.Name != notAllowed.Name || len(f.allowed) > 0
}

// smallest is alternatives that lack keys, without those that lack all the keys of another one and more.
func smallest(all []alternative) []alternative {
	lacks := func(a, b alternative) bool {
		return !slices.ContainsFunc(b.faults[0].keys, func(k string) bool { return !slices.Contains(a.faults[0].keys, k) })
	}
	var left []alternative
	for i, a := range all {
		more := false
		for j, b := range all {
			more = more || i != j && lacks(a, b) && (!lacks(b, a) || j < i)
		}
		if !more {
			left = append(left, a)
		}
	}
	return left
}
