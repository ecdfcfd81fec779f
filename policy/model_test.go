package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// TestApplyIsItsDefinition compares policies over small fleets with a definition that looks at
// one finding after the other and knows nothing else.
func TestApplyIsItsDefinition(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		p, f := randomPolicy(r), randomUnits(r)
		s := f.summary()
		got := p.Apply(s)
		checkOneSide(t, got.Summary)
		if diff := cmp.Diff(defined(p, f), outline(got)); diff != "" {
			t.Fatalf("seed %d, policy %+v: -defined +got:\n%s", seed, p, diff)
		}
		if diff := cmp.Diff(f.summary(), s); diff != "" {
			t.Fatalf("seed %d: it wrote into what it was given (-before +after):\n%s", seed, diff)
		}
		if diff := cmp.Diff(got, p.Apply(s)); diff != "" {
			t.Fatalf("seed %d: it is not the same the second time:\n%s", seed, diff)
		}
		if diff := cmp.Diff(got, p.Take(s)); diff != "" {
			t.Fatalf("seed %d: it is not the same of a summary that it may change:\n%s", seed, diff)
		}
		for _, line := range outline(got) {
			for _, word := range []string{"off", "suppressed", "P101", "P102", "P103", "P105", "P106", "invalid", "ok"} {
				if strings.Contains(line, word) {
					seen[word]++
				}
			}
		}
	}
	for _, word := range []string{"off", "suppressed", "P101", "P102", "P103", "P105", "P106", "invalid", "ok"} {
		if seen[word] < 100 {
			t.Errorf("%q came %d times: the policies are too tame", word, seen[word])
		}
	}
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func randomRules(r *rand.Rand) []string {
	return pick(r, []string{"T1"}, []string{"T2"}, []string{"T4"}, []string{"T1", "T2"}, nil)
}

func randomPolicy(r *rand.Rand) policy.Policy {
	p := policy.Policy{Rules: known, Joined: []string{"T4"}, Today: today, FailOn: pick(r, "", verdict.Error, verdict.Warning), SomeRegions: r.IntN(8) == 0}
	for i := range r.IntN(3) {
		p.Severities = append(p.Severities, policy.Override{Rules: randomRules(r), Level: pick(r, policy.Levels()...), Paths: pick(r, nil, []string{"a"}), At: entry(i)})
	}
	for i := range r.IntN(3) {
		p.Ignores = append(p.Ignores, policy.Ignore{Rules: randomRules(r), Units: pick(r, nil, []string{"a"}), Paths: pick(r, nil, []string{"b/x", "shared"}), Reason: pick(r, "x", "x", ""), Until: pick(r, "", "", today, "2020-01-01", "2026-06-20"), At: entry(10 + i)})
	}
	if r.IntN(3) == 0 {
		p.Limits = map[string]policy.Limit{pick(r, "T1", "T2", "T4"): pick(r, policy.Limit{Never: true}, policy.Limit{MostDays: 3})}
	}
	return p
}

func randomUnits(r *rand.Rand) (all fleet) {
	mark := func(file string, line int) verdict.Mark {
		return until(inline(file, line, pick(r, "y", "y", ""), randomRules(r)...), pick(r, "", "", today, "2020-01-01", "2026-06-20"))
	}
	shared := []verdict.Mark{mark("shared", 0), mark("shared", 1), mark("shared", 2)}
	for _, name := range []string{"a", "b", "c"}[:r.IntN(4)] {
		u := unit(name)
		u.Kind = pick(r, "", "", "", "", verdict.Failed)
		for line := range r.IntN(4) {
			u.Findings = append(u.Findings, at(pick(r, "T1", "T2", "T3", "T4"), pick(r, name+"/x", "shared"), line))
		}
		slices.SortFunc(u.Findings, verdict.Finding.Compare)
		for line := range r.IntN(3) {
			u.Marks = append(u.Marks, pick(r, mark(name+"/x", line), shared[line]))
		}
		all = append(all, u)
	}
	return all
}

// outline is what a definition says of a summary, too: of each unit its kind, its findings and
// what hides others, and the remarks.
func outline(s policy.Summary) (all []string) {
	units := slices.Concat(s.OKs, s.Errs)
	slices.SortFunc(units, compareNames)
	for _, u := range units {
		var lines []string
		for _, f := range u.Findings {
			lines = append(lines, fmt.Sprintf("  %s %s %s", f.Place, f.Rule, f.Level()))
		}
		for _, h := range u.Hidden {
			lines = append(lines, fmt.Sprintf("  %s %s %s %s by %s", h.Finding.Place, h.Rule, h.Level(), h.Why, h.By))
		}
		slices.Sort(lines)
		all = append(append(all, fmt.Sprintf("%s %s", u.Name, u.Kind)), lines...)
	}
	var lines []string
	for _, f := range s.Remarks {
		lines = append(lines, fmt.Sprintf("policy %s %s %s", f.Place, f.Rule, f.Level()))
	}
	slices.Sort(lines)
	return append(all, lines...)
}

// asked is a mark or an entry of the definition.
type asked struct {
	rules         []string
	reason, until string
	by            verdict.Place
	about         func(aggregator.Unit, verdict.Finding) bool
	home          string // the unit that it stands in, "" for none
	mark          bool
}

func (a asked) says(rule string) bool { return len(a.rules) == 0 || slices.Contains(a.rules, rule) }

// refusal is the code of the finding that says why a rule's findings are not hidden, "" if they
// may be.
func (a asked) refusal(p policy.Policy, rule string) string {
	switch l := p.Limits[rule]; {
	case l.Never:
		return "P105"
	case l.MostDays > 0 && (a.until == "" || a.until > "2026-06-18"):
		return "P106"
	}
	return ""
}

func (a asked) void() string {
	switch {
	case a.reason == "":
		return "P103"
	case a.until != "" && a.until < today:
		return "P102"
	}
	return ""
}

// defined is the outline of a summary as its definition has it.
func defined(p policy.Policy, f fleet) (all []string) {
	wishes := wishesOf(p, f)
	said, whole := map[string][]string{}, !p.SomeRegions
	told := map[string]bool{}
	say := func(home string, at verdict.Place, code, about string) {
		if !told[fmt.Sprint(at, code, about)] {
			told[fmt.Sprint(at, code, about)] = true
			said[home] = append(said[home], fmt.Sprintf("%s %s", at, code))
		}
	}
	for _, u := range f {
		whole = whole && u.Kind != verdict.Failed
	}
	level := func(rule, file, was string) (now string, by verdict.Place) {
		rank := func(l string) int { return slices.Index(policy.Levels(), l) }
		for _, o := range slices.Backward(p.Severities) {
			if len(o.Rules) > 0 && !slices.Contains(o.Rules, rule) || len(o.Paths) > 0 && !strings.HasPrefix(file, "a/") {
				continue
			}
			switch l := p.Limits[rule]; {
			case l.Never && rank(o.Level) > rank(was):
				say("", o.At, "P105", rule)
			case l.MostDays > 0 && o.Level == "off":
				say("", o.At, "P106", rule)
			default:
				return o.Level, o.At
			}
		}
		return was, by
	}
	used := map[string]bool{}
	lines, kinds := map[string][]string{}, map[string][]string{}
	for _, u := range f {
		name := string(u.Name)
		for _, f := range u.Findings {
			now, by := level(f.Rule, f.File, f.Level())
			if now == "off" {
				lines[name] = append(lines[name], fmt.Sprintf("  %s %s %s off by %s", f.Place, f.Rule, f.Level(), by))
				continue
			}
			hidden := false
			for _, w := range wishes {
				if w.void() != "" || !w.says(f.Rule) || !w.about(u, f) {
					continue
				}
				used[fmt.Sprint(w.by, w.rules, w.reason, w.until, f.Rule)] = true
				if code := w.refusal(p, f.Rule); code != "" {
					say(w.home, w.by, code, f.Rule)
				} else if !hidden {
					hidden = true
					lines[name] = append(lines[name], fmt.Sprintf("  %s %s %s suppressed by %s", f.Place, f.Rule, now, w.by))
				}
			}
			if !hidden {
				lines[name] = append(lines[name], fmt.Sprintf("  %s %s %s", f.Place, f.Rule, now))
				kinds[name] = append(kinds[name], now)
			}
		}
	}
	for _, w := range wishes {
		sayUnused(p, f, w, used, whole, say)
	}
	levelSaid := func(line string) string {
		place, code, _ := strings.Cut(line, " ")
		was := map[string]string{"P101": "warning", "P102": "warning"}[code]
		if was == "" {
			was = "error"
		}
		file, _, _ := strings.Cut(place, ":")
		for _, o := range slices.Backward(p.Severities) {
			if len(o.Rules) == 0 && (len(o.Paths) == 0 || strings.HasPrefix(file, "a/")) {
				return o.Level + " by " + o.At.String()
			}
		}
		return was
	}
	for _, u := range f {
		name := string(u.Name)
		for _, line := range said[name] {
			now, by, _ := strings.Cut(levelSaid(line), " by ")
			if now == "off" {
				was := "error"
				if strings.HasSuffix(line, "P101") || strings.HasSuffix(line, "P102") {
					was = "warning"
				}
				lines[name] = append(lines[name], fmt.Sprintf("  %s %s off by %s", line, was, by))
				continue
			}
			lines[name] = append(lines[name], "  "+line+" "+now)
			kinds[name] = append(kinds[name], now)
		}
		kind := u.Kind
		if kind == "" {
			kind = verdict.OK
			if slices.Contains(kinds[name], "error") || p.FailOn == verdict.Warning && slices.Contains(kinds[name], "warning") {
				kind = verdict.Invalid
			}
		}
		slices.Sort(lines[name])
		all = append(append(all, name+" "+string(kind)), lines[name]...)
	}
	var remarks []string
	for _, line := range said[""] {
		if now, _, _ := strings.Cut(levelSaid(line), " by "); now != "off" {
			remarks = append(remarks, "policy "+line+" "+now)
		}
	}
	slices.Sort(remarks)
	return append(all, remarks...)
}

// sayUnused says of a wish what it asks for that it may not, and what hides nothing.
func sayUnused(p policy.Policy, f fleet, w asked, used map[string]bool, whole bool, say func(string, verdict.Place, string, string)) {
	if code := w.void(); code != "" {
		say(w.home, w.by, code, w.reason+w.until+fmt.Sprint(w.rules))
		return
	}
	decided := func(joined bool) bool {
		if !w.mark || w.home == "" || joined {
			return whole
		}
		i := slices.IndexFunc(f, func(u aggregator.Unit) bool { return string(u.Name) == w.home })
		return f[i].Kind != verdict.Failed && !p.SomeRegions
	}
	is := func(rule string) bool { return used[fmt.Sprint(w.by, w.rules, w.reason, w.until, rule)] }
	if len(w.rules) == 0 {
		if !is("T1") && !is("T2") && !is("T3") && !is("T4") && decided(true) {
			say(w.home, w.by, "P101", w.reason+w.until)
		}
		return
	}
	for _, rule := range w.rules {
		if code := w.refusal(p, rule); code != "" {
			say(w.home, w.by, code, rule)
		} else if !is(rule) && decided(rule == "T4") {
			say(w.home, w.by, "P101", rule+w.reason+w.until+fmt.Sprint(w.rules))
		}
	}
}

// wishesOf are all marks, each once, and then all entries.
func wishesOf(p policy.Policy, f fleet) (all []asked) {
	known := map[string]bool{}
	for _, u := range f {
		for _, m := range u.Marks {
			home := ""
			if strings.HasPrefix(m.Place.File, string(u.Name)+"/") {
				home = string(u.Name)
			}
			if key := fmt.Sprint(m.Place, m.Rules, m.Reason, m.Until); !known[key] {
				known[key] = true
				all = append(all, asked{m.Rules, m.Reason, m.Until, m.Place, func(u aggregator.Unit, f verdict.Finding) bool {
					return m.Covers(f.Place) && slices.ContainsFunc(u.Marks, func(o verdict.Mark) bool { return o.Compare(m) == 0 })
				}, home, true})
			}
		}
	}
	for _, i := range p.Ignores {
		all = append(all, asked{i.Rules, i.Reason, i.Until, i.At, func(u aggregator.Unit, f verdict.Finding) bool {
			return (len(i.Units) == 0 || u.Name == "a") && (len(i.Paths) == 0 || slices.Contains(i.Paths, f.File))
		}, "", false})
	}
	return all
}
