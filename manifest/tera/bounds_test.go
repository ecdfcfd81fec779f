package tera

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// Each template asks for far more than it may have, in its own way, and must be
// refused at once.
func TestBounds(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"nested loops":      "{% for a in range(end=9999) %}{% for b in range(end=9999) %}{% endfor %}{% endfor %}",
		"endless range":     "{{ range(end=1, step_by=0) }}",
		"long range":        "{{ range(end=9000000000000) }}",
		"doubling string":   "{% set x = 'ab' %}{% for i in range(end=64) %}{% set_global x = x ~ x %}{% endfor %}",
		"doubling list":     "{% set x = [1] %}{% for i in range(end=64) %}{% set_global x = x | concat(with=x) %}{% endfor %}",
		"sharing list":      "{% set x = [1] %}{% for i in range(end=64) %}{% set_global x = [x, x] %}{% endfor %}{{ x }}",
		"sharing, as JSON":  "{% set x = [1] %}{% for i in range(end=64) %}{% set_global x = [x, x] %}{% endfor %}{{ x | json_encode }}",
		"sharing, compared": "{% set x = [1] %}{% set y = [1] %}{% for i in range(end=64) %}{% set_global x = [x, x] %}{% set_global y = [y, y] %}{% endfor %}{{ x == y }}",
		"deep value":        "{% set x = [1] %}{% for i in range(end=999) %}{% set_global x = [x] %}{% endfor %}{{ x }}",
		"wide indent":       "{{ 'a' | indent(spaces=9000000000000) }}",
		"big replacement":   "{% set x = 'a' %}{% for i in range(end=9) %}{% set_global x = x | replace(from='a', to='aaaaaaaaaa') %}{% endfor %}",
		"long separator":    "{% set s = 'aaaaaaaaaa' | replace(from='a', to='aaaaaaaaaaaaaaaaaaaaaaaaaaaaa') %}{{ range(end=9999) | join(sep=s) }}",
		"much output":       "{% for i in range(end=9999) %}" + strings.Repeat("x", 1000) + "{% endfor %}",
		"nested sections":   strings.Repeat("{% filter upper %}", 99) + strings.Repeat("x", 300_000) + strings.Repeat("{% endfilter %}", 99),
		"costly expression": "{% set x = '" + strings.Repeat("a", 99_999) + "' %}{{ x is matching('(a{30}){30}b') }}",
		"costly again":      "{% for a in range(end=9999) %}{% if region is matching('" + strings.Repeat("(", 900) + "a{1000}') %}{% endif %}{% endfor %}",
		"names and no end":  "{% for a in range(end=9999) %}{% for b in range(end=9999) %}{{ nope }}{% endfor %}{% endfor %}",
		"swallowed errors":  strings.Repeat(" ", 500_000) + "{% for a in range(end=60000) %}{% if nope is odd %}{% endif %}{% endfor %}{{ nope }}",
		"block in itself":   "{% block a %}{% if true %}{% block a %}{% endblock %}{% endif %}{% endblock %}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if got, err := render(src); err == nil {
				t.Errorf("rendered %d bytes", len(got))
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// A bound holds where Tera swallows errors, too.
func TestBoundsAreNotSwallowedByConditions(t *testing.T) {
	t.Parallel()
	_, err := render("{% if range(end=9000000000000) + 1 %}{% endif %}done")
	if err == nil || !strings.Contains(err.Msg, "takes too long") {
		t.Errorf("got %v", err)
	}
}

func TestNestingIsASyntaxError(t *testing.T) {
	t.Parallel()
	const deep = 100_000
	for name, src := range map[string]string{
		"tags":        strings.Repeat("{% if a %}", deep),
		"parentheses": "{{ " + strings.Repeat("(", deep),
		"brackets":    "{{ a" + strings.Repeat("[a", deep),
		"arguments":   "{{ " + strings.Repeat("a(b=", deep),
		"tests":       "{{ " + strings.Repeat("a is b(", deep),
		"operators":   "{{ 1" + strings.Repeat(" + 1", deep) + " }}",
		"words":       "{{ 1" + strings.Repeat(" or 1", deep) + " }}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse(src, Options{}); err == nil || !err.Syntax {
				t.Errorf("got %v, want a syntax error", err)
			}
		})
	}
}

func TestOptionsChooseTheBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts Options
		want string
	}{
		"steps":  {Options{MaxSteps: 5}, "1:1: template takes too long: it needs more steps than it may take"},
		"output": {Options{MaxOutput: 5}, "1:1: template makes too much text: more than 5 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tpl, err := Parse("{% for x in xs %}long text{% endfor %}", c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = tpl.Render(t.Context(), vars()); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestTemplatesShareABudget(t *testing.T) {
	t.Parallel()
	tpl, err := Parse("{% for a in range(end=100) %}{{ a }}{% endfor %}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	steps := 10_000
	rendered := 0
	for range 100 {
		before := steps
		if _, errs := tpl.RenderWithin(t.Context(), nil, &steps); len(errs) > 0 {
			err = errs[0]
			break
		}
		rendered++
		if steps >= before {
			t.Fatalf("%d steps left of %d", steps, before)
		}
	}
	if err == nil || !strings.Contains(err.Msg, "takes too long") {
		t.Errorf("got %v after %d templates", err, rendered)
	}
	if rendered < 5 || steps != 0 {
		t.Errorf("rendered %d templates, %d steps left", rendered, steps)
	}
}

func TestRenderStopsWithItsContext(t *testing.T) {
	t.Parallel()
	tpl, err := Parse("{% for a in range(end=9999) %}{{ a }}{% endfor %}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the run is over"))
	if _, err = tpl.Render(ctx, nil); err == nil || !strings.Contains(err.Msg, "the run is over") {
		t.Errorf("got %v", err)
	}
}

func TestTemplateRendersConcurrently(t *testing.T) {
	t.Parallel()
	tpl, err := Parse("{% for x in xs | sort %}{% set y = x %}{{ y }}{% endfor %}{{ xs }}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	shared := vars()
	results := make(chan string)
	for range 8 {
		go func() {
			got, err := tpl.Render(context.Background(), shared)
			if err != nil {
				got = err.Error()
			}
			results <- got
		}()
	}
	for range 8 {
		if got, want := <-results, "abc[b, a, c]"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
