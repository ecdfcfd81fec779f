package manifest

import (
	"slices"
	"strings"
)

// commandWords are the words of a command line as a list may have them. A line that
// only a shell understands becomes the argument of one; ok is false for what a shell
// would read in another way than a container's command is.
func commandWords(line string) (words []string, ok bool) {
	if strings.ContainsAny(line, "\n\r#") || strings.Contains(line, "$(") || hasTemplate(line) {
		return nil, false
	}
	words, plain, closed := splitWords(line)
	switch {
	case !closed || len(words) == 0 || strings.HasPrefix(words[0], "-") || strings.HasPrefix(words[0], "["):
		return nil, false
	case plain && !strings.Contains(words[0], "=") && !slices.Contains(shellWords, words[0]):
		return words, !strings.Contains(words[0], ",") && !slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, ",") })
	}
	return []string{"sh", "-c", line}, true
}

// shellWords begin a line that no program but a shell can run.
var shellWords = strings.Fields(". alias case cd eval exec export for if set source trap ulimit umask unset until while !")

// splitWords cuts a line at spaces outside of quotes. plain is false where the line
// has more than words and quotes, and closed where each quote has an end.
func splitWords(line string) (words []string, plain, closed bool) {
	var word strings.Builder
	within, begun := rune(0), false
	plain = true
	for _, r := range line {
		switch {
		case within != 0 && r == within:
			within = 0
		case within == 0 && (r == '"' || r == '\''):
			within, begun = r, true
		case within == 0 && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			plain = plain && !special(r, within)
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, plain, within == 0
}

// special says that a shell makes something of r within those quotes, 0 for none.
func special(r, within rune) bool {
	switch within {
	case '\'':
		return false
	case '"':
		return strings.ContainsRune("$`\\", r)
	}
	return strings.ContainsRune("|&;<>()$`\\*?[]{}~!", r)
}
