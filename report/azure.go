package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

var azureFormat = Format{Name: "azure", Doc: "for the log of Azure Pipelines: the text, and the ten errors and the ten warnings that matter most as issues", Write: Azure}

// Azure writes issues as logging commands, and then the text, in which there is none. It
// returns the first error of w.
func Azure(w io.Writer, r Report, o Options) error {
	b := bufio.NewWriter(w)
	levels := []string{"error", "warning"}
	if a := annotationsOf(r, o, levels...); len(a.causes) > 0 {
		fmt.Fprintf(b, "##[group]%s\n", a.title(levels...))
		for _, c := range a.causes {
			b.WriteString(c.loggingCommand(r.Run.Noun, o))
		}
		b.WriteString("##[endgroup]\n")
	}
	if err := Text(b, r, o); err != nil {
		return err
	}
	return b.Flush()
}

// loggingCommand is the line that makes an issue of a cause.
func (c *problem) loggingCommand(noun Noun, o Options) string {
	var properties strings.Builder
	add := func(name, value string) {
		if value != "" {
			properties.WriteString(name + "=" + azureProperty.Replace(value) + ";")
		}
	}
	add("type", severityOf(c.Finding))
	add("sourcepath", printable(o.fileIn(c.File)))
	if c.Line > 0 {
		add("linenumber", fmt.Sprint(c.Line))
		if c.Column > 0 {
			add("columnnumber", fmt.Sprint(c.Column))
		}
	}
	add("code", printable(c.Rule))
	return fmt.Sprintf("##vso[task.logissue %s]%s\n", properties.String(), azureData.Replace(strings.Join(c.told(noun), "; ")))
}

// What Azure's agent takes for something else, in a message and in a property.
var (
	azureData     = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A")
	azureProperty = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D")
)
