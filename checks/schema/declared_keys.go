package schema

import (
	"fmt"
	"strings"
)

// property is the schema of a key, nil if there is none.
func (n *node) property(k string) *node {
	if n.object == nil {
		return nil
	}
	return n.object.properties[k]
}

// declared are the keys that a schema, or one that it applies to the same mapping, has schemas
// for, sorted.
func (n *node) declared() []string {
	all := map[string]bool{}
	n.declare(all, 0)
	return sortedKeys(all)
}

// maxNested is how deep schemas are looked into for words about them.
const maxNested = 8

func (n *node) declare(all map[string]bool, depth int) {
	if n == nil || depth > maxNested {
		return
	}
	if n.object != nil {
		for k, of := range n.object.properties {
			if !of.never {
				all[k] = true
			}
		}
		if n.object.unevaluated == nil {
			if depth == 0 {
				return // no other schema counts
			}
		}
		for _, d := range n.object.dependencies {
			d.schema.declare(all, depth+1)
		}
	}
	for _, list := range [][]*node{{n.ref, n.when, n.then, n.els, n.dynamic, n.recursive}, n.allOf, n.anyOf, n.oneOf} {
		for _, of := range list {
			of.declare(all, depth+1)
		}
	}
}

// label is what one calls an alternative.
func label(n *node, index int) string {
	if n.title != "" {
		return quote(n.title)
	}
	if want := expects(n, must); want != "" {
		return "to " + want
	}
	return fmt.Sprintf("alternative %d", index+1)
}

func keyWords(keys []string, and string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = quote(k)
	}
	if len(keys) == 1 {
		return "the key " + quoted[0]
	}
	return "the keys " + strings.Join(quoted[:len(keys)-1], ", ") + " " + and + " " + quoted[len(keys)-1]
}
