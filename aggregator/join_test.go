package aggregator

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// joinTest is a fleet and all the findings of its joins.
type joinTest struct {
	name  string
	fleet []verdict.Verdict
	want  []string
}

func runJoinTests(t *testing.T, j verdict.Join, tests []joinTest) {
	t.Helper()
	for _, tt := range tests {
		tt.run(t, j)
	}
}

func (tt joinTest) run(t *testing.T, joins ...verdict.Join) {
	t.Helper()
	t.Run(tt.name, func(t *testing.T) {
		t.Parallel()
		s := folded(joins, tt.fleet...).Summary(nil)
		if diff := cmp.Diff(tt.want, findings(s)); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
	})
}

func TestUnique(t *testing.T) {
	t.Parallel()
	var crowd []verdict.Verdict
	for i := range 6 {
		crowd = append(crowd, passed(fmt.Sprintf("s%d", i), stream("orders", i+1, "eu")))
	}
	runJoinTests(t, streams, []joinTest{
		{"different keys", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu")), passed("b", stream("bills", 1, "eu"))}, nil},
		{"different regions", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu")), passed("b", stream("orders", 1, "us"))}, nil},
		{"a region and none", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu")), passed("b", stream("orders", 1, ""))}, nil},
		{"one region shared", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu,us")), passed("b", stream("orders", 2, "asia,us"))}, []string{
			`a:1 T1 [us] event stream "orders" in us is also declared by b at services/b/manifest.yml:2:3 | rename one of them`,
			`b:2 T1 [us] event stream "orders" in us is also declared by a at services/a/manifest.yml:1:3 | rename one of them`,
		}},
		{"no region", []verdict.Verdict{
			passed("a", stream("orders", 1, "")), passed("b", stream("orders", 2, ""))}, []string{
			`a:1 T1 [] event stream "orders" is also declared by b at services/b/manifest.yml:2:3 | rename one of them`,
			`b:2 T1 [] event stream "orders" is also declared by a at services/a/manifest.yml:1:3 | rename one of them`,
		}},
		{"twice in one service", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu"), stream("orders", 2, "eu"))}, []string{
			`a:1 T1 [eu] event stream "orders" in eu is also declared at services/a/manifest.yml:2:3 | rename one of them`,
			`a:2 T1 [eu] event stream "orders" in eu is also declared at services/a/manifest.yml:1:3 | rename one of them`,
		}},
		{"one place for several regions is one declaration", []verdict.Verdict{
			passed("a", stream("orders", 1, "eu"), stream("orders", 1, "eu,us"))}, nil},
		{"other partners in another region", []verdict.Verdict{
			passed("a", stream("orders", 1, "asia,eu,us")), passed("b", stream("orders", 2, "asia,eu")),
			passed("c", stream("orders", 3, "us"))}, []string{
			`a:1 T1 [asia eu] event stream "orders" in asia and eu is also declared by b at services/b/manifest.yml:2:3 | rename one of them`,
			`a:1 T1 [us] event stream "orders" in us is also declared by c at services/c/manifest.yml:3:3 | rename one of them`,
			`b:2 T1 [asia eu] event stream "orders" in asia and eu is also declared by a at services/a/manifest.yml:1:3 | rename one of them`,
			`c:3 T1 [us] event stream "orders" in us is also declared by a at services/a/manifest.yml:1:3 | rename one of them`,
		}},
		{"a crowd is cut short", crowd[:6], []string{
			`s0:1 T1 [eu] event stream "orders" in eu is also declared by s1 at services/s1/manifest.yml:2:3, by s2 at services/s2/manifest.yml:3:3, by s3 at services/s3/manifest.yml:4:3 and 2 more | rename one of them`,
			`s1:2 T1 [eu] event stream "orders" in eu is also declared by s0 at services/s0/manifest.yml:1:3, by s2 at services/s2/manifest.yml:3:3, by s3 at services/s3/manifest.yml:4:3 and 2 more | rename one of them`,
			`s2:3 T1 [eu] event stream "orders" in eu is also declared by s0 at services/s0/manifest.yml:1:3, by s1 at services/s1/manifest.yml:2:3, by s3 at services/s3/manifest.yml:4:3 and 2 more | rename one of them`,
			`s3:4 T1 [eu] event stream "orders" in eu is also declared by s0 at services/s0/manifest.yml:1:3, by s1 at services/s1/manifest.yml:2:3, by s2 at services/s2/manifest.yml:3:3 and 2 more | rename one of them`,
			`s4:5 T1 [eu] event stream "orders" in eu is also declared by s0 at services/s0/manifest.yml:1:3, by s1 at services/s1/manifest.yml:2:3, by s2 at services/s2/manifest.yml:3:3 and 2 more | rename one of them`,
			`s5:6 T1 [eu] event stream "orders" in eu is also declared by s0 at services/s0/manifest.yml:1:3, by s1 at services/s1/manifest.yml:2:3, by s2 at services/s2/manifest.yml:3:3 and 2 more | rename one of them`,
		}},
	})
}

func TestExists(t *testing.T) {
	t.Parallel()
	needs := func(key string, line int, regions string) verdict.Claim {
		return claimed(known, verdict.Needs, key, line, regions)
	}
	runJoinTests(t, known, []joinTest{
		{"a folder of the fleet", []verdict.Verdict{passed("a", needs("b", 1, "eu")), passed("b")}, nil},
		{"no folder", []verdict.Verdict{passed("a", needs("mailer", 1, "eu,us"))}, []string{
			`a:1 T3 [eu us] dependency "mailer" does not exist: no folder of the fleet has this name | remove it or add the service`,
		}},
		{"nearly a folder", []verdict.Verdict{passed("a", needs("billng", 1, "")), passed("billing")}, []string{
			`a:1 T3 [] dependency "billng" does not exist: no folder of the fleet has this name | did you mean "billing"? remove it or add the service`,
		}},
		{"nearly itself", []verdict.Verdict{passed("billing", needs("billng", 1, ""))}, []string{
			`billing:1 T3 [] dependency "billng" does not exist: no folder of the fleet has this name | remove it or add the service`,
		}},
	})
}

func TestExistsLooksAtTheWholeFleet(t *testing.T) {
	t.Parallel()
	needs := claimed(known, verdict.Needs, "b", 1, "eu")
	f := New(Options{Joins: allJoins})
	f.Expect("a", "b")
	f.Add(passed("a", needs))
	if s := f.Summary(nil); len(findings(s)) != 1 || s.Invalid != 1 {
		t.Errorf("findings are %q: b is expected, yet no folder of the fleet", findings(s))
	}
	f.AddKnown("b")
	if s := f.Summary(nil); len(findings(s)) != 0 || s.OK != 1 {
		t.Errorf("findings are %q: b is a folder of the fleet", findings(s))
	}
}

func TestProvided(t *testing.T) {
	t.Parallel()
	needs := func(key string, line int, regions string) verdict.Claim {
		return claimed(deployed, verdict.Needs, key, line, regions)
	}
	gives := func(key, regions string) verdict.Claim {
		return claimed(deployed, verdict.Provides, key, 1, regions)
	}
	runJoinTests(t, deployed, []joinTest{
		{"in the same regions", []verdict.Verdict{
			passed("a", needs("b", 2, "eu,us")), passed("b", gives("b", "asia,eu,us"))}, nil},
		{"not in one region", []verdict.Verdict{
			passed("a", needs("b", 2, "asia,eu,us")), passed("b", gives("b", "eu"))}, []string{
			`a:2 T4 [asia us] dependency "b" is not available in asia and us, only in eu`,
		}},
		{"nowhere", []verdict.Verdict{passed("a", needs("b", 2, "eu")), passed("b")}, []string{
			`a:2 T4 [eu] dependency "b" is not available in eu`,
		}},
		{"without regions", []verdict.Verdict{passed("a", needs("b", 2, "")), passed("b", gives("b", "eu"))}, []string{
			`a:2 T4 [] dependency "b" is not available, only in eu`,
		}},
		{"provided by an invalid service", []verdict.Verdict{
			passed("a", needs("b", 2, "eu")), withFinding("b", verdict.Error)}, []string{
			`a:2 T4 [eu] dependency "b" is not available in eu`, `b:7 M1 [] something is off`,
		}},
		{"provided by another service does not count", []verdict.Verdict{
			passed("a", needs("b", 2, "eu")), passed("b"), passed("c", gives("b", "eu"))}, []string{
			`a:2 T4 [eu] dependency "b" is not available in eu`,
		}},
		{"a failed service is not judged", []verdict.Verdict{passed("a", needs("b", 2, "eu")), broke("b", "x")}, nil},
		{"nor one outside the run", []verdict.Verdict{passed("a", needs("b", 2, "eu"))}, nil},
	})
}

func TestAcyclic(t *testing.T) {
	t.Parallel()
	needs := func(key string, line int, regions string) verdict.Claim {
		return claimed(loops, verdict.Needs, key, line, regions)
	}
	var ring []verdict.Verdict
	for i := range 10 {
		ring = append(ring, passed(fmt.Sprintf("s%d", i), needs(fmt.Sprintf("s%d", (i+1)%10), 1, "")))
	}
	ringWants := make([]string, 10)
	for i := range 10 {
		ringWants[i] = fmt.Sprintf("s%d:1 T5 [] dependency cycle: s0 -> s1 -> s2 -> s3 -> s4 -> s5 -> s6 -> s7 -> (2 more) -> s0 | turn one of them round", i)
	}
	runJoinTests(t, loops, []joinTest{
		{"a chain", []verdict.Verdict{passed("a", needs("b", 1, "eu")), passed("b", needs("c", 1, "eu")), passed("c")}, nil},
		{"itself", []verdict.Verdict{passed("a", needs("a", 4, "eu"))}, []string{
			`a:4 T5 [eu] dependency cycle: a -> a | turn one of them round`,
		}},
		{"a pair in two of three regions", []verdict.Verdict{
			passed("b", needs("a", 1, "eu,us")), passed("a", needs("b", 2, "asia,eu,us"))}, []string{
			`a:2 T5 [eu us] dependency cycle: a -> b -> a | turn one of them round`,
			`b:1 T5 [eu us] dependency cycle: a -> b -> a | turn one of them round`,
		}},
		{"broken between regions", []verdict.Verdict{passed("b", needs("a", 1, "eu")), passed("a", needs("b", 2, "us"))}, nil},
		{"through a failed service", []verdict.Verdict{broke("b", "x"), passed("a", needs("b", 2, "us"))}, nil},
		{"with one that hangs on, and one beside the shortest cycle", []verdict.Verdict{
			passed("a", needs("b", 1, ""), needs("c", 2, "")), passed("b", needs("a", 1, "")),
			passed("c", needs("outside", 1, ""), needs("b", 2, "")), passed("d", needs("a", 1, "")), passed("outside")}, []string{
			`a:1 T5 [] dependency cycle: a -> b -> a (one of several among these and 1 more) | turn one of them round`,
			`b:1 T5 [] dependency cycle: a -> b -> a (one of several among these and 1 more) | turn one of them round`,
			`c:2 T5 [] dependency cycle: a -> b -> a (one of several among these and 1 more) | turn one of them round`,
		}},
		{"at the edge of the cycle shown", []verdict.Verdict{
			passed("a", needs("b", 1, ""), needs("c", 2, "")), passed("b", needs("c", 1, "")), passed("c", needs("a", 1, ""))}, []string{
			`a:2 T5 [] dependency cycle: a -> c -> a (one of several among these and 1 more) | turn one of them round`,
			`b:1 T5 [] dependency cycle: a -> c -> a (one of several among these and 1 more) | turn one of them round`,
			`c:1 T5 [] dependency cycle: a -> c -> a (one of several among these and 1 more) | turn one of them round`,
		}},
		{"a long one is cut short", ring, ringWants},
	})
}

func TestSeverityOfAJoinDecidesTheKind(t *testing.T) {
	t.Parallel()
	route := func(line int) verdict.Claim { return claimed(routes, verdict.Unique, "/api", line, "eu") }
	s := folded(allJoins,
		passed("a", stream("orders", 1, "eu")), passed("b", stream("orders", 1, "eu")),
		passed("c", route(1)), passed("d", route(1))).Summary(nil)
	if got, want := s.Counts, (Counts{OK: 2, Invalid: 2, Expected: 4}); got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
	for _, o := range s.OKs {
		if len(o.Findings) != 1 || o.Findings[0].Severity != verdict.Warning {
			t.Errorf("%s has findings %v, want one warning", o.Name, o.Findings)
		}
	}
}

func TestOnlyExpectedServicesClaim(t *testing.T) {
	t.Parallel()
	f := folded(allJoins, passed("a", stream("orders", 1, "eu")), broke("b", "x"))
	f.Add(passed("c", stream("orders", 1, "eu")))
	if got := findings(f.Summary(nil)); got != nil {
		t.Errorf("findings are %q, want none", got)
	}
	f.Expect("c")
	if got := findings(f.Summary(nil)); len(got) != 2 {
		t.Errorf("findings are %q, want one at a and one at c", got)
	}
}

// TestWhatIsKnownOfAFailedServiceCounts, and what is not known of it is held against nobody.
func TestWhatIsKnownOfAFailedServiceCounts(t *testing.T) {
	t.Parallel()
	half := func(name string, claims ...verdict.Claim) verdict.Verdict {
		return brokeInPart(passed(name, claims...), "x")
	}
	dependsOn := func(j verdict.Join, key string, line int) verdict.Claim {
		return claimed(j, verdict.Needs, key, line, "eu")
	}
	clash := func(by, with string) string {
		return fmt.Sprintf(`%s:1 T1 [eu] event stream "orders" in eu is also declared by %s at services/%s/manifest.yml:1:3 | rename one of them`, by, with, with)
	}
	for _, c := range []struct {
		join verdict.Join
		joinTest
	}{
		{streams, joinTest{"its claim clashes", []verdict.Verdict{half("a", stream("orders", 1, "eu")), passed("b", stream("orders", 1, "eu"))},
			[]string{clash("a", "b"), clash("b", "a")}}},
		{streams, joinTest{"one that it may have does not", []verdict.Verdict{half("a"), passed("b", stream("orders", 1, "eu"))}, nil}},
		{known, joinTest{"it exists", []verdict.Verdict{passed("a", dependsOn(known, "b", 2)), half("b")}, nil}},
		{known, joinTest{"what it needs must exist", []verdict.Verdict{half("a", dependsOn(known, "mailer", 2))},
			[]string{`a:2 T3 [eu] dependency "mailer" does not exist: no folder of the fleet has this name | remove it or add the service`}}},
		{deployed, joinTest{"what it may provide is not missed", []verdict.Verdict{passed("a", dependsOn(deployed, "b", 2)), half("b")}, nil}},
		{deployed, joinTest{"nor in another region", []verdict.Verdict{passed("a", dependsOn(deployed, "b", 2)), half("b", claimed(deployed, verdict.Provides, "b", 1, "us"))}, nil}},
		{deployed, joinTest{"what it needs must be provided", []verdict.Verdict{half("a", dependsOn(deployed, "b", 2)), passed("b")},
			[]string{`a:2 T4 [eu] dependency "b" is not available in eu`}}},
		{loops, joinTest{"its needs close a cycle", []verdict.Verdict{half("a", dependsOn(loops, "b", 2)), passed("b", dependsOn(loops, "a", 1))}, []string{
			`a:2 T5 [eu] dependency cycle: a -> b -> a | turn one of them round`, `b:1 T5 [eu] dependency cycle: a -> b -> a | turn one of them round`}}},
		{loops, joinTest{"those that it may have do not", []verdict.Verdict{half("a"), passed("b", dependsOn(loops, "a", 1))}, nil}},
	} {
		runJoinTests(t, c.join, []joinTest{c.joinTest})
	}
}

func TestAnUnexpectedServiceIsNoReproach(t *testing.T) {
	t.Parallel()
	f := New(Options{Joins: allJoins})
	f.Expect("a")
	f.Add(passed("a", claimed(deployed, verdict.Needs, "b", 1, "eu"), claimed(loops, verdict.Needs, "b", 1, "eu")))
	f.Add(passed("b", claimed(loops, verdict.Needs, "a", 1, "eu")))
	if got := findings(f.Summary(nil)); got != nil {
		t.Errorf("findings are %q, want none: b is no part of the run", got)
	}
}

func TestAClaimThatNoJoinReadsIsIgnored(t *testing.T) {
	t.Parallel()
	foreign := stream("orders", 1, "eu")
	foreign.Joins = []string{"X9"}
	odd := stream("orders", 2, "eu")
	odd.Role = verdict.Provides
	f := folded(allJoins, passed("a", foreign, odd, stream("orders", 3, "eu")))
	if got := findings(f.Summary(nil)); got != nil {
		t.Errorf("findings are %q, want none", got)
	}
}

func TestSomeNamesTheFirstFew(t *testing.T) {
	t.Parallel()
	for n, want := range []string{1: "a", 2: "a and b", 3: "a, b and c", 4: "a, b, c and 1 more", 6: "a, b, c and 3 more"} {
		if want == "" {
			continue
		}
		if got := some([]string{"a", "b", "c", "d", "e", "f"}[:n], n); got != want {
			t.Errorf("some of %d is %q, want %q", n, got, want)
		}
	}
}

// BenchmarkOneKeyForAll is the worst case of a Unique join: every unit of a large fleet
// claims the same key, in many regions.
func BenchmarkOneKeyForAll(b *testing.B) {
	f := New(Options{Joins: allJoins})
	for i := range 50_000 {
		name := fmt.Sprintf("service-%06d", i)
		f.Expect(id.Unit(name))
		f.Add(passed(name, stream("orders", 1, "r1,r2,r3,r4,r5,r6,r7,r8,r9")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}

// BenchmarkOneCycleOfAll is the worst case of an Acyclic join.
func BenchmarkOneCycleOfAll(b *testing.B) {
	const n = 50_000
	f := New(Options{Joins: allJoins})
	for i := range n {
		name, next := fmt.Sprintf("service-%06d", i), fmt.Sprintf("service-%06d", (i+1)%n)
		f.Expect(id.Unit(name))
		f.Add(passed(name, claimed(loops, verdict.Needs, next, 1, "r1,r2,r3,r4,r5,r6,r7,r8,r9")))
	}
	for b.Loop() {
		f.Summary(nil)
	}
}

// TestTheOtherPlaceIsTold: what a message says in words, programs read as places.
func TestTheOtherPlaceIsTold(t *testing.T) {
	t.Parallel()
	s := folded([]verdict.Join{streams}, passed("a", stream("orders", 1, "eu")), passed("b", stream("orders", 2, "eu"))).Summary(nil)
	for i, other := range []string{"services/b/manifest.yml:2:3", "services/a/manifest.yml:1:3"} {
		related := s.Errs[i].Findings[0].Related
		if len(related) != 1 || related[0].Place.String() != other || related[0].Text != "also there" {
			t.Errorf("%s: related %+v, want %s", s.Errs[i].Name, related, other)
		}
	}
}
