package tera

import (
	"context"
	"slices"
	"strings"
)

// renderer is the state of one Render.
type renderer struct {
	ctx    context.Context
	t      *Template
	vars   map[string]any
	frames []*frame // the first is the template's own, one more for each loop
	out    *strings.Builder
	steps  int    // left
	depth  int    // of blocks in blocks
	fatal  *Error // a bound or the end of ctx: nothing swallows it
	// passed are the errors after which rendering went on, one for each place.
	passed []*Error
	asides int // that are open: what they write is worked on
}

func newRenderer(ctx context.Context, t *Template, vars map[string]any) *renderer {
	return &renderer{
		ctx: ctx, t: t, vars: vars,
		frames: []*frame{{}}, out: &strings.Builder{},
	}
}

func (r *renderer) errorf(pos int, format string, args ...any) *Error {
	return newError(pos, format, args...)
}

// abort makes an error that ends the rendering whatever the template does.
func (r *renderer) abort(pos int, format string, args ...any) *Error {
	r.fatal = r.errorf(pos, format, args...)
	return r.fatal
}

// ctxEvery is how many steps pass between two looks at the context.
const ctxEvery = 1024

// step pays for one step and for size bytes of a value.
func (r *renderer) step(pos, size int) *Error {
	before := r.steps
	r.steps -= 1 + size/64
	if r.steps < 0 {
		return r.abort(pos, "template takes too long: it needs more steps than it may take")
	}
	if before/ctxEvery != r.steps/ctxEvery && r.ctx.Err() != nil {
		return r.abort(pos, "rendering was stopped: %v", context.Cause(r.ctx))
	}
	return nil
}

// grow checks the size of a string before or after it is made.
func (r *renderer) grow(pos, size int) *Error {
	if size > r.t.opts.MaxOutput {
		return r.abort(pos, "template makes too much text: more than %d bytes", r.t.opts.MaxOutput)
	}
	return r.step(pos, size)
}

// write appends to the output.
func (r *renderer) write(pos int, s string) *Error {
	if r.out.Len()+len(s) > r.t.opts.MaxOutput {
		return r.abort(pos, "template makes too much text: more than %d bytes", r.t.opts.MaxOutput)
	}
	r.out.WriteString(s)
	return r.step(pos, len(s))
}

// A jump is how a body ended: at its end, or by break or continue.
type jump int

const (
	onward jump = iota
	continued
	left
)

func (r *renderer) renderBody(body []node) (jump, *Error) {
	for _, n := range body {
		if j, err := r.renderNode(n); err != nil || j != onward {
			return j, err
		}
	}
	return onward, nil
}

func (r *renderer) renderNode(n node) (jump, *Error) {
	switch n := n.(type) {
	case *textNode:
		return onward, r.write(0, n.text)
	case *rawNode:
		return onward, r.write(n.pos, n.text)
	case *outputNode:
		return onward, r.renderOutput(n)
	case *setNode:
		return onward, r.renderSet(n)
	case *ifNode:
		return r.renderIf(n)
	case *forNode:
		return onward, r.renderFor(n)
	case *filterNode:
		return onward, r.renderFilter(n)
	case *blockNode:
		return onward, r.renderBlock(n)
	case *jumpNode:
		if n.leave {
			return left, nil
		}
		return continued, nil
	case *includeNode:
		return onward, r.absent(n)
	case *macroNode:
		return onward, r.errorf(n.pos, "macro %s is defined in the template itself, which Tera cannot render", quote(n.name))
	}
	return onward, r.step(0, 0)
}

// absent is the error for any other template.
func (r *renderer) absent(n *includeNode) *Error {
	return r.errorf(n.pos, "template %s cannot be loaded: a template stands alone, without extends, import or include", quote(n.file))
}

// renderOutput prints a value. One with a name that does not exist prints nothing: what
// comes after it does not depend on it.
func (r *renderer) renderOutput(n *outputNode) *Error {
	v, err := r.eval(n.value)
	if err != nil && r.pass(err) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := r.text(n.value.pos, v)
	if err != nil {
		return err
	}
	return r.write(n.value.pos, text)
}

// maxPassed is how many errors of one template are told.
const maxPassed = 100

// pass notes an error that leaves what follows as it is, if it is one.
func (r *renderer) pass(err *Error) bool {
	if err.Undefined == "" && err.Unknown == "" || r.asides > 0 || r.fatal != nil {
		return false
	}
	if slices.ContainsFunc(r.passed, func(e *Error) bool { return e.Offset == err.Offset }) {
		return true
	}
	if len(r.passed) == maxPassed {
		return false
	}
	r.passed = append(r.passed, err)
	return true
}

func (r *renderer) renderSet(n *setNode) *Error {
	v, err := r.eval(n.value)
	if err != nil {
		return err
	}
	f := r.frames[len(r.frames)-1]
	if n.global {
		f = r.frames[0]
	}
	f.set(n.name, v)
	return nil
}

func (r *renderer) renderIf(n *ifNode) (jump, *Error) {
	for _, b := range n.branches {
		if b.cond != nil {
			yes, err := r.truth(b.cond)
			if err != nil {
				return onward, err
			}
			if !yes {
				continue
			}
		}
		return r.renderBody(b.body)
	}
	return onward, nil
}

func (r *renderer) renderFor(n *forNode) *Error {
	items, err := r.container(n)
	if err != nil {
		return err
	}
	f := &frame{loop: items}
	r.frames = append(r.frames, f)
	defer func() { r.frames = r.frames[:len(r.frames)-1] }()
	for ; items.at < len(items.values); items.at++ {
		if err := r.step(n.pos, 0); err != nil {
			return err
		}
		j, err := r.renderBody(n.body)
		if err != nil || j == left {
			return err
		}
		f.vars = nil // what a turn sets is gone in the next
	}
	return nil
}

// container evaluates what a loop goes over: a list, or with two names a map.
func (r *renderer) container(n *forNode) (*loop, *Error) {
	switch n.in.kind {
	case exprPath, exprCall, exprArray:
	default:
		return nil, r.errorf(n.in.pos, "a loop goes over a variable, a function's result or a list, not over %s", n.in.describe())
	}
	v, err := r.eval(n.in)
	if err != nil {
		return nil, err
	}
	l := &loop{key: n.key, value: n.value}
	switch v := v.(type) {
	case []any:
		if n.key != "" {
			return nil, r.errorf(n.in.pos, "a loop with two names needs a map, %s is a list", n.in.describe())
		}
		l.values = v
	case map[string]any:
		if n.key == "" {
			return nil, r.errorf(n.in.pos, "%s is a map, and a loop over a map needs two names: for key, value in …", n.in.describe())
		}
		l.keys = sortedKeys(v)
		for _, k := range l.keys {
			l.values = append(l.values, v[k])
		}
	default:
		return nil, r.errorf(n.in.pos, "a loop needs a list or a map, %s is %s", n.in.describe(), kindOf(v))
	}
	return l, r.step(n.in.pos, size(v))
}

// aside runs f with an output of its own and returns what it wrote.
func (r *renderer) aside(f func() *Error) (string, *Error) {
	outer := r.out
	r.out = &strings.Builder{}
	r.asides++
	err := f()
	r.asides--
	text := r.out.String()
	r.out = outer
	return text, err
}

func (r *renderer) renderFilter(n *filterNode) *Error {
	text, err := r.aside(func() *Error {
		_, err := r.renderBody(n.body)
		return err
	})
	if err != nil {
		return err
	}
	v, err := r.filter(text, n.filter)
	if err != nil {
		return err
	}
	if text, err = r.text(n.pos, v); err != nil {
		return err
	}
	return r.write(n.pos, text)
}

// renderBlock renders the block that has the name: a block inside a condition
// gives way to one of its name outside of it, which may be around it.
func (r *renderer) renderBlock(n *blockNode) *Error {
	if named := r.t.blocks[n.name]; named != nil {
		n = named
	}
	if r.depth++; r.depth > maxDepth {
		return r.abort(n.pos, "block %s contains itself", quote(n.name))
	}
	defer func() { r.depth-- }()
	_, err := r.renderBody(n.body)
	return err
}
