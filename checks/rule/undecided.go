package rule

import (
	"regexp"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/seed306eabeb/muster/verdict"
)

// maxRounds is in how many rounds of a loop the cause of an error is looked for.
const maxRounds = 10_000

// whyNot finds what an error is about: where it stands, values that matter, and a help.
func (t *trace) whyNot(said string) (message string, place verdict.Place, help string) {
	root := t.ast.Expr()
	if key, ok := strings.CutPrefix(said, "no such key: "); ok {
		if c, ok := t.missing(root, key); ok {
			place = t.here()
			if c.inDoc {
				place = t.in.Doc.At(c.way...)
			}
			has := "has(" + c.missing + ")"
			if strings.HasSuffix(c.missing, "]") {
				has = "`in`"
			}
			return said, place, "where it may be absent use " + has + " or " + c.instead + ".orValue(…)"
		}
	}
	part := t.erring(root)
	chains := t.chains(part)
	place = t.here()
	for i := range chains {
		if chains[i].inDoc {
			place = t.placeOf(chains[i])
			break
		}
	}
	values, _ := t.values(part, chains)
	if said == "no such overload" {
		said += " for " + quote(t.textOf(part))
	}
	return said + listed(values), place, helpFor(said)
}

// helpFor is what can be said of an error without its values.
func helpFor(said string) string {
	switch {
	case strings.HasPrefix(said, "no such key"):
		return "where it may be absent use has(…) or .?name.orValue(…)"
	case strings.HasPrefix(said, "no such overload"), strings.Contains(said, "cannot be compared"):
		return "the values are of types that do not go together here: ask type(…), or convert them with int(…), double(…) or string(…)"
	}
	return ""
}

// missing is the first chain of an expression that lacks a key, with those in the rounds of loops.
func (t *trace) missing(e ast.Expr, key string) (chain, bool) {
	for _, c := range t.chains(e) {
		if c.missing != "" && (!c.test || c.missing != c.label) && !strings.Contains(c.missing, "?") && strings.HasSuffix(unquoted(c.missing), key) {
			return c, true
		}
	}
	return t.missingInLoops(e, key)
}

// missingInLoops looks for a missing key in the loops of an expression.
func (t *trace) missingInLoops(e ast.Expr, key string) (found chain, ok bool) {
	if e.Kind() == ast.ComprehensionKind {
		found, ok = t.missingInLoop(e.AsComprehension(), key)
	}
	each(e, func(part ast.Expr) {
		if !ok {
			found, ok = t.missingInLoops(part, key)
		}
	})
	return found, ok
}

// unquoted is the label of a chain without the end of its last index.
func unquoted(label string) string { return strings.TrimRight(label, `"]`) }

// missingInLoop looks for a missing key in the rounds of a loop.
func (t *trace) missingInLoop(loop ast.ComprehensionExpr, key string) (chain, bool) {
	rounds := roundsOf(t.rangeOf(loop).value)
	for i := range rounds {
		if t.rounds++; t.rounds > maxRounds {
			return chain{}, false
		}
		t.bind(loop, rounds[i])
		if c, ok := t.missing(loop.LoopStep(), key); ok {
			return c, true
		}
	}
	delete(t.bound, loop.IterVar())
	delete(t.bound, loop.IterVar2())
	return chain{}, false
}

// roundsOf are the rounds of a loop over a value, no more than maxRounds.
func roundsOf(v ref.Val) []stop {
	var all []stop
	switch v := v.(type) {
	case traits.Mapper:
		for it := v.Iterator(); it.HasNext() == types.True && len(all) < maxRounds; {
			key := it.Next()
			all = append(all, stop{key, v.Get(key)})
		}
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		for i := range min(n, maxRounds) {
			all = append(all, stop{i, v.Get(i)})
		}
	}
	return all
}

// erring is the smallest part of an expression that is an error.
func (t *trace) erring(e ast.Expr) ast.Expr {
	found := e
	if e.Kind() == ast.ComprehensionKind { // the last round need not be the one that erred
		return e
	}
	each(e, func(part ast.Expr) {
		if v, ok := t.state.Value(part.ID()); ok && types.IsError(v) && found == e {
			found = t.erring(part)
		}
	})
	return found
}

// each calls f for the direct parts of an expression.
func each(e ast.Expr, f func(ast.Expr)) {
	switch e.Kind() {
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			f(e.AsCall().Target())
		}
		for _, arg := range e.AsCall().Args() {
			f(arg)
		}
	case ast.SelectKind:
		f(e.AsSelect().Operand())
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			f(item)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			f(entry.AsMapEntry().Key())
			f(entry.AsMapEntry().Value())
		}
	case ast.ComprehensionKind:
		loop := e.AsComprehension()
		f(loop.IterRange())
		f(loop.AccuInit())
		f(loop.LoopStep())
		f(loop.Result())
	}
}

var (
	overload = regexp.MustCompile(`no such overload: (\S+)`)
	notRange = regexp.MustCompile(`^got '.*', expected iterable type$`)
)

// plain is what an error of an evaluation says to people.
func plain(err error) string {
	said := err.Error()
	if notRange.MatchString(said) {
		return "it goes through a value that is no list and no mapping"
	}
	said = overload.ReplaceAllStringFunc(said, func(s string) string {
		return operator.ReplaceAllString(strings.Replace(s, ": ", ": '", 1)+"'", "'$1'")
	})
	return cutAt(oneLine(said), maxPart)
}
