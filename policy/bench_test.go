package policy_test

import (
	"fmt"
	"testing"

	"github.com/seed306eabeb/muster/policy"
)

// many are so many units, of which every nth has two findings and a mark.
func many(n, nth int) (f fleet) {
	for i := range n {
		name := fmt.Sprintf("services/unit-%06d", i)
		u := unit(name)
		if nth > 0 && i%nth == 0 {
			u = marked(unit(name, at("T1", name+"/x", 2), at("T2", name+"/y", 3)), inline(name+"/x", 1, "so be it", "T1"))
		}
		f = append(f, u)
	}
	return f
}

// entries is a policy with so many entries of ignore, and of severities.
func entries(n int) policy.Policy {
	p := policy.Policy{Rules: allKnown(), Today: today}
	for i := range n {
		p.Ignores = append(p.Ignores, policy.Ignore{Rules: []string{"odd*"}, Units: []string{fmt.Sprintf("services/unit-%05d?", i)}, Reason: "x", At: entry(i)})
		p.Severities = append(p.Severities, policy.Override{Rules: []string{"T3"}, Paths: []string{fmt.Sprintf("services/*-%05d?/**", i)}, Level: "off", At: entry(n + i)})
	}
	return p
}

// BenchmarkNothingFound: units of which nothing was found cost nearly nothing.
func BenchmarkNothingFound(b *testing.B) {
	s, p := many(100_000, 0).summary(), entries(50)
	b.ReportAllocs()
	for b.Loop() {
		p.Apply(s)
	}
}

// BenchmarkManyFound is a bad fleet under a long policy.
func BenchmarkManyFound(b *testing.B) {
	s, p := many(100_000, 5).summary(), entries(50)
	b.ReportAllocs()
	for b.Loop() {
		p.Apply(s)
	}
}
