package proposal

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/verdict"
)

// candidate is a schema of the repository that kinds may be checked with.
type candidate struct {
	path     string
	compiled *schema.Schema
}

// schemas finds the schema of each kind by trying them all.
func (d *draft) schemas(ctx context.Context) error {
	paths := d.schemaFiles()
	registry, _ := schema.NewRegistry(d.survey.files, paths)
	var all []candidate
	for _, file := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		compiled, findings := registry.Compile(file, schema.Options{})
		if compiled == nil {
			d.note("left out: the schema %s: %s", file, firstError(findings))
			continue
		}
		all = append(all, candidate{file, compiled})
	}
	var chosen []candidate
	for _, k := range d.kinds {
		for i, part := range k.parts() {
			f, err := d.fit(ctx, part, all)
			if err != nil {
				return err
			}
			if l, ok := d.schemaLine(k, part, f, i); ok {
				k.checks = append(k.checks, l)
				chosen = append(chosen, f.candidate)
			}
		}
		d.noteNamed(k)
	}
	d.globs = d.schemaGlobs(chosen, paths)
	return nil
}

// part is the files of a kind that have one name, or all of them.
type part struct {
	*group
	sample []sampled
}

// parts are the kind's own files, and those beside them in some of its folders.
func (k *kind) parts() []part {
	return append([]part{{k.group, k.sample}}, k.beside...)
}

// schemaFiles are the files that are JSON Schemas, sorted: those that say so by their names,
// and among the others, as many as may be read, those that say so themselves.
func (d *draft) schemaFiles() (all []string) {
	owned := map[string]bool{}
	for _, k := range d.kinds {
		for _, unit := range k.units() {
			owned[unit] = true
		}
	}
	var others []string
	for _, file := range d.paths(false) {
		if _, ok := document.FormatOf(file); !ok || owned[file] || isBelow(file, owned) {
			continue
		}
		if namedAsSchema(file) {
			all = append(all, file)
		} else {
			others = append(others, file)
		}
	}
	if n := d.bounds.schemas; len(all) > n {
		d.note("only the first %d of %s were tried", n, count(len(all), "schema", "schemas"))
		all = all[:n]
	}
	for _, file := range nearRoot(others, d.bounds.schemas) {
		if len(all) == d.bounds.schemas {
			break
		}
		if read, _, err := d.document(file); err == nil && len(read.Docs) == 1 && isSchema(read.Docs[0].Value()) {
			all = append(all, file)
		}
	}
	slices.Sort(all)
	return all
}

// nearRoot are so many of the files, those with schema in their paths and those that lie
// less deep first.
func nearRoot(files []string, n int) []string {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b string) int { return distance(a) - distance(b) })
	return files[:min(n, len(files))]
}

func distance(file string) int {
	if strings.Contains(strings.ToLower(file), "schema") {
		return 0
	}
	return depth(file)
}

// schemaLine is the check that a part's files fit a schema. i is 0 for the kind's own part.
func (d *draft) schemaLine(k *kind, p part, f fitted, i int) (line, bool) {
	if f.path == "" || i > 0 && f.off() {
		return line{}, false
	}
	text := declared.Schema + ": " + scalar(f.path)
	if k.folder {
		text += ", in: " + scalar(escaped(p.file))
	}
	if i > 0 {
		text += ", id: " + scalar(k.name+"/"+word(p.file))
	}
	if i > 0 && len(p.files) < len(k.files) {
		text += ", optional: true"
	}
	return line{text: text, remark: f.remark(), off: f.off()}, true
}

// noteNamed says which schema many of a kind's files name that is not here.
func (d *draft) noteNamed(k *kind) {
	named := map[string]int{}
	for _, one := range k.sample {
		if one.names != "" && d.here(one) == "" {
			named[one.names]++
		}
	}
	if name := mostNamed(named); named[name]*4 > len(k.sample) {
		d.note("%s: %d of %d that were read name the schema %s, which is not here", k.name, named[name], len(k.sample), name)
	}
}

// here is the schema in the repository that a file names for editors: by its path, or by
// a URL that ends in it. "" for none.
func (d *draft) here(one sampled) string {
	if one.names == "" {
		return ""
	}
	if beside := path.Join(path.Dir(one.file), one.names); !strings.Contains(one.names, "://") && d.has(beside) {
		return beside
	}
	name, _, _ := strings.Cut(one.names, "#")
	_, name, isURL := strings.Cut(name, "://")
	if !isURL {
		return ""
	}
	for {
		_, rest, more := strings.Cut(name, "/")
		if !more {
			return ""
		}
		if name = rest; d.has(name) {
			return name
		}
	}
}

// schemaGlobs are globs of the schemas that the chosen ones refer to, and of themselves:
// whoever checks a unit has the files that are named, and no others.
func (d *draft) schemaGlobs(chosen []candidate, paths []string) []string {
	var needed []string
	for _, c := range chosen {
		if files := c.compiled.Files(); len(files) > 1 {
			needed = append(needed, files...)
		}
	}
	needed = slices.Compact(slices.Sorted(slices.Values(needed)))
	if len(needed) == 0 {
		return nil
	}
	dir := path.Dir(needed[0])
	for _, end := range []string{"*.schema.json", "*-schema.json", "*.json", "*.yaml", "*.yml"} {
		k := &kind{group: &group{}, at: []string{path.Join(escapedPath(dir), end)}}
		matched := d.matched(k)
		if !slices.ContainsFunc(needed, func(file string) bool { return !slices.Contains(matched, file) }) &&
			!slices.ContainsFunc(matched, func(file string) bool { return !slices.Contains(paths, file) }) {
			return k.at
		}
	}
	return needed
}

// hasErrors says whether a file's documents break a schema.
func (c candidate) hasErrors(docs []*document.Document) bool {
	return slices.ContainsFunc(docs, func(doc *document.Document) bool {
		found, err := c.compiled.Check(context.Background(), doc)
		return err != nil || verdict.HasError(found)
	})
}

// remark says how many of the sample fit.
func (f fitted) remark() string {
	if f.ok == f.of {
		return fmt.Sprintf("all %d that were read fit", f.of)
	}
	return fmt.Sprintf("%d of %d that were read do not fit, such as %s", f.of-f.ok, f.of, f.misfit)
}
