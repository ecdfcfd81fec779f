package report

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
)

var checkstyleFormat = Format{Name: "checkstyle", Doc: "for what reads Checkstyle's XML: Jenkins, reviewdog, editors", Write: Checkstyle}

// Checkstyle writes the findings by file, as version 4.3 of the program of that name does. It
// returns the first error of w.
func Checkstyle(w io.Writer, r Report, o Options) error {
	b := bufio.NewWriter(w)
	b.WriteString(xmlHead + `<checkstyle version="4.3">` + "\n")
	all := slices.Clone(o.lists(r).listed())
	slices.SortStableFunc(all, func(x, y *Entry) int {
		return cmp.Or(cmp.Compare(printable(x.file()), printable(y.file())), x.Place.Compare(y.Place))
	})
	open := ""
	for _, e := range all {
		if file := xmlAttr("name", o.fileIn(e.file())); file != open {
			if open != "" {
				b.WriteString("</file>\n")
			}
			b.WriteString("<file" + file + ">\n")
			open = file
		}
		b.WriteString("<error")
		if e.Line > 0 {
			b.WriteString(xmlAttr("line", strconv.Itoa(e.Line)))
		}
		if e.Column > 0 {
			b.WriteString(xmlAttr("column", strconv.Itoa(e.Column)))
		}
		b.WriteString(xmlAttr("severity", levelOf(e.Finding)) + xmlAttr("message", e.sentence()+" ("+e.named()+")") +
			xmlAttr("source", "muster."+e.Rule) + "/>\n")
	}
	if open != "" {
		b.WriteString("</file>\n")
	}
	b.WriteString("</checkstyle>\n")
	return b.Flush()
}
