package schema

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// unit is a schema file under one of the URLs by which it is referred to.
type unit struct {
	url       string
	source    *source
	resources map[string]*resource // by JSON Pointer; the root is always there
	collected map[string]bool      // pointers
}

// resource is a part of a file that has a URL of its own, or the whole.
type resource struct {
	pointer string
	base    *url.URL
	draft   int
	custom  bool              // its dialect is none of the drafts as they are
	anchors map[string]string // from the name to the pointer
	dynamic map[string]string // of those, the dynamic ones
}

// resourceAt is the resource that a pointer is in.
func (u *unit) resourceAt(pointer string) *resource {
	for {
		if res, ok := u.resources[pointer]; ok {
			return res
		}
		up, ok := parentOf(pointer)
		if !ok {
			return u.resources[""]
		}
		pointer = up
	}
}

// resourceOf is the resource with a URL, nil if it is in another file.
func (u *unit) resourceOf(id string) *resource {
	if id == u.url {
		return u.resources[""]
	}
	var found *resource
	for _, res := range u.resources {
		if res.base.String() == id && (found == nil || res.pointer < found.pointer) {
			found = res
		}
	}
	return found
}

// collect finds the resources and anchors of a schema and of those below it.
func (l *linker) collect(u *unit, v any, pointer string) {
	if u.collected[pointer] {
		return
	}
	u.collected[pointer] = true
	schema, _ := v.(map[string]any)
	res := l.begin(u, schema, pointer)
	l.anchor(u, res, schema, pointer)
	children(schema, latest, func(way []string, v any) {
		l.collect(u, v, below(pointer, way...))
	})
}

// begin is the resource of a schema: a new one where it has an id, or is the root.
func (l *linker) begin(u *unit, schema map[string]any, pointer string) *resource {
	base, draft, custom := l.inherited(u, pointer)
	own, ownCustom := draft, custom
	if uri, ok := schema["$schema"].(string); ok {
		own, ownCustom = l.dialect(u, pointer, uri, draft)
	}
	id := ownID(schema, own)
	if id == "" && pointer != "" {
		own, ownCustom = draft, custom
		id = ownID(schema, own)
	}
	if id == "" && pointer != "" {
		return u.resourceAt(pointer)
	}
	if id != "" {
		if resolved, err := join(base, id); err == nil {
			base = resolved
		}
		l.unlike(u, base.String(), below(pointer, idKeyword(own)))
	}
	res := &resource{pointer: pointer, base: base, draft: own, custom: ownCustom, anchors: map[string]string{}, dynamic: map[string]string{}}
	u.resources[pointer] = res
	return res
}

// inherited is the base URL and the dialect of what stands at a pointer and says nothing of them.
func (l *linker) inherited(u *unit, pointer string) (base *url.URL, draft int, custom bool) {
	if pointer == "" {
		base, err := url.Parse(u.url)
		if err != nil {
			base = &url.URL{}
		}
		return base, l.draft, false
	}
	res := u.resourceAt(pointer)
	return res.base, res.draft, res.custom
}

// unlike says if another schema of the file has the URL already.
func (l *linker) unlike(u *unit, id, pointer string) {
	for _, other := range sortedKeys(u.resources) {
		if res := u.resources[other]; res.base.String() == id {
			l.repeated(u, "id", pointer, below(other, idKeyword(res.draft)))
			return
		}
	}
}

func (l *linker) repeated(u *unit, what, second, first string) {
	f := badSchema.At(u.source.place(second, false), "another schema of the file has the same "+what, "")
	f.Related = []verdict.Related{{Place: u.source.place(first, false), Text: "the same " + what}}
	l.findings = append(l.findings, f)
}

// anchor notes the names that a schema gives itself.
func (l *linker) anchor(u *unit, res *resource, schema map[string]any, pointer string) {
	if _, refers := schema["$ref"]; refers && res.draft < 2019 {
		return
	}
	if res.draft < 2019 {
		id, _ := schema[idKeyword(res.draft)].(string)
		_, fragment, _ := strings.Cut(id, "#")
		if name, err := url.PathUnescape(fragment); err == nil && name != "" && name[0] != '/' {
			l.name(u, res, name, pointer, idKeyword(res.draft))
		}
		return
	}
	if name, ok := schema["$anchor"].(string); ok {
		l.name(u, res, name, pointer, "$anchor")
	}
	if name, ok := schema["$dynamicAnchor"].(string); ok && res.draft >= 2020 {
		l.name(u, res, name, pointer, "$dynamicAnchor")
		res.dynamic[name] = pointer
	}
}

func (l *linker) name(u *unit, res *resource, name, pointer, keyword string) {
	if other, taken := res.anchors[name]; taken && other != pointer {
		l.repeated(u, "anchor", below(pointer, keyword), other)
		return
	}
	res.anchors[name] = pointer
}

// children calls visit for the schemas directly below one, in a fixed order.
func children(schema map[string]any, draft int, visit func(way []string, v any)) {
	for _, name := range sortedKeys(schema) {
		k, known := keywords[name]
		if !known || k.since > draft {
			continue
		}
		v := schema[name]
		switch below := v.(type) {
		case []any:
			if k.shape == schemaList || k.shape == schemaOrList {
				for i, item := range below {
					visit([]string{name, strconv.Itoa(i)}, item)
				}
			}
		case map[string]any:
			if k.shape == schemasByName || k.shape == schemasOrKeysByName {
				for _, key := range sortedKeys(below) {
					if _, list := below[key].([]any); !list {
						visit([]string{name, key}, below[key])
					}
				}
			}
		}
		if _, list := v.([]any); !list && (k.shape == oneSchema || k.shape == schemaOrList) {
			visit([]string{name}, v)
		}
	}
}
