package schema

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/ecma"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// linker follows the references of a schema through the files of a repository: it finds
// which files it is made of, and each reference that leads to nothing.
type linker struct {
	registry *Registry
	ids      map[string]string // from the URL of a schema to its path
	units    map[string]*unit  // by URL
	paths    map[string]string // from the URLs that were looked up to paths
	draft    int               // of files that do not say theirs: that of the schema asked for
	queue    []target
	seen     map[target]bool
	findings []verdict.Finding
	remote   map[string]int // by URL, the index of its finding
}

// target is a schema that somebody refers to, or the whole.
type target struct {
	url, pointer string
}

// link follows the references of the schema at a path. The files that it comes upon are known by
// their $id, too, so that the same files without the rest of the repository are linked alike.
func (r *Registry) link(name string) *linker {
	ids := maps.Clone(r.ids)
	for {
		l := &linker{registry: r, ids: ids, units: map[string]*unit{}, paths: map[string]string{}, seen: map[target]bool{}, remote: map[string]int{}, draft: latest}
		l.paths[urlOf(name)] = name
		l.draft = l.unit(urlOf(name)).draft()
		l.enqueue(urlOf(name), "")
		for len(l.queue) > 0 {
			next := l.queue[0]
			l.queue = l.queue[1:]
			l.visit(next)
		}
		known := len(ids)
		for _, file := range l.files() {
			if id, _ := r.source(file).id(); id != "" && ids[id] == "" {
				ids[id] = file
			}
		}
		if len(ids) == known {
			return l
		}
	}
}

// files are the paths of all files that were come upon, sorted.
func (l *linker) files() []string {
	return slices.Compact(slices.Sorted(maps.Values(l.paths)))
}

func (l *linker) enqueue(url, pointer string) {
	if t := (target{url, pointer}); !l.seen[t] {
		l.seen[t] = true
		l.queue = append(l.queue, t)
	}
}

// unit is the file with a URL that was looked up.
func (l *linker) unit(url string) *unit {
	if u, ok := l.units[url]; ok {
		return u
	}
	u := &unit{url: url, source: l.registry.source(l.paths[url]), resources: map[string]*resource{}, collected: map[string]bool{}}
	l.units[url] = u
	if u.source.doc != nil {
		l.collect(u, u.source.doc.Value(), "")
	}
	return u
}

// draft is that of the file as a whole.
func (u *unit) draft() int {
	if root := u.resources[""]; root != nil {
		return root.draft
	}
	return latest
}

// visit looks at one schema, and puts those that it is made of into the queue.
func (l *linker) visit(t target) {
	u := l.unit(t.url)
	if u.source.doc == nil {
		return // it cannot be read, and its findings say so
	}
	v, _ := follow(u.source.doc.Value(), wayOf(t.pointer))
	l.collect(u, v, t.pointer)
	schema, ok := v.(map[string]any)
	if !ok {
		return
	}
	res := u.resourceAt(t.pointer)
	refers := false
	for _, name := range []string{"$ref", "$recursiveRef", "$dynamicRef"} {
		if ref, ok := schema[name].(string); ok && keywords[name].knows(res.draft) {
			refers = true
			l.refer(reference{u, res, below(t.pointer, name), name, ref})
		}
	}
	if refers && res.draft < 2019 {
		return
	}
	if res.draft < 7 {
		l.patterns(u, schema, t.pointer)
	}
	children(schema, res.draft, func(way []string, v any) {
		if k := keywords[way[0]]; !k.stored && k.knows(res.draft) {
			l.enqueue(t.url, below(t.pointer, way...))
		}
	})
}

// patterns looks at the regular expressions that are keys, at which the schemas of the drafts look since
// draft-07.
func (l *linker) patterns(u *unit, schema map[string]any, pointer string) {
	byPattern, _ := schema["patternProperties"].(map[string]any)
	for _, text := range sortedKeys(byPattern) {
		if _, err := ecma.Compile(text); err != nil {
			p := u.source.place(below(pointer, "patternProperties", text), true)
			l.findings = append(l.findings, badSchema.At(p, fmt.Sprintf("%s is no regular expression: %v", quote(text), err), ""))
		}
	}
}

// reference is a $ref and where it stands.
type reference struct {
	unit    *unit
	res     *resource
	pointer string
	keyword string
	text    string
}

func (f *reference) place() verdict.Place { return f.unit.source.place(f.pointer, false) }

func (l *linker) report(f *reference, r verdict.Rule, help, format string, args ...any) {
	l.findings = append(l.findings, r.At(f.place(), fmt.Sprintf("%s %s ", f.keyword, quote(f.text))+fmt.Sprintf(format, args...), help))
}

// refer follows a reference.
func (l *linker) refer(f reference) {
	ref, fragment, _ := strings.Cut(f.text, "#")
	name, err := url.PathUnescape(fragment)
	var to *url.URL
	if err == nil {
		to, err = join(f.res.base, ref)
	}
	if err != nil {
		l.report(&f, badReference, "", "is no URL reference")
		return
	}
	if res := f.unit.resourceOf(to.String()); res != nil {
		l.land(&f, f.unit, res, name)
		return
	}
	if metaschema(to.String()) != 0 {
		return
	}
	if l.find(&f, to.String(), ref) {
		u := l.unit(to.String())
		l.land(&f, u, u.resources[""], name)
	}
}

// find looks for the file with a URL: by $id, by its path, or beside the file that refers to it. It says
// what is wrong where there is none.
func (l *linker) find(f *reference, to, ref string) bool {
	if _, done := l.paths[to]; done {
		return true
	}
	name, known := l.ids[to]
	if !known {
		name, known = l.beside(f, to, ref)
	}
	if known {
		l.paths[to] = name
	}
	return known
}

// beside is the file with a URL or a path.
func (l *linker) beside(f *reference, to, ref string) (name string, ok bool) {
	inside, own := pathOf(to)
	near, relates := relative(f.unit.source.path, ref)
	if base, _ := pathOf(f.res.base.String()); own && !strings.HasPrefix(ref, "/") {
		if _, stays := relative(base, ref); !stays {
			l.report(f, badReference, "copy the schema into the repository", "leaves the repository")
			return "", false
		}
	}
	if own && l.registry.source(inside) != nil {
		return inside, true
	}
	if relates && l.registry.source(near) != nil {
		return near, true
	}
	if own {
		l.report(f, badReference, meant(path.Base(inside), inside, l.registry.paths), "leads to %s, which is not there", inside)
		return "", false
	}
	l.refuse(f, to)
	return "", false
}

// meant proposes a path for one that is not there.
func meant(base, name string, paths []string) string {
	for _, p := range paths {
		if path.Base(p) == base {
			return fmt.Sprintf("did you mean %s?", p)
		}
	}
	if near := yamldoc.Nearest(name, paths); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}

// refuse says that a schema is somewhere else, once for each URL.
func (l *linker) refuse(f *reference, to string) {
	if i, said := l.remote[to]; said {
		l.findings[i].Related = append(l.findings[i].Related, verdict.Related{Place: f.place(), Text: "referred to here, too"})
		return
	}
	help := "vendor it and list it under schemas: it is known by its $id, or by its path"
	for _, p := range l.registry.paths {
		if path.Base(p) == path.Base(to) && p != f.place().File {
			help = fmt.Sprintf("if %s is it, give it this URL as its $id, or refer to it by its path", p)
			break
		}
	}
	l.remote[to] = len(l.findings)
	where := ""
	if f.text != to {
		where = "means " + to + ", which "
	}
	l.report(f, remoteReference, help, "%sis not in the repository, and nothing is fetched", where)
}

// land is where a reference leads to in a file: a pointer or an anchor.
func (l *linker) land(f *reference, u *unit, res *resource, fragment string) {
	if u.source.doc == nil {
		l.enqueue(u.url, "")
		return
	}
	if fragment != "" && fragment[0] != '/' {
		pointer, ok := res.anchors[fragment]
		if !ok {
			help := ""
			if near := yamldoc.Nearest(fragment, sortedKeys(res.anchors)); near != "" {
				help = fmt.Sprintf("did you mean %q?", "#"+near)
			}
			l.report(f, badReference, help, "leads to nothing: %s has no anchor %q", u.source.path, fragment)
			return
		}
		l.enqueue(u.url, pointer)
		return
	}
	way := wayOf(res.pointer + fragment)
	found, steps := follow(u.source.doc.Value(), way)
	if steps < len(way) {
		help := ""
		if siblings, ok := found.(map[string]any); ok {
			if near := yamldoc.Nearest(way[steps], sortedKeys(siblings)); near != "" {
				help = fmt.Sprintf("did you mean %q?", near)
			}
		}
		l.report(f, badReference, help, "leads to nothing: %s has no %s", u.source.path, cmp.Or(below("", way[:steps+1]...), "root"))
		return
	}
	if typeOf(found)&(objectType|booleanType) == 0 {
		l.report(f, badReference, "", "leads to %s, which is no schema", show(found))
		return
	}
	l.enqueue(u.url, res.pointer+fragment)
}

// dialect is the draft that a $schema stands for: one of the drafts, or what a schema of the
// repository says of itself. inherited is for one that is not known.
func (l *linker) dialect(u *unit, pointer, uri string, inherited int) (draft int, custom bool) {
	if draft := draftOf(uri); draft != 0 {
		return draft, false
	}
	f := &reference{u, &resource{base: &url.URL{}}, below(pointer, "$schema"), "$schema", uri}
	for range 10 { // a chain of dialects
		to, _, _ := strings.Cut(uri, "#")
		name, known := l.ids[to]
		if near, ok := relative(u.source.path, to); !known && ok {
			name, known = near, l.registry.source(near) != nil
		}
		if !known || l.registry.source(name).doc == nil {
			break
		}
		l.paths[to] = name
		root, _ := l.registry.source(name).doc.Value().(map[string]any)
		next, ok := root["$schema"].(string)
		if !ok {
			return inherited, true
		}
		if draft := draftOf(next); draft != 0 {
			return draft, true
		}
		uri = next
	}
	l.report(f, badReference, "use one of the drafts, such as https://json-schema.org/draft/2020-12/schema", "is no dialect of JSON Schema that is known here")
	return inherited, true
}
