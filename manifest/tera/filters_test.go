package tera

import "testing"

func TestTextFilters(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ 'aB' | upper }}{{ 'aB' | lower }}", "ABab"},
		{"{{ ' a ' | trim }}", "a"},
		{"{{ 'hELLO wORLD' | capitalize }}", "Hello world"},
		{"{{ '' | capitalize }}", ""},
		{"{{ \"don't STOP_me\" | title }}", "Don'T Stop_me"},
		{"{{ 'a b  c' | wordcount }}", "3"},
		{"{{ region | replace(from='-', to='_') | upper }}", "EU_1"},
		{"{{ 'abc' | truncate(length=2) }}", "ab…"},
		{"{{ 'abc' | truncate(length=2, end='') }}{{ 'abc' | truncate(length=3) }}", "ababc"},
		{"{{ 'e\u0301a' | truncate(length=1, end='') }}", "e\u0301"},
		{"{{ '\"\\' | addslashes }}", `\"\\`},
		{"{{ '<a href=\"/\">&</a>' | escape }}", "&lt;a href=&quot;&#x2F;&quot;&gt;&amp;&lt;&#x2F;a&gt;"},
		{"{{ '<b>x</b><!-- y -->' | striptags }}", "x"},
		{"{{ 'Hello, World! 2' | slugify }}", "hello-world-2"},
		{"{{ 'a b/c?' | urlencode }}{{ 'a/b' | urlencode(safe='') }}", "a%20b/c%3Fa%2Fb"},
		{"{{ 'a,b' | split(pat=',') }}{{ 'ab' | split(pat='') | length }}", "[a, b]4"},
		{"{{ 'x' | as_secret }}", "SHIPCAT_SECRET::x"},
		{"{{ 'a\n\nb\n' | indent }}", "  a\n\n  b"},
		{"{{ 'a\r\nb' | indent(spaces=1) }}", " a\n b"},
		{"{{ '<' | safe }}", "<"},
	})
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ xs | first }}{{ xs | last }}", "bc"},
		{"{% set e = [] %}[{{ e | first }}{{ e | last }}{{ e | join }}]", "[]"},
		{"{{ xs | join(sep=', ') }}{{ ns | join }}", "b, a, c312"},
		{"{{ xs | sort }}{{ ns | sort | reverse }}", "[a, b, c][3, 2, 1]"},
		{"{% set l = [xs, ns, e | default(value='')] %}{{ l | length }}", "3"},
		{"{{ items | sort(attribute='size') | first | get(key='name') }}", "two"},
		{"{{ items | filter(attribute='kind', value='x') | length }}", "2"},
		{"{{ items | filter(attribute='nope', value='x') }}", "[]"},
		{"{% for k, v in items | group_by(attribute='kind') %}{{ k }}{{ v | length }} {% endfor %}", `"x"2 "y"1 `},
		{"{{ xs | slice(start=1) }}{{ xs | slice(end=1) }}{{ xs | slice(start=9) }}{{ xs | slice(start=1, end=9) }}", "[a, c][b][][a, c]"},
		{"{{ xs | concat(with='d') }}{{ xs | concat(with=ns) }}", "[b, a, c, d][b, a, c, 3, 1, 2]"},
	})
}

func TestOtherFilters(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ 'aé' | length }}{{ xs | length }}{{ kong | length }}{{ 5 | length }}", "2300"},
		{"{{ 'aé' | reverse }}", "éa"},
		{"{{ 1 | pluralize }}{{ 2 | pluralize }}{{ -1 | pluralize }}{{ 0 | pluralize(suffix='en') }}", "sen"},
		{"{{ 5 | round }} {{ 2.5 | round }} {{ 2.1 | round(method='ceil') }} {{ 2.9 | round(method='floor') }}", "5 3 3 2"},
		{"{{ 2.345 | round(precision=2) }}", "2.35"},
		{"{{ 110 | filesizeformat }} {{ 1024 | filesizeformat }} {{ 123456789 | filesizeformat }}", "110 B 1 KB 117.74 MB"},
		{"{% set l = [1.0, 0.5, 0.0000001, 1.0, -2] %}{{ l | json_encode }}", "[1.0,0.5,1e-7,1.0,-2]"},
		{"{{ 100000000.0 * 1000000000 | json_encode }}", "1e17"},
		{"{{ items | first | json_encode }}", `{"kind":"x","name":"one","size":2}`},
		{"{{ kafka | json_encode }}{{ half | json_encode }}{{ yes | json_encode }}", "null0.5true"},
		{"{% set l = [1, '\"\n'] %}{{ l | json_encode(pretty=true) }}", "[\n  1,\n  \"\\\"\\n\"\n]"},
		{"{{ env | get(key='LOG') }}", "info"},
	})
}

func TestDates(t *testing.T) {
	t.Parallel()
	wantRenderings(t, []rendering{
		{"{{ 1482720453 | date }}", "2016-12-26"},
		{"{{ 1482720453 | date(format='%Y-%m-%d %H:%M') }}", "2016-12-26 02:47"},
		{"{{ '2016-12-26' | date(format='%a %b %e %j %U %V') }}", "Mon Dec 26 361 52 52"},
		{"{{ '1996-12-19T16:39:57-08:00' | date(format='%F %T %z %I%p') }}", "1996-12-19 16:39:57 -0800 04PM"},
		{"{{ '1996-12-19T16:39:57.5' | date(format='%s%.f %3f %-d/%_m') }}", "851013597.500 500 19/12"},
		{"{{ '2017-03-05' | date(format='100%%') }}", "100%"},
	})
}
