package manifest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// yamlError is the shape of what yaml.v3 says of a file: at most a line, and
// for what is never closed the line where the file ends.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxFinding places a syntax error where it began.
func syntaxFinding(name string, data []byte, err error) verdict.Finding {
	line, text := 0, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	s := diagnose(string(data), line, text)
	return ruleSyntax.At(verdict.Place{File: name, Line: s.at.line, Column: s.at.column}, s.message, s.help)
}

// syntaxFault is a syntax error in words of our own.
type syntaxFault struct {
	at            position
	message, help string
}

// diagnose looks for the fault that the parser's message hints at. A scan of
// the text tells more than the message: it knows where quotes and brackets open.
func diagnose(text string, line int, message string) syntaxFault {
	lines := splitLines(text)
	if alias, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		return unknownAnchor(lines, strings.TrimSuffix(alias, "' referenced"))
	}
	if f := scanSyntax(lines); f != nil {
		return *f
	}
	return fallbackFault(lines, line, message)
}

func unknownAnchor(lines []string, name string) syntaxFault {
	f := syntaxFault{message: "the alias *" + name + " has no anchor &" + name + " before it", help: "write &" + name + " at the value meant"}
	for i, l := range lines {
		if c := strings.Index(l, "*"+name); c >= 0 {
			f.at = position{i + 1, runeColumn(l, c)}
			return f
		}
	}
	return f
}

// fallbackFault trusts the parser's line and shows its message.
func fallbackFault(lines []string, line int, message string) syntaxFault {
	line = max(1, min(line, len(lines)))
	for line > 1 && strings.TrimSpace(lines[line-1]) == "" {
		line--
	}
	l := lines[line-1]
	indent := len(l) - len(strings.TrimLeft(l, " \t"))
	return syntaxFault{at: position{line, runeColumn(l, indent)}, message: "the YAML cannot be read here: " + message}
}

// runeColumn is the 1-based column of byte offset i of a line, in runes.
func runeColumn(line string, i int) int { return len([]rune(line[:i])) + 1 }

func splitLines(text string) []string { return strings.Split(text, "\n") }
