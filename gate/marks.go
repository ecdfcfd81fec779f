package gate

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/internal/revision"
	"github.com/seed306eabeb/muster/verdict"
)

// word begins a mark in a file.
const word = "muster:ignore"

// addedMarks are those marks in changed files that were not there before: in the same words, and
// for the same key. They have a file and a line, and are sorted.
func addedMarks(tree *revision.Tree, changes []revision.Change, files fs.FS) (added []verdict.Mark, err error) {
	for _, c := range changes {
		names, err := filesOf(files, c.Path)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			now, err := readChanged(files, name)
			if err != nil {
				return nil, err
			}
			marks := marksIn(now)
			if len(marks) == 0 {
				continue
			}
			before, err := tree.Before(c)
			if err != nil {
				return nil, fmt.Errorf("read %s as it was: %w", c.Was, err)
			}
			for _, line := range newOnes(marksIn(before), marks) {
				added = append(added, verdict.Mark{Place: verdict.Place{File: name, Line: line}})
			}
		}
	}
	return verdict.SortMarks(added), nil
}

// filesOf are the files that a changed path is: for a submodule all that it has, for what they were
// is in another repository.
func filesOf(files fs.FS, changed string) (names []string, err error) {
	if info, err := fs.Lstat(files, changed); err != nil || !info.IsDir() {
		return []string{changed}, nil
	}
	err = fs.WalkDir(files, changed, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look for marks in a changed submodule: %w", err)
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.IsDir():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// readChanged is the text of a file, nil for what cannot have marks: links, and what is too large
// to be verified.
func readChanged(files fs.FS, name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, nil
	}
	info, err := fs.Lstat(files, name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil // it went away meanwhile, or is a link or a submodule
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("look for marks in changed files: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, revision.MostBlob))
	if err != nil {
		return nil, fmt.Errorf("look for marks in changed files: %s: %w", name, err)
	}
	return data, nil
}

// mark is one in a text: its words, and what it is about.
type mark struct {
	line  int
	words string
	about string
	in    document
}

// same says whether two marks hide the same, as far as one can tell without a parser.
func (m mark) same(o mark) bool {
	return m.words == o.words && m.about == o.about && m.in.same(o.in)
}

// marksIn finds what may be a mark. It knows no language: what is none hides nothing.
func marksIn(text []byte) (all []mark) {
	if !bytes.Contains(text, []byte(word)) {
		return nil
	}
	lines := strings.Split(string(text), "\n")
	documents, tree := documentsOf(lines), newOutline(lines)
	for i, l := range lines {
		before, words, found := strings.Cut(l, word)
		if !found {
			continue
		}
		m := mark{line: i + 1, words: strings.Join(strings.Fields(words), " ")}
		if !strings.HasPrefix(words, "-file") {
			at, between := target(lines, i, before)
			m.about = between + tree.about(at)
			if at < len(lines) {
				m.in = documents[at]
			}
		}
		all = append(all, m)
	}
	return all
}

// comments are what a comment begins with.
const comments = "#/*;-<!{ \t"

// target is the line that a mark is about: the one with content in front of it, or else the next
// that is more than a comment, past all lines if there is none. Between are those comments in
// between that may be content, for it is not known which signs begin one here.
func target(lines []string, at int, before string) (line int, between string) {
	if strings.Trim(before, comments) != "" {
		return at, ""
	}
	var b strings.Builder
	for at++; at < len(lines) && isComment(lines[at]); at++ {
		if mayBeContent(lines[at]) {
			b.WriteString(strings.TrimSpace(lines[at]) + "\n")
		}
	}
	return at, b.String()
}

// isComment says whether nothing stands in a line but a comment, or the end of one.
func isComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line == "*/" || line == "#}" || line == "-#}" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "/*") || isMark(line)
}

// isMark says whether a line is nothing but a mark.
func isMark(line string) bool {
	before, _, found := strings.Cut(line, word)
	return found && strings.Trim(before, comments) == ""
}

// mayBeContent says whether a line that begins as a comment may be none in another language, or
// has more behind it.
func mayBeContent(line string) bool {
	line = strings.TrimSpace(line)
	_, behind, _ := strings.Cut(line, "*/")
	switch {
	case isMark(line):
		return false
	case strings.HasPrefix(line, "//"):
		return strings.ContainsAny(line, ":=")
	case strings.HasPrefix(line, "/*"):
		return strings.TrimSpace(behind) != ""
	}
	return strings.Contains(line, "{%") || strings.Contains(line, "=")
}

// isItem says whether a line begins an item of a list.
func isItem(line string) bool {
	line = strings.TrimSpace(line)
	return line == "-" || strings.HasPrefix(line, "- ")
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// keyOf is what a line is known by: its keys, or all of it where it has none or is an item that
// is known by what it says. An item of which nothing stands in the line is known by the next.
func keyOf(lines []string, at int) string {
	line := contentOf(lines[at])
	if line == "-" || indentOf(lines[at]) > 0 && (line == "{" || line == "}, {") {
		for at++; at < len(lines) && isComment(lines[at]); at++ {
		}
		if at < len(lines) {
			line += " " + contentOf(lines[at])
		}
		return line
	}
	key, value, found := strings.Cut(line, ":")
	if !found || strings.HasPrefix(line, "- ") || strings.ContainsAny(line[:1], "{[") || strings.Contains(line, "{%") || strings.Contains(line, "/*") {
		return line
	}
	return key + keysBehind(value)
}

// contentOf is a line without the mark in it.
func contentOf(line string) string {
	line, _, found := strings.Cut(line, word)
	line = strings.TrimSpace(line)
	if found {
		line = strings.TrimSpace(strings.TrimRight(line, "#/*!<-"))
		line = strings.TrimSpace(strings.TrimSuffix(line, " {"))
	}
	return line
}

// keysBehind are the further keys of a line, given its first value: what it opens or has beside
// that, a mark in it is about, too.
func keysBehind(value string) (keys string) {
	depth, from := 0, -1
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" \t[{,:", value[i-1]) >= 0):
			for i++; i < len(value) && value[i] != c; i++ {
				if value[i] == '\\' && c == '"' {
					i++
				}
			}
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth <= 0:
			from = i
		case c == ':' && depth <= 0 && from >= 0:
			keys, from = keys+", "+strings.TrimSpace(value[from+1:i]), -1
		}
	}
	return keys
}

// newOnes are the lines of those marks that are more than before.
func newOnes(before, now []mark) (lines []int) {
	type text struct{ words, about string }
	alike := map[text][]mark{}
	for _, m := range before {
		key := text{m.words, m.about}
		alike[key] = append(alike[key], m)
	}
	for _, m := range now {
		key := text{m.words, m.about}
		if i := slices.IndexFunc(alike[key], m.same); i >= 0 {
			alike[key] = slices.Delete(alike[key], i, i+1)
			continue
		}
		lines = append(lines, m.line)
	}
	return lines
}

// mostTold is how many files are named, and how many lines of each.
const mostTold = 20

// toldMarks says in which files marks were added.
func toldMarks(added []verdict.Mark) (told []string) {
	var files []string
	lines := map[string][]string{}
	for _, m := range added {
		if lines[m.Place.File] == nil {
			files = append(files, m.Place.File)
		}
		lines[m.Place.File] = append(lines[m.Place.File], fmt.Sprint(m.Line))
	}
	for i, file := range files {
		if i == mostTold {
			return append(told, fmt.Sprintf("adds inline ignores in %d more files", len(files)-i))
		}
		told = append(told, "adds "+number(len(lines[file]), "an inline ignore", "inline ignores")+" in "+file+" ("+linesOf(lines[file])+")")
	}
	return told
}

func linesOf(lines []string) string {
	if len(lines) == 1 {
		return "line " + lines[0]
	}
	if len(lines) > mostTold {
		lines = append(slices.Clip(lines[:mostTold]), "…")
	}
	return "lines " + strings.Join(lines, ", ")
}

func number(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf("%d %s", n, more)
}
