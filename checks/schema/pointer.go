package schema

import (
	"slices"
	"strconv"
	"strings"
)

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// below is the JSON Pointer of what lies below another.
func below(pointer string, names ...string) string {
	for _, name := range names {
		pointer += "/" + escaper.Replace(name)
	}
	return pointer
}

// wayOf are the keys and indexes of a JSON Pointer.
func wayOf(pointer string) []string {
	if pointer == "" {
		return nil
	}
	way := strings.Split(pointer[1:], "/")
	for i, step := range way {
		way[i] = unescaper.Replace(step)
	}
	return way
}

// follow is the value that a way leads to, and how many of its steps are there.
func follow(v any, way []string) (found any, steps int) {
	for i, step := range way {
		next, ok := child(v, step)
		if !ok {
			return v, i
		}
		v = next
	}
	return v, len(way)
}

func child(v any, step string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		next, ok := v[step]
		return next, ok
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

// parentOf is the JSON Pointer without its last step, false for the root.
func parentOf(pointer string) (string, bool) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", false
	}
	return pointer[:i], true
}

// sortedKeys are the keys of a mapping, sorted.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
