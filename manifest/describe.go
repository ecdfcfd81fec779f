package manifest

import (
	"fmt"
	"io"
)

// describeTo writes what decides how o is decoded, each object once.
func describeTo(w io.Writer, o *object, seen map[*object]bool) {
	if o == nil || seen[o] {
		return
	}
	seen[o] = true
	fmt.Fprintf(w, "%s %d\n", o.name, o.unknown)
	for _, f := range o.fields {
		fmt.Fprintf(w, " %s %s %q %t %t %t %d\n", f.key, f.typ, f.def, f.required, f.notNull, f.root, f.merge)
	}
	for _, f := range o.fields {
		describeType(w, f.typ, seen)
	}
	if o.extra != nil {
		describeType(w, o.extra, seen)
	}
}

func describeType(w io.Writer, t *typ, seen map[*object]bool) {
	for ; t != nil; t = t.elem {
		fmt.Fprintf(w, "  %d %d %d %v %t %t\n", t.kind, t.min, t.max, t.enum, t.textual, t.nullable)
		describeTo(w, t.object, seen)
	}
}
