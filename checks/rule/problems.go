package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

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
	case strings.HasPrefix(p.Message, "comprehension exceeds nesting limit"):
		p.Message = fmt.Sprintf("loops (all, exists, map, filter …) are nested more than %d deep here", maxLoops)
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
		}
		return
	}
	switch at, _, _ := strings.Cut(said, " expecting "); {
	case strings.Contains(at, "'<EOF>'"):
		p.Message = "the expression ends too early"
	case at != said:
		p.Message = strings.NewReplacer("mismatched input", "unexpected", "extraneous input", "unexpected").Replace(at)
	}
	p.Message = cutAt(oneLine(p.Message), maxMessage)
}

// explainName says what a name may have been meant to be.
func explainName(env *cel.Env, text, name string, p *Problem) {
	rest := []rune(line(text, p.Line))
	before := rest[:min(max(p.Column-1, 0), len(rest))]
	rest = rest[len(before):]
	if strings.HasSuffix(string(before), "-") && strings.Contains(string(before), ".") && len(before) > 1 && isWordRune(before[len(before)-2]) {
		i := strings.LastIndex(string(before), ".")
		key := string(before)[i+1:] + name
		p.Message = quote(name) + " is no variable, and `-` takes one number from another"
		p.Help = "a key with `-` in it is written " + quote(`["`+key+`"]`)
		return
	}
	if name == "unit" || name == "file" {
		name = wordAt(string(rest))
	}
	what, candidates := "variable", []string{}
	if len(rest) > len([]rune(name)) && rest[len([]rune(name))] == '(' {
		what, candidates = "function", functionsOf(env)
	} else {
		for _, v := range variables {
			candidates = append(candidates, v.name)
		}
	}
	p.Message = quote(name) + " is no " + what
	if near := yamldoc.Nearest(name, candidates); near != "" {
		p.Help = "did you mean " + quote(near) + "?"
	} else if what == "variable" {
		p.Help = "the variables are self, doc, file, unit, files, shared and region; a text stands in quotes"
	}
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
