package rule

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/seed306eabeb/muster/yamldoc"
)

// problemsOf are the errors of the compiler, in their order.
func problemsOf(env *cel.Env, part, text string, issues *cel.Issues) []Problem {
	if part == "message" && isProse(text) {
		return []Problem{prose(text)}
	}
	var all []Problem
	for _, err := range issues.Errors() {
		p := at(part, max(err.Location.Line(), 1), max(err.Location.Column(), 0)+1, err.Message, "")
		explained(env, text, &p)
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// isProse says whether a text that is no expression looks like words: nothing in it is quoted.
func isProse(text string) bool {
	return !strings.ContainsAny(text, `'"`) || !strings.ContainsAny(text, "+(")
}

func prose(text string) Problem {
	quoted := "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
	return at("message", 1, 1, "the message is an expression, and "+quote(text)+" is none",
		"for plain words put quotes inside of the quotes: "+quote(`message: "`+strings.ReplaceAll(quoted, `"`, `\"`)+`"`))
}

// ofType is the problem of an expression of the wrong type.
func ofType(part, text string, got *cel.Type) Problem {
	if part == "message" {
		return at(part, 1, 1, "the message is of type "+got.String()+"; expected a string", "write "+quote("string("+text+")"))
	}
	return at(part, 1, 1, "the "+part+" is of type "+got.String()+"; expected true or false", "compare it with something")
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '(.*)' \(in container '.*'\)$`)
	operator   = regexp.MustCompile(`'_?(\W+?)_'`)
	expecting  = regexp.MustCompile(`(?s) expecting \{.*\}`)
)

// explained turns a message of the compiler into ours.
func explained(env *cel.Env, text string, p *Problem) {
	p.Message = expecting.ReplaceAllString(strings.TrimPrefix(p.Message, "Syntax error: "), "")
	p.Message = strings.ReplaceAll(p.Message, "'<EOF>'", "the end of the expression")
	p.Message = operator.ReplaceAllString(p.Message, "'$1'")
	m := undeclared.FindStringSubmatch(p.Message)
	if m == nil {
		return
	}
	name := m[1]
	if i := strings.Index(line(text, p.Line), name+"."); i >= 0 && (name == "unit" || name == "file") {
		name = wordAt(line(text, p.Line)[i:])
	}
	p.Message = quote(name) + " is no variable and no function"
	if near := yamldoc.Nearest(name, names(env)); near != "" {
		p.Help = "did you mean " + quote(near) + "?"
	} else {
		p.Help = "the variables are self, doc, file, unit, files, shared and region"
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

// names are all variables and functions that people can write.
func names(env *cel.Env) []string {
	var all []string
	for _, v := range variables {
		all = append(all, v.name)
	}
	for name := range env.Functions() {
		if isWord(name) {
			all = append(all, name)
		}
	}
	for _, m := range env.Macros() {
		all = append(all, m.Function())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isWord(name string) bool {
	return name != "" && name[0] != '_' && name[0] != '@' && wordAt(name) == name
}

func quote(s string) string { return "`" + cut(s) + "`" }
