package report

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// The formats for the logs of CI systems contain the text, and what they promise is what the
// text does: annotations repeat it.
func init() {
	github := containingText(validGitHub)
	github.ofRun = regexp.MustCompile(github.ofRun.String() + `|::(stop-commands::)?muster-[0-9a-f]{64}(::)?\n`)
	contracts["github"] = github
	contracts["azure"] = containingText(validAzure)
}

func containingText(valid func([]byte, Options) error) contract {
	c := contracts["text"]
	c.valid, c.reworded, c.leftOut = valid, maps.Clone(c.reworded), maps.Clone(c.leftOut)
	c.reworded["Summary.Remarks[].Advice"] = "the title of the annotations counts"
	return c
}

// githubCommand is what the runner of GitHub Actions takes for a command: at the start of a line,
// behind blanks, and of the older form anywhere.
var githubCommand = regexp.MustCompile(`^\s*::([^:\s]+)(?: (.*?))?::(.*)$|##\[([^\]]*)\]`)

// validGitHub reads a log as the runner does: annotations and their group, then one text in
// which it obeys nothing.
func validGitHub(out []byte, o Options) error {
	log := string(out)
	i := strings.Index(log, "::stop-commands::")
	if i < 0 {
		return errors.New("commands are not stopped")
	}
	commands, text := log[:i], log[i:]
	shown := map[string]int{}
	for line := range strings.Lines(commands) {
		if err := validAnnotation(strings.TrimSuffix(line, "\n"), shown); err != nil {
			return err
		}
	}
	first, text, _ := strings.Cut(text, "\n")
	token := strings.TrimPrefix(first, "::stop-commands::")
	text, ends := strings.CutSuffix(text, "::"+token+"::\n")
	if len(token) < 64 || !ends || strings.Contains(text, token) {
		return fmt.Errorf("the text does not end at its token %q, or has it in itself", token)
	}
	return validText([]byte(text), o)
}

func validAnnotation(line string, shown map[string]int) error {
	m := githubCommand.FindStringSubmatch(line)
	if m == nil || !strings.HasPrefix(line, "::") {
		return fmt.Errorf("%q is no command", line)
	}
	if shown[m[1]]++; shown[m[1]] > mostAnnotations {
		return fmt.Errorf("%d annotations of a kind", shown[m[1]])
	}
	switch m[1] {
	case "group", "endgroup":
		return nil
	case "error", "warning", "notice":
	default:
		return fmt.Errorf("the command %q", m[1])
	}
	given := map[string]string{}
	for property := range strings.SplitSeq(m[2], ",") {
		name, value, ok := strings.Cut(property, "=")
		if _, twice := given[name]; !ok || twice || strings.ContainsAny(value, ":\r\n") {
			return fmt.Errorf("the property %q", property)
		}
		given[name] = value
	}
	if given["col"] != "" && given["line"] == "" {
		return errors.New("a column without a line")
	}
	for _, name := range []string{"file", "line", "col", "title"} {
		delete(given, name)
	}
	if len(given) > 0 {
		return fmt.Errorf("the properties %v", given)
	}
	return validEscapes(m[3], "%25", "%0A")
}

// validEscapes: a percent sign begins nothing but what is meant.
func validEscapes(s string, escapes ...string) error {
	for _, e := range escapes {
		s = strings.ReplaceAll(s, e, "")
	}
	if strings.Contains(s, "%") {
		return fmt.Errorf("%q has an escape that nobody meant", s)
	}
	return nil
}

var azureCommand = regexp.MustCompile(`^##vso\[task\.logissue type=(error|warning);(?:(?:sourcepath|linenumber|columnnumber|code)=[^;\]]+;)*\](.*)$`)

// validAzure reads a log as the agent does: issues and their group, then a text without a
// command.
func validAzure(out []byte, o Options) error {
	log := string(out)
	if strings.HasPrefix(log, "##[group]") {
		head, rest, ok := strings.Cut(log, "##[endgroup]\n")
		if !ok {
			return errors.New("the group has no end")
		}
		shown := map[string]int{}
		for line := range strings.Lines(head[strings.Index(head, "\n")+1:]) {
			m := azureCommand.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil || strings.Contains(m[2], "##vso") || strings.Contains(m[2], "##[") {
				return fmt.Errorf("%q is no issue, or more than one", line)
			}
			if shown[m[1]]++; shown[m[1]] > mostAnnotations {
				return fmt.Errorf("%d issues of a kind", shown[m[1]])
			}
			if err := validEscapes(m[2], "%AZP25"); err != nil {
				return err
			}
		}
		log = rest
	}
	return validText([]byte(log), o)
}
