package aggregator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// module gives a name among modules.
func module(name, regions string) verdict.Claim {
	return given(verdict.Provides, name, 1, regions, "module")
}

// ruleID is a claim of a join on a key that no other rule has.
func ruleID(j verdict.Join, key string, line int, regions string) verdict.Claim {
	return given(verdict.Unique, key, line, regions, j.Rule.Code, "rule id")
}

func TestJoinsShareASpace(t *testing.T) {
	t.Parallel()
	for _, tt := range []joinTest{
		{"each reports at its own claims", []verdict.Verdict{
			passed("a", ruleID(newIDs, "x", 1, "")), passed("b", ruleID(newIDs, "x", 2, "")), passed("c", ruleID(oldIDs, "x", 3, ""))}, []string{
			`a:1 T6 [] id "x" is also declared by b at services/b/manifest.yml:2:3 and by c at services/c/manifest.yml:3:3 | make a new one`,
			`b:2 T6 [] id "x" is also declared by a at services/a/manifest.yml:1:3 and by c at services/c/manifest.yml:3:3 | make a new one`,
			`c:3 T7 [] old id "x" is also declared by a at services/a/manifest.yml:1:3 and by b at services/b/manifest.yml:2:3`,
		}},
		{"region by region", []verdict.Verdict{
			passed("a", ruleID(newIDs, "x", 1, "eu,us")), passed("b", ruleID(oldIDs, "x", 2, "asia,us")), passed("c", ruleID(oldIDs, "x", 3, ""))}, []string{
			`a:1 T6 [us] id "x" in us is also declared by b at services/b/manifest.yml:2:3 | make a new one`,
			`b:2 T7 [us] old id "x" in us is also declared by a at services/a/manifest.yml:1:3`,
		}},
		{"in one unit", []verdict.Verdict{passed("a", ruleID(newIDs, "x", 1, ""), ruleID(oldIDs, "x", 2, ""))}, []string{
			`a:1 T6 [] id "x" is also declared at services/a/manifest.yml:2:3 | make a new one`,
			`a:2 T7 [] old id "x" is also declared at services/a/manifest.yml:1:3`,
		}},
		{"at one place of two checks", []verdict.Verdict{passed("a", given(verdict.Unique, "x", 1, "", "T6", "T7", "rule id"))}, nil},
		{"without a space is beside it", []verdict.Verdict{passed("a", ruleID(newIDs, "x", 1, "")), passed("b", stream("x", 1, ""))}, nil},
		{"what may be given twice is no clash", []verdict.Verdict{
			passed("a", ruleID(newIDs, "x", 1, "")), passed("b", given(verdict.Provides, "x", 1, "", "rule id"))}, nil},
		{"a claim that is of no join of the run counts", []verdict.Verdict{
			passed("a", ruleID(newIDs, "x", 1, "")), passed("b", given(verdict.Unique, "x", 2, "", "gone/unique", "rule id"))}, []string{
			`a:1 T6 [] id "x" is also declared by b at services/b/manifest.yml:2:3 | make a new one`,
		}},
	} {
		tt.run(t, spaced...)
	}
}

func needsComponent(key string, line int, regions string) verdict.Claim {
	return claimed(components, verdict.Needs, key, line, regions)
}

func TestKnown(t *testing.T) {
	t.Parallel()
	nowhere := func(key string) string {
		return fmt.Sprintf("component %q exists nowhere: there is no such module or rule id | ", key)
	}
	runJoinTests(t, components, []joinTest{
		{"given in a space", []verdict.Verdict{passed("a", needsComponent("bwa/mem", 1, "")), passed("b", module("bwa/mem", ""))}, nil},
		{"given in another one of its spaces, and by two", []verdict.Verdict{
			passed("a", needsComponent("x", 1, "")), passed("b", ruleID(newIDs, "x", 1, "")), passed("c", module("x", ""))}, nil},
		{"given by itself", []verdict.Verdict{passed("a", needsComponent("x", 2, ""), module("x", ""))}, nil},
		{"given for this join alone", []verdict.Verdict{
			passed("a", needsComponent("x", 2, "")), passed("b", given(verdict.Provides, "x", 1, "", "T8"))}, nil},
		{"given in other regions", []verdict.Verdict{passed("a", needsComponent("x", 1, "eu")), passed("b", module("x", "us"))}, nil},
		{"given by an invalid unit", []verdict.Verdict{
			passed("a", needsComponent("x", 1, "")), withFindingAnd(module("x", ""))}, []string{`bad:7 M1 [] something is off`}},
		{"the name of a unit is no key", []verdict.Verdict{passed("a", needsComponent("b", 1, "")), passed("b")}, []string{
			`a:1 T8 [] ` + nowhere("b") + `correct the name`}},
		{"given in another space", []verdict.Verdict{
			passed("a", needsComponent("x", 1, "eu,us")), passed("b", given(verdict.Provides, "x", 1, "", "subworkflow"))}, []string{
			`a:1 T8 [eu us] ` + nowhere("x") + `correct the name`}},
		{"a need gives nothing", []verdict.Verdict{
			passed("a", needsComponent("x", 1, "")), passed("b", given(verdict.Needs, "x", 1, "", "module"))}, []string{
			`a:1 T8 [] ` + nowhere("x") + `correct the name`}},
		{"nearly given", []verdict.Verdict{
			passed("a", needsComponent("bwa/mum", 1, "")), passed("b", module("bwa/mem", ""), module("bwa/nem", "")), passed("bwa/mam")}, []string{
			`a:1 T8 [] ` + nowhere("bwa/mum") + `did you mean "bwa/mem"? correct the name`}},
		{"nearly given by itself alone", []verdict.Verdict{passed("a", needsComponent("bwa/mum", 2, ""), module("bwa/mem", ""))}, []string{
			`a:2 T8 [] ` + nowhere("bwa/mum") + `correct the name`}},
		{"nearly given by itself and another", []verdict.Verdict{
			passed("a", needsComponent("bwa/mum", 2, ""), module("bwa/mem", "")), passed("b", module("bwa/mem", ""))}, []string{
			`a:2 T8 [] ` + nowhere("bwa/mum") + `did you mean "bwa/mem"? correct the name`}},
	})
}

// withFindingAnd is an invalid unit that claims.
func withFindingAnd(c verdict.Claim) verdict.Verdict {
	v := withFinding("bad", verdict.Error)
	v.Parts[0].Claims = []verdict.Claim{c}
	return v
}

func TestWordsForWhatExistsNowhere(t *testing.T) {
	t.Parallel()
	for want, j := range map[string]verdict.Join{
		`"x" exists nowhere: no unit gives it`:                   {},
		`"x" exists nowhere: there is no such port`:              {Spaces: []string{"port"}},
		`"x" exists nowhere: there is no such port or feature`:   {Spaces: []string{"port", "feature"}},
		`"x" exists nowhere: there is no such a, b or "c" there`: {Spaces: []string{"a", "b", `"c" there`}},
		`library "x" exists nowhere: there is no such port`:      {Noun: "library", Spaces: []string{"port"}},
		`there is no port "x"`:                                   {Noun: "port", Spaces: []string{"port"}},
		`there is no port or feature "x"`:                        {Noun: "port or feature", Spaces: []string{"port", "feature"}},
	} {
		if got := existsNowhere(j, "x"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestWhatIsNotKnownIsHeldAgainstNobody: a unit that was not looked at may give the key.
func TestWhatIsNotKnownIsHeldAgainstNobody(t *testing.T) {
	t.Parallel()
	fleet := func(f *Fold) {
		f.AddKnown("a", "b")
		f.Expect("a", "b")
		f.Add(passed("a", needsComponent("x", 1, ""), needsComponent("y", 2, "eu"), needsComponent("y", 2, "us"), needsComponent("given", 3, "")))
	}
	gives := passed("b", module("given", ""))
	for name, c := range map[string]struct {
		options Options
		then    func(*Fold)
		open    int
	}{
		"all is known":          {Options{Whole: true}, func(f *Fold) { f.Add(gives) }, 0},
		"a selection":           {Options{}, func(f *Fold) { f.Add(gives) }, 2},
		"a unit is missing":     {Options{Whole: true}, func(*Fold) {}, 3},
		"a unit failed":         {Options{Whole: true}, func(f *Fold) { f.Add(broke("b", "x")) }, 3},
		"a unit failed in part": {Options{Whole: true}, func(f *Fold) { f.Add(brokeInPart(gives, "x")) }, 2},
		"a unit was not read":   {Options{Whole: true}, func(f *Fold) { f.Add(verdict.Subject{Unit: "b"}.Of(verdict.Part{Check: "manifest", Engine: "e"})) }, 3},
		"a unit is not clear": {Options{Whole: true}, func(f *Fold) {
			f.Add(passed("b", module("given", ""), verdict.Claim{Joins: []string{"module"}, Role: verdict.Unclear}))
		}, 2},
		"a unit is not clear about another space": {Options{Whole: true}, func(f *Fold) {
			f.Add(passed("b", module("given", ""), verdict.Claim{Joins: []string{"queue"}, Role: verdict.Unclear}))
		}, 0},
		"the listing has not ended": {Options{Whole: true}, func(f *Fold) { f.Add(gives); f.ListingIncomplete() }, 2},
		"a part is lost": {Options{Whole: true, Checks: func(id.Digest) []string { return []string{"manifest"} }}, func(f *Fold) {
			f.Add(gives.Of(verdict.Part{Check: "other", Engine: "e", Decision: gives.Parts[0].Decision}))
		}, 2},
	} {
		c.options.Joins = spaced
		f := New(c.options)
		fleet(f)
		c.then(f)
		s := f.Summary(nil)
		var want []Unjudged
		if c.open > 0 {
			want = []Unjudged{{"T8", c.open}}
		}
		if diff := cmp.Diff(want, s.Unjudged); diff != "" {
			t.Errorf("%s: left open (-want +got):\n%s", name, diff)
		}
		if found := len(findings(s)); (found > 0) != (c.open == 0) {
			t.Errorf("%s: %d findings: %q", name, found, findings(s))
		}
	}
}

func TestARuleThatLeavesNothingOpenIsJudged(t *testing.T) {
	t.Parallel()
	f := New(Options{Joins: spaced})
	f.Expect("a", "b")
	f.Add(passed("a", needsComponent("x", 1, ""), module("x", "")))
	if s := f.Summary(nil); len(s.Unjudged) > 0 {
		t.Errorf("left open: %v, and its only need is met", s.Unjudged)
	}
}

func needsModule(key string, line int, regions string) verdict.Claim {
	return claimed(rings, verdict.Needs, key, line, regions)
}

func TestAcyclicByKey(t *testing.T) {
	t.Parallel()
	unit := func(path, name string, needs ...verdict.Claim) verdict.Verdict {
		return passed(path, append(needs, module(name, ""))...)
	}
	var ring []verdict.Verdict
	var ringWants []string
	for i := range 10 {
		ring = append(ring, unit(fmt.Sprintf("s%d", 9-i), fmt.Sprintf("k%d", i), needsModule(fmt.Sprintf("k%d", (i+1)%10), 2, "")))
		ringWants = append(ringWants, fmt.Sprintf("s%d:2 T9 [] module cycle: k0 -> k1 -> k2 -> k3 -> k4 -> k5 -> k6 -> k7 -> (2 more) -> k0 | take one out", i))
	}
	runJoinTests(t, rings, []joinTest{
		{"a chain", []verdict.Verdict{unit("p/a", "a", needsModule("b", 2, "")), unit("p/b", "b", needsModule("c", 2, "")), unit("p/c", "c")}, nil},
		{"units are known by their keys", []verdict.Verdict{unit("p/a", "z", needsModule("b", 2, "")), unit("p/b", "b", needsModule("z", 3, ""))}, []string{
			`p/a:2 T9 [] module cycle: b -> z -> b | take one out`,
			`p/b:3 T9 [] module cycle: b -> z -> b | take one out`,
		}},
		{"itself", []verdict.Verdict{unit("p/a", "a", needsModule("a", 2, ""))}, nil},
		{"by two of its names", []verdict.Verdict{
			passed("p/a", module("a", ""), module("alias", ""), needsModule("b", 2, "")), unit("p/b", "b", needsModule("alias", 2, ""))}, []string{
			`p/a:2 T9 [] module cycle: alias -> b -> alias | take one out`,
			`p/b:2 T9 [] module cycle: alias -> b -> alias | take one out`,
		}},
		{"through a key that one declares alone", []verdict.Verdict{
			passed("p/a", given(verdict.Unique, "a", 1, "", "X1", "module"), needsModule("b", 2, "")), unit("p/b", "b", needsModule("a", 3, ""))}, []string{
			`p/a:2 T9 [] module cycle: a -> b -> a | take one out`,
			`p/b:3 T9 [] module cycle: a -> b -> a | take one out`,
		}},
		{"through either of two that give a key", []verdict.Verdict{
			unit("p/a", "a", needsModule("b", 2, "")), unit("p/b", "b"), unit("q/b", "b", needsModule("a", 2, ""))}, []string{
			`p/a:2 T9 [] module cycle: a -> b -> a | take one out`,
			`q/b:2 T9 [] module cycle: a -> b -> a | take one out`,
		}},
		{"the name of a unit is no key", []verdict.Verdict{unit("a", "x", needsModule("b", 2, "")), unit("b", "y", needsModule("a", 2, ""))}, nil},
		{"nor what is given in another space", []verdict.Verdict{passed("a", needsModule("a", 2, ""), given(verdict.Provides, "a", 1, "", "rule id"))}, nil},
		{"a need in no region and a key in one", []verdict.Verdict{passed("a", module("a", "eu"), needsModule("b", 2, "")), passed("b", module("b", ""), needsModule("a", 3, ""))}, []string{
			`a:2 T9 [] module cycle: a -> b -> a | take one out`,
			`b:3 T9 [] module cycle: a -> b -> a | take one out`,
		}},
		{"in the regions in which all is given", []verdict.Verdict{
			passed("p/a", module("a", "eu,us"), needsModule("b", 2, "asia,eu,us")), passed("p/b", module("b", ""), needsModule("a", 2, "asia,eu"))}, []string{
			`p/a:2 T9 [eu] module cycle: a -> b -> a | take one out`,
			`p/b:2 T9 [eu] module cycle: a -> b -> a | take one out`,
		}},
		{"one beside the shortest cycle", []verdict.Verdict{
			unit("p/a", "a", needsModule("b", 2, ""), needsModule("c", 3, "")), unit("p/b", "b", needsModule("a", 2, "")),
			unit("p/c", "c", needsModule("outside", 2, ""), needsModule("b", 3, "")), unit("p/o", "outside")}, []string{
			`p/a:2 T9 [] module cycle: a -> b -> a (one of several among these and 1 more) | take one out`,
			`p/b:2 T9 [] module cycle: a -> b -> a (one of several among these and 1 more) | take one out`,
			`p/c:3 T9 [] module cycle: a -> b -> a (one of several among these and 1 more) | take one out`,
		}},
		{"a long one is cut short", ring, ringWants},
	})
}

// TestTheWayBackIsTold: each finding about a cycle shows where the other needs stand.
func TestTheWayBackIsTold(t *testing.T) {
	t.Parallel()
	unit := func(name string, line int, needs ...string) verdict.Verdict {
		claims := []verdict.Claim{module(name, "")}
		for i, key := range needs {
			claims = append(claims, needsModule(key, line+i, ""))
		}
		return passed(name, claims...)
	}
	for name, c := range map[string]struct {
		fleet []verdict.Verdict
		want  map[id.Unit]string
	}{
		"a pair": {[]verdict.Verdict{unit("a", 2, "b"), unit("b", 3, "a")}, map[id.Unit]string{
			"a": `back to "a": services/b/manifest.yml:3:3`,
			"b": `back to "b": services/a/manifest.yml:2:3`,
		}},
		"three": {[]verdict.Verdict{unit("a", 2, "b"), unit("b", 3, "c"), unit("c", 4, "a")}, map[id.Unit]string{
			"a": `needs "c": services/b/manifest.yml:3:3; back to "a": services/c/manifest.yml:4:3`,
			"b": `needs "a": services/c/manifest.yml:4:3; back to "b": services/a/manifest.yml:2:3`,
			"c": `needs "b": services/a/manifest.yml:2:3; back to "c": services/b/manifest.yml:3:3`,
		}},
		"five are cut short, and one beside them goes round": {[]verdict.Verdict{
			unit("a", 2, "b", "x"), unit("b", 3, "a"), unit("x", 4, "b")}, map[id.Unit]string{
			"a": `back to "a": services/b/manifest.yml:3:3`,
			"b": `back to "b": services/a/manifest.yml:2:3`,
			"x": `needs "a": services/b/manifest.yml:3:3; needs "b": services/a/manifest.yml:2:3`,
		}},
	} {
		got := map[id.Unit]string{}
		for _, u := range folded(spaced, c.fleet...).Summary(nil).OKs {
			var way []string
			for _, r := range u.Findings[0].Related {
				way = append(way, r.Text+": "+r.Place.String())
			}
			got[u.Name] = strings.Join(way, "; ")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestMoreJoinsThanCanBeJudged leaves out the last ones.
func TestMoreJoinsThanCanBeJudged(t *testing.T) {
	t.Parallel()
	joins := slices.Repeat([]verdict.Join{routes}, verdict.MaxJoins-1)
	joins = append(joins, streams, newIDs)
	s := folded(joins, passed("a", stream("x", 1, ""), ruleID(newIDs, "x", 2, ""), ruleID(newIDs, "x", 3, "")), passed("b", stream("x", 1, ""))).Summary(nil)
	if got := findings(s); len(got) != 2 || !strings.Contains(got[0], "event stream") {
		t.Errorf("findings %q, want those of the join number %d alone", got, verdict.MaxJoins)
	}
}

// BenchmarkPorts is a fleet of ports, each of which has a name and needs some others: the
// names are asked for, and may not run in a circle.
func BenchmarkPorts(b *testing.B) {
	const ports, needs = 2867, 24_000
	var fleet []verdict.Verdict
	for i := range ports {
		path := fmt.Sprintf("ports/port-%04d", i)
		claims := []verdict.Claim{given(verdict.Provides, path[len("ports/"):], 0, "", "module")}
		for k := i; k < needs && i > 0; k += ports {
			key := fmt.Sprintf("port-%04d", (k*31)%i)
			claims = append(claims, given(verdict.Needs, key, 10+k/ports, "", components.Rule.Code, rings.Rule.Code))
		}
		fleet = append(fleet, passed(path, claims...))
	}
	for name, joins := range map[string][]verdict.Join{"both": spaced, "neither": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if s := folded(joins, fleet...).Summary(nil); s.OK != ports || len(s.Unjudged) > 0 {
					b.Fatalf("%d ok, open %v", s.OK, s.Unjudged)
				}
			}
		})
	}
}
