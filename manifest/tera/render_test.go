package tera

import (
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"plain text", "plain text"},
		{"", ""},
		{"} }} %} #} ${X} { {x} }", "} }} %} #} ${X} { {x} }"},
		{"a {{service}} b {{ service }}", "a shop b shop"},
		{"{{ kafka }}", ""},
		{"{{ kong }}", "[object]"},
		{"{{ xs }}", "[b, a, c]"},
		{"{{ yes }} {{ true }} {{ False }}", "true true false"},
		{"{{ big }} {{ kong.expiry }} {{ -3 }}", "18446744073709551615 1800 -3"},
		{"{{ 'a' }}{{ \"it's\" }}{{ `\"` }}", "ait's\""},
		{"{# {{ nope }} #}x", "x"},
		{"{% raw %} {{ x }} {% endraw %}", "{{ x }}"},
		{"{% raw %}{% if %}{%endraw%}", "{% if %}"},
	})
}

func TestPaths(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ kong.tcp_log.port }}", "9000"},
		{"{{ env.LOG }}{{ env['LOG'] }}{{ env[\"LOG\"] }}", "infoinfoinfo"},
		{"{{ xs.0 }}{{ xs[1] }}{{ items[2].name }}", "bathree"},
		{"{{ base_urls[region] }}", "https://eu.example"},
		{"{{ base_urls[items[0].name] | default(value='none') }}", "none"},
		{"{% set i = 1 %}{{ xs[i] }}", "a"},
	})
}

// Floats print without exponent, and without point where they are whole.
func TestArithmetic(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ 1 + 2 * 3 }}", "7"},
		{"{{ (1 + 2) * 3 }}", "9"},
		{"{{ 7 % 2 }}", "1"},
		{"{{ 7 / 2 }} {{ 4 / 2 }}", "3.5 2"},
		{"{{ 1.5 * 2 }}", "3"},
		{"{{ 5 -3 }}{{ 5--3 }}", "28"},
		{"{{ 0 / 0 }}", "NaN"},
		{"{{ 0.0000001 * 1 }} {{ 100000000.0 * 10000000000000 }}", "0.0000001 1000000000000000000000"},
		{"{{ kong.expiry + 1 }}", "1801"},
		{"{{ big + 1 }}", "18446744073709552000"},
		{"{{ xs | length + 1 }}", "4"},
		{"{{ 1 + 2 | as_str }}", "3"},
		{"{{ 1 + 2 * (3) }}", "9"}, // before a parenthesis, the left side is already one value
	})
}

func TestConcatenation(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{`{{ "a" ~ "b" }}`, "ab"},
		{`{{ service ~ "/" ~ namespace }}`, "shop/apps"},
		{`{{ 1 ~ "-" ~ 2.0 ~ "-" ~ half }}`, "1-2-0.5"},
		{`{{ now(timestamp=true) ~ "s" }}`, "946684800s"},
	})
}

func TestConditions(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{% if region == 'eu-1' %}y{% endif %}", "y"},
		{"{% if region != 'eu-1' %}y{% elif yes %}z{% else %}n{% endif %}", "z"},
		{"{% if nope %}y{% else %}n{% endif %}", "n"},
		{"{% if not nope %}y{% endif %}", "y"},
		{"{% if nope and service %}y{% else %}n{% endif %}", "n"},
		{"{% if service or nope.deep %}y{% endif %}", "y"},
		{"{% if nope or yes and not nope %}y{% endif %}", "y"},
		{"{% if kafka %}y{% else %}n{% endif %}", "n"},
		{"{% if kafka.brokers %}y{% else %}n{% endif %}", "n"},
		{"{% if env.EMPTY %}y{% else %}n{% endif %}", "n"},
		{"{% if 1 < 2 and 2.5 >= 2 and 3 > 1 and 1 <= 1 %}y{% endif %}", "y"},
		{"{% if 1 == 1.0 %}y{% endif %}", "y"},
		{"{% if 'a' == 1 %}y{% elif 'a' != 1 %}z{% else %}n{% endif %}", "n"},
		{"{% if kong == kong and xs != ns %}y{% endif %}", "y"},
		{"{% if 'text' %}y{% endif %}{% if '' %}n{% endif %}", "y"},
		{"{% if 1 - 1 %}y{% else %}n{% endif %}", "n"},
		{"{% if service + 1 %}y{% else %}n{% endif %}", "n"},
		{"{% if service | nofilter %}y{% endif %}", "y"}, // filters do not count in a condition
		{"{% if true %}{% else %}{% include 'x' %}{% endif %}", ""},
		{"{{ not nope }} {{ not service }}", "true false"},
		{"{{ region == 'eu-1' }}", "true"},
		{"{% ifyes %}y{%endif%}", "y"}, // keywords need no space behind them
	})
}

func TestPredicates(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ service is defined }}{{ nope is defined }}", "truefalse"},
		{"{{ service is undefined }}{{ nope.x is undefined }}", "falsetrue"},
		{"{{ service is string }}{{ xs is string }}", "truefalse"},
		{"{{ half is number }}{{ service is number }}", "truefalse"},
		{"{{ xs is iterable }}{{ kong is iterable }}", "truefalse"},
		{"{% set n = 3 %}{{ n is odd }}{{ n is even }}{{ n is divisibleby(3) }}{{ n is divisibleby(2) }}", "truefalsetruefalse"},
		{"{{ region is starting_with('eu') }}{{ region is ending_with('eu') }}", "truefalse"},
		{"{{ region is containing('-') }}{{ xs is containing('c') }}{{ ns is containing(9) }}{{ env is containing('LOG') }}", "truetruefalsetrue"},
		{"{{ region is matching('^[a-z]+-[0-9]$') }}{{ region is matching('us') }}", "truefalse"},
		{"{% if nope is string %}y{% else %}n{% endif %}", "n"}, // a failing test is false in a condition
		{"{% if service is nosuch %}y{% else %}n{% endif %}", "n"},
		{"{% if service is odd %}y{% else %}n{% endif %}", "n"},
	})
}

func TestLoops(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{% for x in xs %}{{ loop.index }}{{ x }} {% endfor %}", "1b 2a 3c "},
		{"{% for x in [1, 2,] %}{{ loop.index0 }}{{ loop.first }}{{ loop.last }} {% endfor %}", "0truefalse 1falsetrue "},
		{"{% for k, v in base_urls %}{{ k }}={{ v }};{% endfor %}", "eu-1=https://eu.example;services=https://svc.example;"},
		{"{% for i in items %}{{ i.name }}{% endfor %}", "onetwothree"},
		{"{% for i in items | sort(attribute='size') %}{{ i.name }} {% endfor %}", "two one three "},
		{"{% for i in range(end=3) %}{{ i }}{% endfor %}", "012"},
		{"{% for x in [] %}x{% endfor %}", ""},
		{"{% for x in ns %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}", "3"},
		{"{% for x in xs %}{% for n in ns %}{{ x }}{{ n }} {% break %}{% endfor %}{% endfor %}", "b3 a3 c3 "},
		{"{% for x in xs %}{% set y = x %}{{ y }}{% endfor %}{{ y is defined }}", "bacfalse"},
		{"{% for x in xs %}{{ seen is defined }}{% set seen = 1 %}{% endfor %}", "falsefalsefalse"},
		{"{% for x in xs %}{% set_global last = x %}{% endfor %}{{ last }}", "c"},
		{"{% for service in xs %}{{ service }}{% endfor %}{{ service }}", "bacshop"},
	})
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{% set x = region %}{{ x }}", "eu-1"},
		{"{% set x = [1, 'a', half] %}{{ x }}", "[1, a, 0.5]"},
		{"{% set x = 1 < 2 %}{{ x }}", "true"},
		{"{% set_global x = 1 %}{{ x + 2 }}", "3"},
		{"{%setx=1%}{{x}}", "1"},
		{"{% set_global = 1 %}{{ _global }}", "1"}, // set, of the variable _global
		{"{% set kong = 'x' %}{{ kong }}{{ kong.base_url }}", "xkong.example"},
	})
}

func TestSectionsAndBlocks(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{% filter upper %}a{{ service }}{% endfilter %}", "ASHOP"},
		{"{% filter upper %} a {{ service }} b {% endfilter %}", "A SHOPB "},
		{"{% filter replace(from='a', to='b') %}{% if true %}a{% endif %}{% endfilter %}", "b"},
		{"{% block a %}x{% block b %}y{% endblock %}{% endblock a %}", "xy"},
		{"{% if true %}{% block a %}x{% endblock %}{% endif %}", "x"},
		{"{% if false %}{% macro m(a, b=1) %}{% endmacro m %}{% import 'x' as y %}{% endif %}", ""},
	})
}

func TestUndefinedHasADefault(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ nope | default(value='z') }}", "z"},
		{"{{ nope.deep | default(value=1) + 1 }}", "2"},
		{"{{ nope | default(value='z') | upper }}", "Z"},
		{"{{ service | default(value='z') }}", "shop"},
		{"{{ service | default }}", "shop"},
		{"{{ kafka | default(value='z') }}", ""}, // null is defined
		{"{% if nope | default(value=1) == 1 %}y{% endif %}", "y"},
		{"{% for x in nope | default(value=xs) %}{{ x }}{% endfor %}", "bac"},
	})
}

// Only dashes of tags remove white space, and only that of text beside them.
func TestWhitespaceControl(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"a {%- if true -%} b {%- endif -%} c", "abc"},
		{"a {% if true -%} b {%- endif %} c", "a b c"},
		{"a {%- if false %} b {%- else -%} c {%- endif %} d", "ac d"},
		{"{% for x in ns -%} {{ x }} {%- endfor %}", "312"},
		{"a\n{%- set x = 1 -%}\nb", "ab"},
		{"a {% set x = 1 -%}{{ x }} b", "a 1b"}, // output between does not stop the dash
		{"{% raw -%} a {%- endraw %}", "a"},
		{"a {%- raw %}b{% endraw -%} c", "abc"},
		{"{% filter upper -%} a {%- endfilter %}", "A"},
		{"{% set x = 5 -%} {{ x }}", "5"},
	})
}

func TestContextIsAVariableOfItsOwn(t *testing.T) {
	t.Parallel()
	got, err := render("{% set x = 1 %}{% for k, v in env %}{{ __tera_context }}{% break %}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"x": 1`, `"k": "A.B"`, `"v": "dotted"`, `"service": "shop"`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s is missing in %s", part, got)
		}
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ range(end=3) }}", "[0, 1, 2]"},
		{"{{ range(start=1, end=6, step_by=2) }}", "[1, 3, 5]"},
		{"{{ range(end=0) }}", "[]"},
		{"{{ now() }}", "2000-01-01T00:00:00+00:00"},
		{"{{ now(utc=true, timestamp=true) }}", "946684800"},
		{"{{ now() | date(format='%Y') }}", "2000"},
	})
}
