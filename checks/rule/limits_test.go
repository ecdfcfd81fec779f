package rule

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"cel.dev/cel-go/common/types/ref"
	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/verdict"
)

// large has a list of three thousand numbers, a text of a hundred thousand letters and a pattern.
func large(t *testing.T) Input {
	t.Helper()
	list := "[" + strings.Repeat("1,", 3000) + "1]"
	return Input{File: "a.json", Doc: read(t, "a.json", `{"l":`+list+`,"s":"`+strings.Repeat("a", 100_000)+`","m":{"a":{"b":`+list+`}},
		"re":"`+strings.Repeat("(a|b|ab)*", 300)+`","keys":{`+strings.Join(numbered(3000), ",")+`}}`)}
}

func numbered(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"k%d":1`, i))
	}
	return all
}

// TestCostIsBounded: what takes too much ends in a finding, and soon; a machine takes less than a
// second for each.
func TestCostIsBounded(t *testing.T) {
	t.Parallel()
	in := large(t)
	for _, text := range []string{
		"self.l.all(a, self.l.all(b, self.l.all(c, true)))",
		"self.l.map(a, self.s + 'x').size() > 3",
		"self.l.map(a, self.s + self.s).join('').size() > 3",
		"self.s.replace('a', self.s).size() > 3",
		"self.s.replace('', self.s, 1000000).size() > 3",
		"self.l.all(x, self.s.split('').size() > 3)",
		"lists.range(1000000).size() > 3",
		"self.s.matches(self.s)",
		"self.l.all(x, self.s.matches('(a|aa)+$'))",
		"self.l.all(x, self.s.matches(self.re) || true)",
		"self.l.all(x, self.m == self.m)",
		"self.l.all(x, self.m != self.keys)",
		"self.l.all(x, self.l.distinct().size() > 0)",
		"self.l.all(x, self.l.sort().size() > 0)",
		"self.l.all(x, self.l.sortBy(y, -y).size() > 0)",
		"self.l.all(x, self.l.map(y, self.l).flatten().size() > 0)",
		"self.l.all(x, self.l.reverse().size() > 0)",
		"self.l.all(x, self.s.reverse().size() > 0)",
		"self.l.all(x, self.s.size() > 0)",
		"self.l.all(x, self.m in self.l.map(y, self.m) || true)",
		"sets.contains(self.l, self.l)",
		"sets.equivalent(self.l, self.l)",
		"lists.range(20000).hasAll(lists.range(20000))",
		"lists.range(20000).hasExactly(lists.range(20000))",
		"self.l.all(x, '%s'.format([self.s]).size() > 3)",
		"('%s'+'%s'+'%s').format([self.l.map(x, self.s), self.l.map(x, self.s), self.s]).size() > 3",
		"regex.replace(self.s, 'a', self.s).size() > 1",
		"self.l.all(x, regex.extractAll(self.s, 'a').size() > 1)",
		"self.s.lastIndexOf(self.s.substring(50000) + 'b') > -2",
		"self.l.all(x, bytes(self.s).size() > 1)",
		"self.l.all(x, self.l + self.l == self.l + self.l)",
		// A value that is a page long written out, and has more parts than there are atoms.
		"[self.l]" + strings.Repeat(".map(x, [x, x, x, x, x, x, x, x, x, x])", 30) + ".all(x, x == x)",
		"'%s'.format([self.l])" + ".size() > 0 && [self.l]" + strings.Repeat(".map(x, [x, x, x, x])", 30) + ".distinct().size() == 1",
		// Lists that are put together, and have more items than there are atoms.
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x == x)",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, 5 in x)",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.all(y, y == 1))",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.map(y, string(y)).join('') == '')",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.sort() == x)",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.slice(0, 2000000000) == x)",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, math.greatest(x) > 0)",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, sets.intersects([7], x))",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, [7] + x == [])",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.distinct() == [])",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.reverse() == [])",
		"[self.l]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.flatten(2) == [])",
		"[self.s]" + strings.Repeat(".map(x, x + x)", 30) + ".all(x, x.size() > 1)",
		"self.l.all(x, self.s < self.s + 'a')",
		"self.l.all(x, self.s <= self.s)",
		"self.l.all(x, !self.s.contains('b'))",
		"self.l.all(x, self.s.startsWith(self.s))",
		"self.l.all(x, self.s.lowerAscii() == self.s)",
		"self.l.all(x, self.s.trim() == self.s)",
		"self.l.all(x, self.s.substring(7) != '')",
		"self.l.all(x, self.keys.map(k, k).size() > 2)",
		"self.l.all(x, self.keys.transformMap(k, v, v).size() > 2)",
		"self.l.transformMap(i, x, i).all(i, x, self.l.transformMap(j, y, i).size() > 2)",
	} {
		found := compile(t, Spec{Rule: text}).Check(t.Context(), in)
		if len(found) != 1 || found[0].Name != "cost" || found[0].Severity != verdict.Error || found[0].Line != 1 || found[0].Column != 1 {
			t.Errorf("%s: %v; expected one finding of its cost", cut(text), found)
		}
	}
}

// TestCostOfAllValues: the evaluations of one check have a limit together.
func TestCostOfAllValues(t *testing.T) {
	t.Parallel()
	r := compile(t, Spec{Rule: "doc.l.all(a, a == self)", Each: "l[*]"})
	found := r.Check(t.Context(), large(t))
	if len(found) != 1 || found[0].Name != "cost" || !strings.Contains(found[0].Message, "10,000,000") {
		t.Errorf("%v; expected one finding of their cost", found)
	}
}

// TestExplainingIsBounded: to explain an error takes no longer than to find it.
func TestExplainingIsBounded(t *testing.T) {
	t.Parallel()
	in := large(t)
	for _, text := range []string{
		"self.l.exists(x, self.l.exists(y, self.l.slice(0, 3).exists(z, z > 5 && y > x)) || x.foo == 1)",
		"[self.l]" + strings.Repeat(".map(x, [x, x, x, x, x, x, x, x, x, x])", 30) + ".all(x, size(x) == 11)",
		"self.l.all(x, {'a': self.l}.b == x)",
	} {
		for _, f := range compile(t, Spec{Rule: text}).Check(t.Context(), in) {
			if len(f.Message) > 2000 {
				t.Errorf("%s: a message of %d bytes", cut(text), len(f.Message))
			}
		}
	}
}

// TestExpressionsAreBounded: what is too large to compile is a problem.
func TestExpressionsAreBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"size":        "self.x == '" + strings.Repeat("a", maxText) + "'",
		"brackets":    strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200),
		"lists":       strings.Repeat("[", 200) + "1" + strings.Repeat("]", 200) + " == 1",
		"ternaries":   strings.Repeat("true ? false : ", 500) + "true",
		"calls":       strings.Repeat("size(", 100) + "'a'" + strings.Repeat(")", 100) + " == 1",
		"loops":       "self.all(a, self.all(b, self.all(c, self.all(d, true))))",
		"pattern":     "self.x.matches('((a{1,30}){1,30}){1,9}')",
		"many errors": strings.Repeat("@ ", 4000),
	} {
		if r, problems := Compile(Spec{Rule: text}); r != nil || len(problems) != 1 {
			t.Errorf("%s: %v and %v; expected one problem", name, r, problems)
		} else if p := problems[0]; len(p.Message) > 2000 || p.Line != 1 || p.Column < 1 || p.Column > len(text)+1 {
			t.Errorf("%s: %+.300v", name, p)
		}
	}
}

// TestOrderOfMappings: mappings are gone through in the order of their keys, wherever they come from.
func TestOrderOfMappings(t *testing.T) {
	t.Parallel()
	in := Input{File: "a.json", Doc: read(t, "a.json", `{"c":1,"a":2,"b":3,"e":4,"d":5}`)}
	for text, want := range map[string]string{
		"self.map(k, k).join('')":                                                          "abcde",
		"self.transformList(k, v, k + string(v)).join('')":                                 "a2b3c1d5e4",
		"{'c': 1, 'a': 2, 'b': 3}.map(k, k).join('')":                                      "abc",
		"self.transformMap(k, v, v).map(k, k).join('')":                                    "abcde",
		"self.transformMapEntry(k, v, {v: k}).map(k, k).map(k, string(k)).join('')":        "12345",
		"{true: 1, 2: 1, 1: 1, 'b': 1, 'a': 1, 1u: 2, 1.5: 2}.map(k, string(k)).join(' ')": "true 1.5 1 2 a b 1",
		"[{'c': 1, 'a': 2, 'b': 3}].map(m, m.map(k, k).join(''))[0]":                       "abc",
		"{'x': {'c': 1, 'a': 2, 'b': 3}}.x.filter(k, true).join('')":                       "abc",
		"optional.of({'c': 1, 'a': 2, 'b': 3}).value().map(k, k).join('')":                 "abc",
		"'%s'.format([self])":             `{a: 2, b: 3, c: 1, d: 5, e: 4}`,
		"'%s'.format([{'c': 1, 'a': 2}])": `{a: 2, c: 1}`,
	} {
		r := compile(t, Spec{Rule: "false", Message: text})
		for range 10 {
			found := r.Check(t.Context(), in)
			if len(found) != 1 || found[0].Message != want {
				t.Errorf("%s: %v; expected %q", text, found, want)
				break
			}
		}
	}
}

// TestSameFindings: a rule finds the same each time, also where several ask it at once.
func TestSameFindings(t *testing.T) {
	t.Parallel()
	in := example(t)
	for _, spec := range []Spec{
		{Rule: "self.all(k, k in ['name', 'replicas', 'version'])"},
		{Rule: "self.exists(k, self[k].size > 3)"},
		{Rule: "self.features.all(k, v, v.sise > 3)"},
		{Rule: "self.map(k, k) == []", Message: "'%s has %s'.format([self.name, self])"},
		{Rule: "self.size > 3", Each: "$..*"},
		{Rule: "self.transformMap(k, v, k + '!').all(k, v, v == k)"},
	} {
		r := compile(t, spec)
		want := r.Check(t.Context(), in)
		if len(want) == 0 {
			t.Errorf("%+v finds nothing", spec)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				again := compile(t, spec)
				for _, r := range []*Rule{r, again, r, again} {
					if diff := cmp.Diff(want, r.Check(t.Context(), in)); diff != "" {
						t.Errorf("%+v (-first +again):\n%s", spec, diff)
					}
				}
			})
		}
		wg.Wait()
	}
}

// FuzzCompile: a text is a rule, which finds something or nothing, or has problems that lie in it.
func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		"self.replicas >= 2 && has(self.name)", "self.deps.all(d, d.?name.orValue('x') != \"\")", "{'a': [1, 2u, -3.5, null, b'x']}.a.size() > 1",
		"unit.files.exists(f, f.endsWith('.md')) ? region == 'north' : file.stem in ['a']", "self.`a-b`[0] == r'\\d'", "'%s'.format([self]).matches('a+')",
		"self.transformMap(k, v, v).all(k, v, k in self) // why", "self.features.sortBy(k, k).distinct() != []", "'''a\nb''' == \"\"\"c\"\"\"", "slef.x = 'a",
	} {
		f.Add(text, "self.name", "features.*")
	}
	in := example(f)
	f.Fuzz(func(t *testing.T, rule, message, each string) {
		r, problems := Compile(Spec{Rule: rule, Message: message, Each: each})
		for _, p := range problems {
			text := map[string]string{"rule": rule, "message": message, "each": each}[p.Part]
			lines := strings.Split(text, "\n")
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1 || p.Message == "" {
				t.Errorf("%q: %+v lies outside of it", text, p)
			}
		}
		if r == nil {
			return
		}
		found := r.Check(t.Context(), in)
		for _, finding := range found {
			if finding.Line < 1 || finding.Column < 1 || finding.Message == "" {
				t.Errorf("%q: %+v", rule, finding)
			}
		}
		if diff := cmp.Diff(found, r.Check(t.Context(), in)); diff != "" {
			t.Errorf("%q finds something else when it is asked again:\n%s", rule, diff)
		}
	})
}

// TestPricesAreTheSame: what a call costs does not depend on the order in which Go goes through maps.
func TestPricesAreTheSame(t *testing.T) {
	t.Parallel()
	large := map[string]any{}
	for i := range 1000 {
		large[strings.Repeat("k", i)] = strings.Repeat("x", 100*i)
	}
	args := []ref.Val{adapter{}.NativeToValue([]any{large}), adapter{}.NativeToValue([]any{"a"})}
	for name, price := range map[string]price{"sized": sized, "compares": compares, "paired": paired} {
		want := price(args)
		for range 20 {
			if got := price(args); got != want {
				t.Errorf("%s: %d, and then %d", name, want, got)
				break
			}
		}
	}
}
