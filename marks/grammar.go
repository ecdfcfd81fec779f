package marks

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed306eabeb/muster/verdict"
)

// What of a mark is read, so that it stays small whatever stands in a comment.
const (
	maxRules  = 50
	maxRule   = 200 // bytes of each
	maxReason = 500 // bytes
	maxUntil  = 64  // bytes
)

// parse reads the text of a comment as a mark:
//
//	mark  = ( "muster:ignore" | "muster:ignore-file" ) [ rules ] { reason | until }
//	rules = rule { "," rule }, each a code, a name, or a glob of them
//	until = "until=" date, the last day on which the mark holds; one at most
//
// It is false for other comments. A mark in which something is missing, or that is misspelt, is
// one without rules, without a reason, or until what is no day: whoever wrote it has to be told.
func parse(text string) (m verdict.Mark, ok bool) {
	rest, ok := strings.CutPrefix(strings.Trim(text, blanks), word)
	if !ok {
		return m, false
	}
	if behind, whole := strings.CutPrefix(rest, "-file"); whole && begins(behind) {
		m.File, rest = true, behind
	}
	if !begins(rest) {
		return m, true
	}
	words := strings.Fields(rest)
	m.Rules, words = rulesOf(words)
	var reason, until []string
	for _, w := range words {
		if strings.HasPrefix(w, untilKey) {
			until = append(until, w)
			continue
		}
		reason = append(reason, w)
	}
	m.Reason, m.Until = reasonOf(reason), cut(untilOf(until), maxUntil)
	return m, true
}

// untilKey begins what says a last day.
const untilKey = "until="

// untilOf is the last day that words say. An empty one, and several, are as they are written, which is
// no day: whoever wrote them has to be told.
func untilOf(words []string) string {
	if len(words) == 1 && words[0] != untilKey {
		return strings.TrimPrefix(words[0], untilKey)
	}
	return strings.Join(words, " ")
}

// begins says that a text is empty or begins with a blank.
func begins(text string) bool { return text == "" || strings.IndexByte(blanks, text[0]) >= 0 }

// rulesOf are the rules that words begin with, and the words behind them. The list goes on where
// a comma stands at the end of a word, or at the beginning of the next.
func rulesOf(words []string) (rules, rest []string) {
	for i, w := range words {
		if i == 0 && strings.HasPrefix(w, untilKey) {
			return nil, words
		}
		for rule := range strings.SplitSeq(w, ",") {
			if rule != "" && len(rules) < maxRules {
				rules = append(rules, cut(rule, maxRule))
			}
		}
		if !strings.HasSuffix(w, ",") && (i+1 == len(words) || !strings.HasPrefix(words[i+1], ",")) {
			return rules, words[i+1:]
		}
	}
	return rules, nil
}

// reasonOf is what words say, "" for signs alone. A dash or a colon may stand before it.
func reasonOf(words []string) string {
	for len(words) > 0 && !strings.ContainsFunc(words[0], isWordRune) {
		words = words[1:]
	}
	return cut(strings.Join(words, " "), maxReason)
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// cut is the beginning of a text, with whole characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
