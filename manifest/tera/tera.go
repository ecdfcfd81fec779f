// Package tera renders the template language of Tera 0.11 as far as validating
// a manifest needs it: strictly (an undefined variable is an error with its
// position), deterministically (no clock, no environment, no other templates)
// and within bounds, so that a template of unknown origin can be tried.
//
// It follows Tera where the verdict depends on it, including what surprises:
// conditions ignore filters, a failing "is" test counts as false in a condition,
// and an undefined variable is merely false there. What aborts Tera (a macro
// definition, a division by zero) is an error here. Text is never escaped, and
// now() is always 2000-01-01T00:00:00Z.
package tera

import "context"

// Defaults of Options.
const (
	DefaultMaxSteps  = 250_000
	DefaultMaxOutput = 1 << 20
)

// Options choose the dialect and the bounds of one template.
type Options struct {
	// File says that the template is a config file, where the filter indent
	// exists. In an environment variable's value it does not; as_secret exists
	// in both.
	File bool
	// MaxSteps bounds the work of one Render; 0 means DefaultMaxSteps. A node, an
	// expression and a turn of a loop are a step each, and so are 64 bytes of every
	// value that is made or compared.
	MaxSteps int
	// MaxOutput bounds in bytes the rendered text and every string made on the
	// way; 0 means DefaultMaxOutput.
	MaxOutput int
}

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	src     string
	opts    Options
	body    []node
	blocks  map[string]*blockNode
	foreign *includeNode // the template that extends or import needs, nil if none
}

// Parse reads a template. Every error it returns has Syntax set. Names of
// filters, tests and functions are looked up by Render, as Tera does: in a
// branch that is not taken they may be anything.
func Parse(src string, opts Options) (*Template, *Error) {
	if opts.MaxSteps == 0 {
		opts.MaxSteps = DefaultMaxSteps
	}
	if opts.MaxOutput == 0 {
		opts.MaxOutput = DefaultMaxOutput
	}
	p := &parser{scanner: scanner{src: src}}
	body, err := p.template()
	if err != nil {
		return nil, err.locate(src)
	}
	t := &Template{src: src, opts: opts, body: trimBody(body, false, false), foreign: p.foreign}
	if err := t.collectBlocks(t.body); err != nil {
		return nil, err.locate(src)
	}
	return t, nil
}

// collectBlocks remembers the blocks by name; two of one name are an error.
// Blocks inside a condition are not collected: they stand for themselves.
func (t *Template) collectBlocks(body []node) *Error {
	for _, n := range body {
		b, ok := n.(*blockNode)
		if !ok {
			continue
		}
		if _, twice := t.blocks[b.name]; twice {
			err := newError(b.pos, "block %q is defined twice", b.name)
			err.Syntax = true
			return err
		}
		if t.blocks == nil {
			t.blocks = map[string]*blockNode{}
		}
		t.blocks[b.name] = b
		if err := t.collectBlocks(b.body); err != nil {
			return err
		}
	}
	return nil
}

// Render evaluates the template with vars, whose values are string, bool,
// int64, uint64, float64, nil, []any and map[string]any; they are not changed.
// It stops with an error when ctx ends or a bound of Options is reached.
func (t *Template) Render(ctx context.Context, vars map[string]any) (string, *Error) {
	steps := t.opts.MaxSteps
	text, errs := t.RenderWithin(ctx, vars, &steps)
	if len(errs) > 0 {
		return "", errs[0]
	}
	return text, nil
}

// RenderWithin is Render for one of many templates that share a budget: it takes
// the steps that it needs off steps, and stops where none are left or MaxSteps is
// reached. Of names that do not exist it returns all that are printed, for one of
// them is no reason to think that the next is wrong, and of other errors the first.
func (t *Template) RenderWithin(ctx context.Context, vars map[string]any, steps *int) (string, []*Error) {
	r := newRenderer(ctx, t, vars)
	r.steps = min(t.opts.MaxSteps, max(*steps, 0))
	spare := *steps - r.steps
	defer func() { *steps = spare + max(r.steps, 0) }()
	if t.foreign != nil {
		return "", []*Error{r.absent(t.foreign).locate(t.src)}
	}
	if _, err := r.renderBody(t.body); err != nil {
		r.passed = append(r.passed, err)
	}
	if len(r.passed) > 0 {
		for _, err := range r.passed {
			err.locate(t.src)
		}
		return "", r.passed
	}
	return r.out.String(), nil
}
