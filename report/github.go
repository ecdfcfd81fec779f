package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var githubFormat = Format{Name: "github", Doc: "for the log of GitHub Actions: the text, and annotations of the ten errors and the ten warnings that matter most", Write: GitHub}

// githubLevels are the levels that GitHub annotates, and what it calls them.
var githubLevels = map[string]string{"error": "error", "warning": "warning", "info": "notice"}

// GitHub writes annotations as workflow commands, and then the text, in which no command is
// obeyed. It returns the first error of w.
func GitHub(w io.Writer, r Report, o Options) error {
	b := bufio.NewWriter(w)
	levels := []string{"error", "warning", "info"}
	if a := annotationsOf(r, o, levels...); len(a.causes) > 0 {
		fmt.Fprintf(b, "::group::%s\n", a.title(levels...))
		for _, c := range a.causes {
			b.WriteString(c.workflowCommand(r.Run.Noun, o))
		}
		b.WriteString("::endgroup::\n")
	}
	token, err := stopToken(r, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "::stop-commands::%s\n", token)
	if err := Text(b, r, o); err != nil {
		return err
	}
	fmt.Fprintf(b, "::%s::\n", token)
	return b.Flush()
}

// workflowCommand is the line that annotates a cause. A column is told with its line alone,
// as GitHub takes it.
func (c *problem) workflowCommand(noun Noun, o Options) string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+githubProperty.Replace(value)) }
	if c.File != "" {
		add("file", printable(o.fileIn(c.File)))
	}
	if c.Line > 0 {
		add("line", strconv.Itoa(c.Line))
		if c.Column > 0 {
			add("col", strconv.Itoa(c.Column))
		}
	}
	add("title", c.rule())
	return fmt.Sprintf("::%s %s::%s\n", githubLevels[severityOf(c.Finding)], strings.Join(properties, ","),
		githubData.Replace(strings.Join(c.told(noun), "\n")))
}

// What GitHub's runner takes for something else, in a message and in a property.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// stopToken is the word behind which the runner obeys commands again. It is the digest of
// the text that it stands around: whoever wrote a part of that would have to know the
// digest of what has the digest in it. The same report has the same token.
func stopToken(r Report, o Options) (string, error) {
	h := sha256.New()
	if err := Text(h, r, o); err != nil {
		return "", err
	}
	return "muster-" + hex.EncodeToString(h.Sum(nil)), nil
}
