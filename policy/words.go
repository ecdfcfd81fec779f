package policy

import (
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// word is how somebody names rules: by a code, a name, or a glob of them.
type word struct {
	text   string // as it is written
	folded string
}

func wordsOf(texts []string) (all []word) {
	for _, text := range texts {
		all = append(all, word{text, strings.ToLower(text)})
	}
	return all
}

// isLiteral says whether a word can stand for one rule alone.
func (w word) isLiteral() bool { return !strings.ContainsAny(w.text, "*?") }

// names says whether a word stands for what has some names, in small letters.
func (w word) names(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return like(w.folded, name) })
}

// like says whether a text is what a glob stands for: * is any characters, ? is one.
func like(glob, text string) bool {
	star, from := -1, 0 // the last *, and where what it stands for ends
	i := 0
	for j := 0; j < len(text); {
		switch {
		case i < len(glob) && glob[i] == '*':
			star, from = i, j
			i++
		case i < len(glob) && (glob[i] == '?' || glob[i] == text[j]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(glob[i:], "*") == ""
}

// vocabulary knows by what names rules can be meant.
type vocabulary struct {
	rules map[string]verdict.Rule
	names map[[2]string][]string // of findings, by their rule and name
}

// of are the names of the rule of a finding, in small letters: its code, those that it had
// before, its name, and that of the finding, where a check has several.
func (v *vocabulary) of(code, name string) []string {
	key := [2]string{code, name}
	if known, ok := v.names[key]; ok {
		return known
	}
	r := v.rules[code]
	var all []string
	for _, n := range append([]string{code, name, r.Name}, r.Aliases...) {
		if n != "" {
			all = append(all, strings.ToLower(n))
		}
	}
	if v.names == nil {
		v.names = map[[2]string][]string{}
	}
	v.names[key] = all
	return all
}

// knows says whether a word stands for any rule, or for a finding that there was. Where no
// rules are known it says so of every word.
func (v *vocabulary) knows(w word) bool {
	if len(v.rules) == 0 {
		return true
	}
	for _, names := range v.names {
		if w.names(names) {
			return true
		}
	}
	for code := range v.rules {
		if w.names(v.of(code, "")) {
			return true
		}
	}
	return false
}

// codes are those of the rules that a word stands for, sorted.
func (v *vocabulary) codes(w word) (all []string) {
	for code := range v.rules {
		if w.names(v.of(code, "")) {
			all = append(all, code)
		}
	}
	slices.Sort(all)
	return all
}

// called is a rule as messages call it: by its code, and its name where it has another one.
func (v *vocabulary) called(code string) string {
	if name := v.rules[code].Name; name != "" && name != code {
		return code + " (" + name + ")"
	}
	return code
}

// Named are the codes of the rules that a word stands for, sorted: a code, a name, a code that a
// rule had before, or a glob of them.
func Named(rules map[string]verdict.Rule, text string) []string {
	v := vocabulary{rules: rules}
	return v.codes(wordsOf([]string{text})[0])
}
