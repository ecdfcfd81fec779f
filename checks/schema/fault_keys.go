package schema

import (
	"fmt"
	"slices"

	"github.com/seed306eabeb/muster/yamldoc"
)

// missing is about a key that a mapping lacks; beside is the key that asks for it, "" if the mapping
// does.
func (out *faults) missing(e *evaluation, n *node, v map[string]any, k, beside string) bool {
	if out == nil {
		return false
	}
	f := fault{rule: missingKey, way: e.here(), key: true}
	if beside != "" {
		f.way, f.beside = e.here(key(beside)), true
	}
	f.lack([]string{k})
	if of := n.property(k); of != nil {
		f.about = of.about
	}
	strange := slices.DeleteFunc(sortedKeys(v), func(given string) bool { return given == beside || n.property(given) != nil })
	if near := yamldoc.Nearest(k, strange); near != "" {
		f.help = fmt.Sprintf("is %q meant?", near)
		f.related = []relation{{e.here(key(near)), true, "looks like it"}}
	}
	out.put(f)
	return false
}

// lack lets f be about keys that a mapping lacks.
func (f *fault) lack(keys []string) {
	f.keys = keys
	f.said, f.takes = "needs "+keyWords(keys, "and"), "have "+keyWords(keys, "and")
	if f.beside {
		f.said += " beside it"
	}
}

func (out *faults) unknown(e *evaluation, n *node, in map[string]any, k string) bool {
	if out == nil {
		return false
	}
	f := fault{rule: unknownKey, way: e.here(key(k)), key: true, of: e.here(), whole: true, keys: []string{k},
		said: "unknown key " + quote(k), takes: "not have " + keyWords([]string{k}, "and")}
	var free []string
	for _, known := range n.declared() {
		if _, given := in[known]; !given {
			free = append(free, known)
		}
	}
	if near := yamldoc.Nearest(k, free); near != "" {
		f.help = fmt.Sprintf("did you mean %q?", near)
	} else {
		f.help = yamldoc.Choices(free)
	}
	out.put(f)
	return false
}

// noSuchKey is about a key whose schema is false.
func (out *faults) noSuchKey(e *evaluation, k string) bool {
	if out == nil {
		return false
	}
	out.put(fault{rule: notAllowed, way: e.here(key(k)), key: true, of: e.here(), whole: true,
		said: "the key " + quote(k) + " is not allowed", takes: "not have " + keyWords([]string{k}, "and")})
	return false
}
