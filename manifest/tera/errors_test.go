package tera

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	wantFailures(t, []failure{
		{"{{ unclosed", `1:1: "{{" is never closed: "}}" is missing`},
		{"{{", `1:3: expected a value, found the end of the template`},
		{"{{ }}", `1:4: expected a value, found "}}"`},
		{"a\nb {{ region }", `2:13: expected "}}" after the expression, found "}"`},
		{"{{- region -}}", `1:3: "{{-" is not Tera syntax: only tags ({%- and -%}) control white space`},
		{"{{ region -}}", `1:11: expected "}}" after the expression, found "-"`},
		{"{%", `1:1: "{%" is never closed: "%}" is missing`},
		{"é{% if a %}", `1:2: {% if %} is never closed: {% endif %} is missing`},
		{"{% if a %}{% else %}", `1:1: {% if %} is never closed: {% endif %} is missing`},
		{"{% if a %}{% else %}{% elif b %}{% endif %}", `1:21: {% elif %} has nothing to end here`},
		{"{% if a %}{% elseif b %}{% endif %}", `1:11: there is no {% else if %}: write {% elif … %}`},
		{"{% if a %}{%- else if b -%}{% endif %}", `1:11: there is no {% else if %}: write {% elif … %}`},
		{"{% if a %}{% else %}{% elseif b %}{% endif %}", `1:21: there is no {% else if %}: write {% elif … %}`},
		{"{% elseif b %}", `1:1: there is no {% else if %}: write {% elif … %}`},
		{"{% if a %}{% else iffy %}", `1:19: expected "%}" to end {% else, found "iffy"`},
		{"{% for x in xs %}{% endif %}", `1:18: {% endif %} has nothing to end here`},
		{"{% for x of xs %}", `1:10: expected "in" after the names of {% for, found "of"`},
		{"{% unless a %}", `1:4: unknown tag "unless"`},
		{"{% break %}", `1:1: {% break %} is not allowed here`},
		{"{% for x in xs %}{% block a %}{% endblock %}{% endfor %}", `1:18: {% block %} is not allowed here`},
		{"x{% extends 'a' %}", `1:2: {% extends %} must be the first thing in a template`},
		{"{# c", `1:1: comment is never closed: "#}" is missing`},
		{"{% raw %}{{", `1:1: {% raw %} is never closed: {% endraw %} is missing`},
		{"{{ 'a }}", `1:4: string is never closed: "'" is missing`},
		{"{{ a in xs }}", `1:6: expected "}}" after the expression, found "in"`},
		{"{{ x if y }}", `1:6: expected "}}" after the expression, found "if"`},
		{"{{ (a | upper) }}", `1:7: expected ")", found "|" (filters and comparisons cannot stand in parentheses)`},
		{"{{ a | }}", `1:8: expected a filter's name, found "}}"`},
		{"{{ a | truncate(2) }}", `1:17: expected an argument as name=value, found "2"`},
		{"{{ a | truncate(length=2 end='') }}", `1:26: expected "," or ")" in the arguments of "truncate", found "end"`},
		{"{{ a[ 0 ] }}", `1:6: expected an index, a quoted key or a variable in brackets, found " "`},
		{"{{ a[0 }}", `1:7: expected "]" right after the index, found " "`},
		{"{{ xs[01] }}", `1:8: expected "]" right after the index, found "1"`},
		{"{{ 007 }}", `1:5: expected "}}" after the expression, found "07"`},
		{"{{ trueish }}", `1:8: expected "}}" after the expression, found "ish"`},
		{"{{ x is not defined }}", `1:13: expected "}}" after the expression, found "defined"`},
		{"{{ a['b'] is defined }}", `1:11: expected "}}" after the expression, found "is"`},
		{"{{ 99999999999999999999 }}", `1:4: integer "99999999999999999999" is out of range`},
		{"{% set x 1 %}", `1:10: expected name = value in {% set, found "1"`},
		{"{% set x = [1 2] %}", `1:15: expected "," or "]" in the list, found "2"`},
		{"{% block a %}{% endblock %}{% block a %}{% endblock %}", `1:28: block "a" is defined twice`},
		{"{% include x %}", `1:12: expected a quoted template name after include, found "x"`},
	}, true)
}

func TestRenderErrors(t *testing.T) {
	t.Parallel()
	wantFailures(t, []failure{
		{"a\n{{ nope }}", `2:4: variable "nope" is not defined`},
		{"{{ kong.nope }}", `1:4: variable "kong.nope" is not defined`},
		{"{{ kafka.brokers[0] }}", `1:4: variable "kafka.brokers[0]" is not defined`},
		{"{{ region.0 }}", `1:4: variable "region.0" is not defined`},
		{"{{ xs[3] }}", `1:4: variable "xs[3]" is not defined`},
		{"{{ env[nope] }}", `1:8: variable "nope" is not defined`},
		{"{{ env[xs] }}", `1:8: only a string or a number can be an index, "xs" is a list`},
		{"{{ nope | upper }}", `1:4: variable "nope" is not defined`},
		{"{{ nope == 'x' }}", `1:4: variable "nope" is not defined`},
		{"{% if nope > 1 %}{% endif %}", `1:7: variable "nope" is not defined`},
		{"{% for x in nope %}{% endfor %}", `1:13: variable "nope" is not defined`},
		{"{{ nope | default }}", `1:11: filter "default" needs an argument: default(value=…)`},
		{"{{ loop }}", `1:4: variable "loop" is not defined`},
		{"{{ service | nofilter }}", `1:14: filter "nofilter" does not exist`},
		{"{{ get_env(name='X') }}", `1:4: function "get_env" does not exist`},
		{"{{ service is nosuch }}", `1:15: test "nosuch" does not exist`},
		{"{{ nope is string }}", `1:4: variable "nope" is not defined`},
		{"{{ service is odd }}", `1:15: test "odd" needs a number, "service" is a string`},
		{"{{ service is defined(1) }}", `1:15: test "defined" takes at most 0 arguments, got 1`},
		{"{{ service is matching('(') }}", "1:15: test \"matching\" needs a regular expression: error parsing regexp: missing closing ): `(`"},
		{"{% for x in service %}{% endfor %}", `1:13: a loop needs a list or a map, "service" is a string`},
		{"{% for x in kong %}{% endfor %}", `1:13: "kong" is a map, and a loop over a map needs two names: for key, value in …`},
		{"{% for k, v in xs %}{% endfor %}", `1:16: a loop with two names needs a map, "xs" is a list`},
		{"{% for x in 'abc' %}{% endfor %}", `1:13: a loop goes over a variable, a function's result or a list, not over the string "abc"`},
		{"{{ service + 1 }}", `1:4: arithmetic and order need numbers, "service" is a string`},
		{"{{ 1 / 0 }}", `1:4: 1 / 0 divides by zero`},
		{"{% if 1 % 0 %}{% endif %}", `1:7: 1 % 0 divides by zero`},
		{"{{ 9223372036854775807 + 1 }}", `1:4: 9223372036854775807 + 1 is out of range`},
		{"{{ 'a' ~ xs }}", `1:10: "~" joins strings and numbers, "xs" is a list`},
		{"{% if range(end=1) %}{% endif %}", `1:7: "range()" cannot be a condition: set it to a variable first`},
		{"{% include 'x' %}", `1:1: template "x" cannot be loaded: a template stands alone, without extends, import or include`},
		{"{% extends 'x' %}", `1:1: template "x" cannot be loaded: a template stands alone, without extends, import or include`},
		{"a{% import 'x' as y %}", `1:2: template "x" cannot be loaded: a template stands alone, without extends, import or include`},
		{"{% macro m() %}{% endmacro %}", `1:1: macro "m" is defined in the template itself, which Tera cannot render`},
		{"{{ self::m() }}", `1:4: macro "self::m" does not exist: macros cannot be imported here`},
		{"{{ throw(message='no') }}", `1:4: the template throws "no"`},
		{"{{ range() }}", `1:4: function "range" needs the argument "end"`},
		{"{{ range(end=-1) }}", `1:4: function "range" needs an integer from 0 as "end", got -1`},
		{"{{ 5 | indent }}", `1:8: filter "indent" needs a string, got a number`},
		{"{{ xs | upper }}", `1:9: filter "upper" needs a string, got a list`},
		{"{{ service | first }}", `1:14: filter "first" needs a list, got a string`},
		{"{{ service | replace(from='a') }}", `1:14: filter "replace" needs the argument "to"`},
		{"{{ service | truncate(length='a') }}", `1:14: filter "truncate" needs an integer from 0 as "length", got a string`},
		{"{{ items | sort }}", `1:12: filter "sort" needs items of one kind that has an order, got a map`},
		{"{{ xs | slice(start=2, end=1) }}", `1:9: filter "slice" needs a start before its end, got 2 and 1`},
		{"{{ env | get(key='NOPE') }}", `1:10: filter "get" finds no key "NOPE"`},
		{"{{ region | date }}", `1:13: filter "date" needs a date as YYYY-MM-DD or in RFC 3339, got "eu-1"`},
		{"{{ 0 | date(format='%Q') }}", `1:8: filter "date" cannot use "%Q" in its format`},
		{"{{ 0 | date(format='%z') }}", `1:8: filter "date" cannot use "%z" in its format`},
		{"{{ 1.5 | date }}", `1:10: filter "date" needs a timestamp or a date, got 1.5`},
		{"{{ -1 | filesizeformat }}", `1:9: filter "filesizeformat" needs an integer from 0, got -1`},
		{"{{ 1 | round(method='up') }}", `1:8: filter "round" knows the methods ceil, common and floor, got "up"`},
	}, false)
}

func TestUndefinedNamesWhatExistsBeside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src, undefined string
		known          []string
	}{
		{"{{ kong.base }}", "kong.base", []string{"base_url", "expiry", "tcp_log"}},
		{"{{ kong.tcp_log.host }}", "kong.tcp_log.host", []string{"enabled", "port"}},
		{"{{ env['LOGS'] }}", "env['LOGS']", []string{"A.B", "EMPTY", "LOG"}},
		{"{{ kafka.brokers }}", "kafka.brokers", nil},
		{"{% for i in items %}{{ i.nome }}{% endfor %}", "i.nome", []string{"kind", "name", "size"}},
		{"{{ service is odd }}", "", nil},
	} {
		t.Run(c.src, func(t *testing.T) {
			t.Parallel()
			_, err := render(c.src)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Undefined != c.undefined || !slices.Equal(err.Known, c.known) {
				t.Errorf("got %q beside %q, want %q beside %q", err.Undefined, err.Known, c.undefined, c.known)
			}
		})
	}
}

// TestNamesThatDoNotExistAreAllTold: each where it is printed, once; nothing that may follow
// from another error is.
func TestNamesThatDoNotExistAreAllTold(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{ a }}{{ region }}\n{{ b.c }}{{ region | d }}":                        "1:4 2:4 2:22",
		"{% for x in xs %}{{ a }}{% endfor %}{{ b }}":                           "1:21 1:40",
		"{% if region %}{{ a }}{% endif %}{{ b }}":                              "1:19 1:37",
		"{% if nope %}{{ a }}{% else %}{{ b }}{% endif %}{{ region is nope }}":  "1:34 1:62",
		"{{ a }}{% set x = b %}{{ x }}":                                         "1:4 1:19",
		"{{ a }}{% for x in b %}{{ x.y }}{% endfor %}{{ c }}":                   "1:4 1:20",
		"{{ a }}{{ throw(message='stop') }}{{ b }}":                             "1:4 1:11",
		"{{ a }}{{ 1 / 0 }}{{ b }}":                                             "1:4 1:11",
		"{% filter upper %}{{ a }}{{ b }}{% endfilter %}{{ c }}":                "1:22",
		strings.Repeat("{{ a }}", 200):                                          "101",
		"{{ a }}{% for x in range(end=9999999) %}{{ x }}{% endfor %}{{ b }}":    "1:4 1:20",
		"{% block a %}{{ a }}{% endblock %}{{ b }}{% raw %}{{ c }}{% endraw %}": "1:17 1:38",
	} {
		tpl, err := Parse(src, Options{})
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		steps := DefaultMaxSteps
		text, errs := tpl.RenderWithin(t.Context(), vars(), &steps)
		var places []string
		for _, err := range errs {
			places = append(places, fmt.Sprintf("%d:%d", err.Line, err.Column))
		}
		got := strings.Join(places, " ")
		if len(places) > 10 {
			got = strconv.Itoa(len(places))
		}
		if got != want || text != "" {
			t.Errorf("%.80s: got %s and %q; expected %s", src, got, text, want)
		}
	}
}

func TestUnknownTopLevelNameKnowsAllScopes(t *testing.T) {
	t.Parallel()
	_, err := render("{% set mine = 1 %}{% for k, v in env %}{{ nope }}{% endfor %}")
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"k", "v", "loop", "mine", "service", "kong"} {
		if !slices.Contains(err.Known, name) {
			t.Errorf("%q is not among %q", name, err.Known)
		}
	}
}

func TestUnknownNamesWhatExists(t *testing.T) {
	t.Parallel()
	for src, want := range map[string][2]string{
		"{{ service | uper }}":         {"uper", "upper"},
		"{{ service is defind }}":      {"defind", "defined"},
		"{{ rang(end=1) }}":            {"rang", "range"},
		"{{ env | get(key='LOGS') }}":  {"LOGS", "LOG"},
		"{{ service }}{{ nope }}":      {"", "service"},
		"{{ 'a' | truncate(length=a)}": {"", ""},
	} {
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			_, err := render(src)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Unknown != want[0] || want[1] != "" && !slices.Contains(err.Known, want[1]) {
				t.Errorf("got %q beside %q, want %q beside %q among others", err.Unknown, err.Known, want[0], want[1])
			}
		})
	}
}

func TestIndentExistsInFilesOnly(t *testing.T) {
	t.Parallel()
	tpl, err := Parse("{{ service | indent }}", Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpl.Render(t.Context(), vars())
	if want := `1:14: filter "indent" exists in config files only, not in environment variables`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
