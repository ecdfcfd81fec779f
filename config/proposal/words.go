package proposal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/yamldoc"
)

// notes are what a proposal says beside its text.
type notes struct{ said []string }

func (n *notes) note(format string, args ...any) {
	if text := visible(fmt.Sprintf(format, args...)); !slices.Contains(n.said, text) {
		n.said = append(n.said, text)
	}
}

// visible is a text on one line, in which names of files may be anything.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// number writes a number for people: 2,041.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// count writes a number and what it counts.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// singular is one of what an English plural names; false for what is none.
func singular(word string) (string, bool) {
	for _, end := range []struct{ many, one string }{
		{"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"ies", "y"}, {"sses", "ss"}, {"ches", "ch"}, {"shes", "sh"}, {"xes", "x"}, {"s", ""},
	} {
		if rest, ok := strings.CutSuffix(word, end.many); ok && len(word) > 3 {
			return rest + end.one, end.many != end.one
		}
	}
	return word, false
}

// word makes a kind's name of a file's or a folder's: small letters, digits and hyphens,
// with a letter first; "" where nothing of it is left.
func word(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && (unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r)):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// scalar writes a text in YAML, plain where it can be. A glob needs quotes only where it
// begins with its star, and words do only where there is more between them than a space.
func scalar(text string) string {
	plain := strings.ReplaceAll(text, "*", "x")
	if !strings.Contains(text, ":") {
		plain = strings.ReplaceAll(plain, " ", "x")
	}
	if text == strings.Trim(text, " ") && !strings.HasPrefix(text, "*") && yamldoc.YAML12.String(plain) == plain {
		return text
	}
	return yamldoc.YAML12.String(text)
}

// scalars writes one text, or several as a list on one line.
func scalars(texts []string) string {
	if len(texts) == 1 {
		return scalar(texts[0])
	}
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = scalar(t)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// escaped is a name as a glob that matches it alone.
func escaped(name string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`).Replace(name)
}
