package scope

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/id"
)

// Input is how people say what is to be verified.
type Input struct {
	// Args are services' names, patterns of names, and files and folders of the
	// repository; "-" stands for a list of those on Stdin, and "@FILE" for one in a file.
	// None of them means the whole fleet.
	Args  []string
	Stdin io.Reader
	// Kinds of units; none means all. With Args, what they name is selected as far as it is of
	// these kinds.
	Kinds []string
	// Dir is the folder that relative paths are tried from before the repository's.
	Dir string
}

// Select reads an Input. A *UsageError says what cannot be a part of the repository; what can
// be and has no service is passed over.
func (s Scope) Select(in Input) (Selection, PassedOver, error) {
	if len(in.Args) == 0 {
		s, err := s.ofKinds(Selection{}, in.Kinds)
		return s, PassedOver{}, err
	}
	p, err := newPicker(s, in.Dir)
	if err != nil {
		return Selection{}, PassedOver{}, err
	}
	for _, arg := range in.Args {
		switch {
		case arg == "-":
			err = p.list("standard input", in.Stdin)
		case strings.HasPrefix(arg, "@"):
			err = p.file(strings.TrimPrefix(arg, "@"))
		default:
			err = p.argument(arg)
		}
		if err != nil {
			return Selection{}, PassedOver{}, err
		}
	}
	selected, err := s.ofKinds(p.selection(), in.Kinds)
	return selected, PassedOver{once(p.passed.Others), once(p.passed.Gone)}, err
}

// once is a list without what it has already.
func once[T comparable](all []T) (some []T) {
	seen := make(map[T]bool, len(all))
	for _, one := range all {
		if !seen[one] {
			some, seen[one] = append(some, one), true
		}
	}
	return some
}

// file takes the entries of a list in a file.
func (p *picker) file(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return Usagef("read the list @%s: %v: a %s of that name is written ./%s", name, err, p.layout.Called().One, p.layout.Path(id.Unit("@"+name)))
	}
	defer f.Close()
	return p.list(name, f)
}

// list takes the entries of a list, one a line, or ended by NUL bytes where it has any.
func (p *picker) list(source string, r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read names from %s: %w", source, err)
	}
	text, end := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), "\n"
	if bytes.IndexByte(text, 0) >= 0 {
		end = "\x00"
	}
	number := 0
	for entry := range strings.SplitSeq(string(text), end) {
		number++
		if end == "\n" {
			entry = strings.TrimSuffix(entry, "\r")
		}
		if strings.TrimSpace(entry) == "" {
			continue
		}
		if err := p.entry(entry); err != nil {
			return Usagef("%s, entry %d: %v", source, number, err)
		}
	}
	return nil
}

// entry takes one entry of a list. A path may be that of something that is gone; a word
// without / and dot is a name, and must be right.
func (p *picker) entry(word string) error {
	known, err := p.known(word, false)
	if known || err != nil {
		return err
	}
	fields := strings.Fields(word)
	switch path, quoted := unquoted(word); {
	case quoted:
		return p.entry(path)
	case strings.TrimSpace(word) != word:
		return p.entry(strings.TrimSpace(word))
	case strings.Contains(word, "://"):
	case strings.ContainsAny(word, "/."):
		p.gone(word)
		return nil
	case len(fields) > 1:
		for _, field := range fields {
			if err := p.entry(field); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("%w (a file that is gone is written ./%s)", p.unknown(word), word)
	}
	return p.unknown(word)
}

// unquoted is a path as git quotes one with characters that it does not like.
func unquoted(word string) (path string, ok bool) {
	if len(word) < 2 || word[0] != '"' {
		return "", false
	}
	path, err := strconv.Unquote(word)
	return path, err == nil
}
