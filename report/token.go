package report

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// tokenAt is how many runes the value has that begins at a 1-based column of a line: at
// least one. Where a value of a document begins it is the whole scalar, or the brackets if they
// are closed in the line; inside a text it is the word.
func tokenAt(file, line string, column int) int {
	all := []rune(line)
	if column < 1 || column > len(all) {
		return 1
	}
	before, rest := all[:column-1], all[column-1:]
	inFlow, inText := inside(before)
	if !isDocument(file) || inText || !beginsNode(before) {
		return word(rest)
	}
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		return quotedText(rest)
	case c == '[' || c == '{':
		return bracketed(rest)
	case c == '|' || c == '>':
		return max(1, slices.IndexFunc(append(slices.Clip(rest), ' '), unicode.IsSpace))
	}
	return plainScalar(rest, inFlow)
}

// isDocument says whether a file is written in YAML or JSON, as far as its name tells.
func isDocument(file string) bool {
	return slices.Contains([]string{".yml", ".yaml", ".json", ".conf"}, strings.ToLower(path.Ext(file)))
}

// beginsNode says whether a value or a key begins behind a part of a line.
func beginsNode(before []rune) bool {
	text := strings.TrimRight(string(before), " \t")
	if text == "" {
		return true
	}
	apart := len(text) < len(string(before))
	last := text[strings.LastIndexAny(text, " \t")+1:]
	switch {
	case strings.HasSuffix(text, "{{") || strings.HasSuffix(text, "{%"):
		return false // of a template
	case strings.ContainsAny(text[len(text)-1:], "[{,"):
		return true
	case !apart:
		return strings.HasSuffix(text, `":`) // JSON needs no blank
	}
	return strings.HasSuffix(text, ":") || last == "-" || last == "?" || last[0] == '&' || last[0] == '!'
}

// inside says whether brackets and quotes are open behind a part of a line.
func inside(before []rune) (brackets, quotes bool) {
	depth, quote := 0, rune(0)
	for i, c := range before {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.ContainsRune(" \t[{,:", before[i-1])):
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
	}
	return depth > 0, quote != 0
}

// quotedText is how long a text in quotes is, to the end of the line at most.
func quotedText(rest []rune) int {
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && rest[0] == '"':
			i++
		case rest[i] == rest[0] && rest[0] == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
			i++
		case rest[i] == rest[0]:
			return i + 1
		}
	}
	return trimmed(rest)
}

// bracketed is how long a list or mapping in brackets is; one that goes on in the next line
// is its bracket.
func bracketed(rest []rune) int {
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; c {
		case '"', '\'':
			i += quotedText(rest[i:]) - 1
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 1
}

// plainScalar is how long a scalar without quotes, or a key, is.
func plainScalar(rest []rune, inFlow bool) int {
	for i, c := range rest {
		blankNext := i+1 == len(rest) || unicode.IsSpace(rest[i+1])
		switch {
		case i == 0:
		case c == ':' && (blankNext || inFlow && strings.ContainsRune(",]}", rest[i+1])),
			c == '#' && unicode.IsSpace(rest[i-1]),
			inFlow && strings.ContainsRune(",[]{}", c):
			return trimmed(rest[:i])
		}
	}
	return trimmed(rest)
}

// word is how long a name or a number is, and 1 for any other character. A dot is in a name
// where more of it follows.
func word(rest []rune) int {
	for i, c := range rest {
		letter := unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '_' || c == '-' && i > 0
		dot := c == '.' && i > 0 && i+1 < len(rest) && (unicode.IsLetter(rest[i+1]) || unicode.IsDigit(rest[i+1]) || rest[i+1] == '_')
		if !letter && !dot {
			return max(i, 1)
		}
	}
	return max(len(rest), 1)
}

// trimmed is the length without the blanks at the end, at least 1.
func trimmed(rest []rune) int {
	n := len(rest)
	for n > 1 && unicode.IsSpace(rest[n-1]) {
		n--
	}
	return max(n, 1)
}
