// Package schema checks documents against the JSON Schemas of a repository, of drafts 4 to
// 2020-12, and explains what is wrong: one finding for one mistake, in the words of whoever
// writes the document.
//
// The repository is the only source: schemas refer to each other by path and by $id, and nothing
// is fetched.
package schema

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed306eabeb/muster/document"
	"github.com/seed306eabeb/muster/internal/ecma"
	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
)

// Options are how a schema is meant.
type Options struct {
	FormatsOff bool // formats are annotations and check nothing
}

// Schema is a compiled schema. It does not change, and is safe for concurrent use.
type Schema struct {
	files []string
	root  *node
}

// Files are the paths of the files that the schema is made of, sorted. From these alone it
// compiles again.
func (s *Schema) Files() []string { return slices.Clone(s.files) }

// Check says what is wrong with a document, in the order of places; nothing if it is valid. With
// an error it is not known whether it is: that of ctx, or an UndecidedError.
func (s *Schema) Check(ctx context.Context, d *document.Document) ([]verdict.Finding, error) {
	all, err := s.faults(ctx, d.Value())
	var open undecided
	if errors.As(err, &open) {
		at := d.At(open.way...)
		return nil, UndecidedError{at, fmt.Sprintf("%s could not be held against %s: %v", cmp.Or(at.Path, "the document"), brief(open.re.String()), open.err)}
	}
	if err != nil {
		return nil, err
	}
	return findings(d, all), nil
}

// UndecidedError says that a document can be neither accepted nor refused, for a reason that may be
// gone at the next try.
type UndecidedError struct {
	verdict.Place
	Message string
}

func (e UndecidedError) Error() string {
	return fmt.Sprintf("%s: %s: write the expression without look-around, and without a repetition in a repetition", e.Place, e.Message)
}

// Compile compiles the schema at a path. Beside mistakes, for which there is no schema, it tells
// what is surely not meant.
func (r *Registry) Compile(name string, o Options) (*Schema, []verdict.Finding) {
	if r.source(name) == nil {
		return nil, []verdict.Finding{noSchema.At(verdict.Place{File: name}, "there is no schema "+name, meant("", name, r.paths))}
	}
	l := r.link(name)
	found := l.findings
	for _, file := range l.files() {
		found = append(found, r.judge(file, l)...)
	}
	found = distinct(found)
	if verdict.HasError(found) {
		return nil, found
	}
	c := newCompiler(l)
	c.DefaultDraft(drafts[l.draft])
	var root *node
	err := guard(func() error {
		compiled, err := c.Compile(urlOf(name))
		if err == nil {
			root, err = newBuilder(c, l, o).build(compiled)
		}
		return err
	})
	if err != nil {
		return nil, verdict.SortFindings(append(found, l.refused(name, err)))
	}
	if root.asksNothing() {
		at := r.source(name).place("", false)
		found = verdict.SortFindings(append(found, emptySchema.At(at, name+" asks for nothing: every document fits it", "say what a document must be, by type, required, properties or $ref")))
	}
	return &Schema{files: l.files(), root: root}, found
}

// distinct is findings, sorted, without those of a schema's own schema where a better one says why.
func distinct(found []verdict.Finding) []verdict.Finding {
	better := map[verdict.Place]bool{}
	for _, f := range found {
		better[f.Place] = better[f.Place] || f.Name == badReference.Name
	}
	return verdict.SortFindings(slices.DeleteFunc(found, func(f verdict.Finding) bool { return f.Name == badSchema.Name && better[f.Place] }))
}

// judge looks at one file that a schema is made of.
func (r *Registry) judge(file string, l *linker) []verdict.Finding {
	s := r.source(file)
	found := slices.Clone(s.findings)
	if s.doc == nil {
		return found
	}
	if draft, ok := l.draftOf(file); ok {
		meta, err := metaOf(draft)
		if err != nil {
			return append(found, badSchema.At(s.place("", false), fmt.Sprintf("the schema of %s does not compile: %v", draftName(draft), err), ""))
		}
		broken, err := meta.Check(context.Background(), s.doc)
		if err != nil {
			return append(found, badSchema.At(s.place("", false), err.Error(), ""))
		}
		for _, f := range broken {
			f.Name = badSchema.Name
			found = append(found, f)
		}
	}
	return append(found, lint(s, l)...)
}

var drafts = map[int]*jsonschema.Draft{4: jsonschema.Draft4, 6: jsonschema.Draft6, 7: jsonschema.Draft7, 2019: jsonschema.Draft2019, 2020: jsonschema.Draft2020}

// newCompiler is a compiler that reads what was linked, and nothing else.
func newCompiler(l *linker) *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.UseLoader(l)
	c.AssertFormat()
	c.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) { return ecma.Compile(text) })
	return c
}

// Load is the schema at a URL that was looked up.
func (l *linker) Load(url string) (any, error) {
	name, ok := l.paths[url]
	if !ok {
		return nil, fmt.Errorf("%s is not in the repository", url)
	}
	return l.registry.source(name).doc.Value(), nil
}

// guard turns a panic into an error.
func guard(compile func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = foreign.ErrBroken
		}
	}()
	return compile()
}
