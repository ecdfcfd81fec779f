package rule

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"

	"github.com/seed306eabeb/muster/yamldoc"
)

// problemsOf are the errors of the compiler, in their order. Behind an error of syntax more follow
// that are none.
func problemsOf(env *cel.Env, part, text string, issues *cel.Issues) []Problem {
	var all []Problem
	syntax := false
	for _, err := range issues.Errors() {
		isSyntax := strings.HasPrefix(err.Message, "Syntax error: ")
		if syntax && isSyntax {
			continue
		}
		syntax = syntax || isSyntax
		p := at(part, max(err.Location.Line(), 1), max(err.Location.Column(), 0)+1, err.Message, "")
		explain(env, text, &p)
		all = append(all, p)
	}
	if part == "message" && isProse(text) && (syntax || all[0].Help == "" || !strings.HasPrefix(all[0].Help, "did you mean")) {
		return []Problem{prose(text)}
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// isProse says whether a text that is no expression looks like words: nothing in it is quoted and
// put together.
func isProse(text string) bool {
	return !strings.ContainsAny(text, `'"`) || !strings.ContainsAny(text, "+(")
}

func prose(text string) Problem {
	example := `"'` + text + `'"`
	if strings.ContainsAny(text, "'\"\\\n") {
		example = `"'…'"`
	}
	return at("message", 1, 1, "the message is an expression, and "+quote(text)+" is none",
		"for plain words put quotes inside of the quotes: `message: "+cut(example)+"`")
}

// ofType is the problem of an expression of the wrong type.
func ofType(part, text string, got *cel.Type) Problem {
	if part == "message" {
		return at(part, 1, 1, "the message is of type "+got.String()+"; expected a string", "write "+quote("string("+text+")"))
	}
	return at(part, 1, 1, "the "+part+" is of type "+got.String()+"; expected true or false", "compare it with something")
}

var (
	undeclared   = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	operator     = regexp.MustCompile(`'_?(\W+?)_'`)
	unrecognized = regexp.MustCompile(`(?s)^token recognition error at: '(.*)'$`)
	minus        = regexp.MustCompile(`\.(\w+-)$`)
	byZone       = regexp.MustCompile(`'get\w+' applied to 'timestamp\.\(string\)'`)
)

// explain turns a message of the compiler into ours.
func explain(env *cel.Env, text string, p *Problem) {
	nameFirst(text, p)
	if said, ok := strings.CutPrefix(p.Message, "Syntax error: "); ok {
		explainSyntax(text, said, p)
		return
	}
	p.Message = cutAt(operator.ReplaceAllString(p.Message, "'$1'"), maxMessage)
	switch m := undeclared.FindStringSubmatch(p.Message); {
	case m != nil:
		explainName(env, text, m[1], p)
	case byZone.MatchString(p.Message):
		p.Help = "times are UTC: the names of time zones are the machine's, and are not known here"
	case strings.HasPrefix(p.Message, "invalid argument to has()"):
		p.Message, p.Help = "has() takes a key behind a dot", "write has(self.name); for a key in quotes write `\"a-b\" in self`"
	case strings.HasPrefix(p.Message, "found no matching overload") && onValue(env, text, p):
		p.Help = "it is called on a value: write `x." + wordAt(rest(text, p)) + "(…)`"
	case strings.HasPrefix(p.Message, "invalid matches argument"):
		p.Message, p.Help = "the pattern is no regular expression", "the syntax is RE2's (https://github.com/google/re2/wiki/Syntax): no lookaround and no backreferences"
	}
}

// nameFirst moves a problem of a call from its bracket to its name.
func nameFirst(text string, p *Problem) {
	r := []rune(line(text, p.Line))
	if at := p.Column - 1; at < len(r) && r[at] == '(' {
		for p.Column > 1 && isWordRune(r[p.Column-2]) {
			p.Column--
		}
	}
}

// explainSyntax turns a syntax error into ours.
func explainSyntax(text, said string, p *Problem) {
	p.Message = said
	if m := unrecognized.FindStringSubmatch(said); m != nil {
		switch got := strings.TrimSpace(m[1]); {
		case got == "=":
			p.Message, p.Help = "`=` is no operator", "compare with `==`"
		case got == "&" || got == "|":
			p.Message, p.Help = quote(got)+" is no operator", "write "+quote(got+got)
		case strings.HasPrefix(got, "'") || strings.HasPrefix(got, `"`):
			p.Message = "the text in quotes that begins here has no end"
		default:
			p.Message = quote(got) + " means nothing in an expression"
			p.Help = "a key with other signs than a to z, digits and `_` in it is written `[\"…\"]`"
		}
		return
	}
	for _, word := range []string{wordAt(rest(text, p)), wordBefore(text, p)} {
		if use := elsewhere[word]; use != "" && p.Help == "" {
			p.Help = "write " + quote(use) + " for " + quote(word)
		}
	}
	switch at, _, _ := strings.Cut(said, " expecting "); {
	case strings.Contains(at, "'<EOF>'"):
		p.Message = "the expression ends too early"
	default:
		p.Message = strings.NewReplacer("mismatched input", "unexpected", "extraneous input", "unexpected", "no viable alternative at input", "unexpected").Replace(at)
	}
	p.Message = cutAt(oneLine(p.Message), maxMessage)
}

// explainName says what a name may have been meant to be.
func explainName(env *cel.Env, text, name string, p *Problem) {
	if m := minus.FindStringSubmatch(before(text, p)); m != nil {
		key := m[1] + name
		p.Message = quote(name) + " is no variable, and `-` takes one number from another"
		p.Help = "a key with `-` in it is written " + quote(`["`+key+`"]`)
		return
	}
	if name == "unit" || name == "file" {
		name = wordAt(rest(text, p))
	}
	what, candidates := "variable", []string{}
	if strings.HasPrefix(strings.TrimPrefix(rest(text, p), name), "(") {
		what, candidates = "function", functionsOf(env)
	} else {
		for _, v := range variables {
			candidates = append(candidates, v.name)
		}
	}
	if slices.Contains(candidates, name) {
		p.Message, p.Help = quote(name)+" does not take these arguments", "a loop names its variable first, as in `self.tools.all(t, t.version > 1)`"
		return
	}
	p.Message = quote(name) + " is no " + what
	if use := elsewhere[name]; use != "" {
		p.Help = "write " + quote(use)
	} else if near := yamldoc.Nearest(name, candidates); near != "" {
		p.Help = "did you mean " + quote(near) + "?"
	} else if what == "variable" {
		p.Help = "the variables are self, doc, file, unit, files, shared and region; a text stands in quotes"
	}
}

// elsewhere are words of other languages, and what CEL has for them.
var elsewhere = map[string]string{
	"len": "size", "length": "size", "count": "size", "and": "&&", "or": "||", "not": "!", "nil": "null", "None": "null", "undefined": "null",
	"True": "true", "False": "false", "any": "exists", "some": "exists", "every": "all", "includes": "contains", "match": "matches", "test": "matches",
	"lower": "lowerAscii", "toLower": "lowerAscii", "toLowerCase": "lowerAscii", "upper": "upperAscii", "toUpper": "upperAscii", "toUpperCase": "upperAscii",
	"hasPrefix": "startsWith", "hasSuffix": "endsWith", "strip": "trim", "keys": "map(k, k)",
}

// onValue says whether the function of a problem is one that is called on a value, and is not here.
func onValue(env *cel.Env, text string, p *Problem) bool {
	decl := env.Functions()[wordAt(rest(text, p))]
	if decl == nil || strings.HasSuffix(before(text, p), ".") {
		return false
	}
	return !slices.ContainsFunc(decl.OverloadDecls(), func(o *decls.OverloadDecl) bool { return !o.IsMemberFunction() })
}

// rest is the line of a problem from its column on, and before what is in front of it.
func rest(text string, p *Problem) string {
	r := []rune(line(text, p.Line))
	return string(r[min(max(p.Column-1, 0), len(r)):])
}

func before(text string, p *Problem) string {
	r := []rune(line(text, p.Line))
	return string(r[:min(max(p.Column-1, 0), len(r))])
}

// wordBefore is the word in front of a problem.
func wordBefore(text string, p *Problem) string {
	words := strings.Fields(before(text, p))
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// line is a line of a text, from 1.
func line(text string, number int) string {
	lines := strings.Split(text, "\n")
	return lines[min(max(number, 1), len(lines))-1]
}

// wordAt is the name, with dots, at the beginning of a text.
func wordAt(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r != '.' && r != '_' && (r < '0' || '9' < r) && (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r)
	})
	if end < 0 {
		return text
	}
	return text[:end]
}

// functionsOf are the names of all functions that people can write.
func functionsOf(env *cel.Env) []string {
	var all []string
	for name := range env.Functions() {
		if isWord(name) {
			all = append(all, name[strings.LastIndex(name, ".")+1:])
		}
	}
	for _, m := range env.Macros() {
		if isWord(m.Function()) {
			all = append(all, m.Function())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isWord(name string) bool {
	return name != "" && name[0] != '_' && name[0] != '@' && wordAt(name) == name
}

func quote(s string) string { return "`" + cut(s) + "`" }
