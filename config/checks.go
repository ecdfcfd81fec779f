package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// rawCheck is a check as the file has it.
type rawCheck struct {
	kind  *kind
	index int // in the file
	value *yamldoc.Value
	verb  string // "" where it is unclear
	id    string
}

func (r *reader) readChecks(k *kind) {
	nth := map[string]int{}
	for i, v := range k.value.Get("checks").Items() {
		if !v.Good() {
			continue
		}
		c := &rawCheck{kind: k, index: i, value: v, verb: r.verb(v)}
		k.checks = append(k.checks, c)
		nth[c.verb]++
		c.id = k.name + "/" + c.verb
		if n := nth[c.verb]; n > 1 {
			c.id = fmt.Sprintf("%s-%d", c.id, n)
		}
		if id := v.Get("id"); id.Good() {
			c.id = id.Text()
		}
		r.judgeCheck(c)
	}
}

// verb is the one verb of a check; that it has none or several is reported.
func (r *reader) verb(v *yamldoc.Value) string {
	var given []string
	for _, verb := range verbs() {
		if v.Get(verb) != nil {
			given = append(given, verb)
		}
	}
	list := strings.Join(verbs(), ", ")
	switch {
	case len(given) == 1:
		return given[0]
	case len(given) > 1:
		slices.SortFunc(given, func(a, b string) int { return v.Get(a).KeyPlace().Compare(v.Get(b).KeyPlace()) })
		f := ruleVerb.At(v.Get(given[1]).KeyPlace(), fmt.Sprintf("%s has the verbs %s; expected one of %s", v.Path(), strings.Join(given, " and "), list), "make a check of each")
		f.Related = []verdict.Related{{Place: v.Get(given[0]).KeyPlace(), Text: "the first verb"}}
		r.add(f)
	case !slices.ContainsFunc(r.unknown, func(p string) bool { return strings.HasPrefix(p, v.Path()+".") }):
		r.report(ruleVerb, v, fmt.Sprintf("%s has no verb; expected one of %s", v.Path(), list), "say what is verified, as in {schema: schemas/port.json}")
	}
	return ""
}

// judgeCheck finds what is wrong with a check by itself.
func (r *reader) judgeCheck(c *rawCheck) {
	r.judgeID(c.value.Get("id"), c.kind)
	for _, id := range r.strings(c.value.Get("formerly")) {
		r.judgeID(id, c.kind)
	}
	for _, key := range []string{"help", "docs", "message", "when", declared.Rule} {
		if v := c.value.Get(key); v != nil {
			r.notEmpty(v)
		}
	}
	if each := c.value.Get("each"); each != nil {
		r.selector(each)
	}
	for _, verb := range []string{declared.Unique, declared.Exists, declared.Acyclic, declared.Provides} {
		r.judgeKeys(c.value.Get(verb))
	}
	for _, v := range r.valid(slices.Concat(r.strings(c.value.Get("in")), r.strings(c.value.Get("reads")))) {
		if strings.HasSuffix(v.Text(), "/") {
			r.offer(ruleGlob, v, fmt.Sprintf("%s is %q, a glob of folders; expected one of files", v.Path(), v.Text()), yamldoc.Rewrite(v, v.Text()+"**"))
		}
	}
	if c.verb == "" {
		return
	}
	r.judgeIn(c)
	r.judgeRun(c)
	r.judgePlaces(c)
	if on := c.value.Get("regions"); on != nil && c.verb == declared.Rule && r.root.Get("regions") == nil {
		r.reportKey(ruleMisplaced, on, on.Path()+" is given, but there are no regions", "name them at the top level: regions: [eu, us]")
	}
}

// judgeIn finds what a check says of files where it should not, and does not where it should.
func (r *reader) judgeIn(c *rawCheck) {
	in, optional := c.value.Get("in"), c.value.Get("optional")
	switch {
	case c.verb == shipcatVerb || c.kind.shape == unclear:
	case c.kind.shape == folders && in == nil && c.verb != declared.Run:
		r.report(ruleNoIn, c.value, fmt.Sprintf("%s (%s) does not say which files of a folder it is about", c.value.Path(), c.verb), "name them inside the folder, as in {in: port.json}")
	case c.kind.shape == plainFiles && in != nil:
		r.reportKey(ruleInOfFiles, in, fmt.Sprintf("%s is given, but a unit of kind %q is one file", in.Path(), c.kind.name), "take it out")
	case c.kind.shape == plainFiles && optional != nil && !c.selects() && !r.mayBeEmpty(c):
		r.reportKey(ruleMisplaced, optional, fmt.Sprintf("%s is given, but a unit of kind %q is one file, which is there", optional.Path(), c.kind.name), "take it out")
	}
}

// mayBeEmpty says that a check may find no document in a file that is there.
func (r *reader) mayBeEmpty(c *rawCheck) bool {
	return r.dialect(c.kind) == "kubernetes" && (c.verb == declared.Schema || c.verb == declared.Rule)
}

// selects says that a check is asked of what it selects, which may be nothing in any unit.
func (c *rawCheck) selects() bool {
	return fills(c.verb) || looks(c.verb) || c.verb == declared.Rule && c.value.Get("each") != nil
}

// judgePlaces finds keys that mean nothing to the verb.
func (r *reader) judgePlaces(c *rawCheck) {
	for _, key := range c.value.Given() {
		if slices.Contains(verbs(), key) || slices.Contains(keysOf[c.verb], key) {
			continue
		}
		var to []string
		for _, verb := range verbs() {
			if slices.Contains(keysOf[verb], key) {
				to = append(to, verb)
			}
		}
		v, help := c.value.Get(key), "take it out: it is a key of "+strings.Join(to, ", ")
		if key == "tests" && c.verb == declared.Run {
			help = "take it out: what a command finds is known where it is offered, and is tried there"
		}
		r.reportKey(ruleMisplaced, v, fmt.Sprintf("%s means nothing to the verb %s", v.Path(), c.verb), help)
	}
}

// idText is what ids are made of, and ruleCode what those of built-in rules are.
var (
	idText   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]{0,99}$`)
	ruleCode = regexp.MustCompile(`^[A-Za-z][0-9]+$`)
)

// judgeID finds what is wrong with an id, or with one of before, of a check of a kind.
func (r *reader) judgeID(id *yamldoc.Value, k *kind) {
	switch {
	case id == nil || !r.notEmpty(id):
	case ruleCode.MatchString(id.Text()):
		r.report(ruleBadID, id, fmt.Sprintf("%s is %q, which looks like the code of a built-in rule", id.Path(), id.Text()), "name what the check is about, as in "+k.name+"/name")
	case !idText.MatchString(id.Text()):
		r.report(ruleBadID, id, fmt.Sprintf("%s is %q; expected letters, digits and any of . _ / -, with a letter first, at most 100", id.Path(), id.Text()), "as in "+k.name+"/name")
	}
}

// givenID is an id that a check has, or had before.
type givenID struct {
	id     string
	former bool
	value  *yamldoc.Value // where it is given, or the check that has it by default
	of     *rawCheck
}

// judgeIDs finds ids that stand for two checks: those that checks have first, for each has one
// whether or not another had it before.
func (r *reader) judgeIDs() {
	var all []givenID
	for _, k := range r.kinds {
		for _, c := range k.checks {
			if c.verb == "" || c.verb == shipcatVerb || c.id == "" {
				continue
			}
			all = append(all, givenID{c.id, false, cmp.Or(c.value.Get("id"), c.value), c})
			for _, was := range c.value.Get("formerly").Items() {
				if was.Good() && was.Text() != "" {
					all = append(all, givenID{was.Text(), true, was, c})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b givenID) int {
		return cmp.Or(compareBools(a.former, b.former), a.value.Place().Compare(b.value.Place()))
	})
	first := map[string]givenID{}
	for _, g := range all {
		folded := strings.ToLower(g.id)
		if !g.former && r.isReserved(g, folded) {
			continue
		}
		if other, taken := first[folded]; taken {
			r.add(g.twice(other))
			continue
		}
		first[folded] = g
	}
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// twice is the finding of an id that another check has, or had.
func (g givenID) twice(other givenID) verdict.Finding {
	f := ruleIDTwice.At(g.value.Place(), fmt.Sprintf("two checks have the id %q; expected one of its own for each", g.id), "give one of them another id")
	switch {
	case g.former && other.former:
		f.Message, f.Help = fmt.Sprintf("the id %q is said of two checks to be a former one; expected it of one", g.id), "take one of the two out"
	case g.former:
		f.Message, f.Help = fmt.Sprintf("the id %q is said to be a former one, and a check has it", g.id), "take it out: what was written down under it holds for the check that has it"
	}
	f.Related = []verdict.Related{{Place: other.value.Place(), Text: "the other one"}}
	return f
}

// isReserved says that a check has the ID under which the files of a kind, or its regions, are checked,
// which is reported.
func (r *reader) isReserved(g givenID, folded string) bool {
	c := g.of
	for _, k := range r.kinds {
		what := ""
		switch {
		case folded == k.name+"/"+declared.Syntax && (c.verb != declared.Syntax || c.kind != k):
			what = "what files of kind " + k.name + " are checked as that cannot be read"
		case folded == k.name+"/deployed":
			what = "what the regions of kind " + k.name + " are checked as"
		default:
			continue
		}
		r.report(ruleBadID, cmp.Or(c.value.Get("id"), c.value), fmt.Sprintf("%s has the id %q, which is %s", c.value.Path(), c.id, what), "give it another one, as in "+c.kind.name+"/name")
		return true
	}
	return false
}
