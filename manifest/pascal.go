package manifest

import (
	"strings"
	"unicode"

	"github.com/seed306eabeb/muster/yamldoc"
)

// alertNameMeant proposes an alert's name in Pascal case.
func alertNameMeant(v *yamldoc.Value) yamldoc.Proposal {
	const otherwise = "abbreviations are like words (HttpErrors), and a letter behind a digit is upper case (High5Xx)"
	name := pascal(v.Text())
	if !pascalCase.MatchString(name) {
		return yamldoc.Advice(otherwise)
	}
	return yamldoc.Rewrite(v, name).Or(otherwise)
}

// pascal is a name in Pascal case: the letters of an abbreviation become those of a
// word, and a letter at the start of a word or behind a digit becomes upper case.
func pascal(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if !isWordRune(r) {
			continue
		}
		first := i == 0 || !unicode.IsLetter(letters[i-1])
		inside := !first && unicode.IsUpper(letters[i-1]) && (i+1 == len(letters) || !unicode.IsLower(letters[i+1]))
		switch {
		case first:
			b.WriteRune(unicode.ToUpper(r))
		case inside:
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
