package report

import (
	"strings"
)

// table writes rows below a heading, in columns as wide as they need. The first column and the
// last one begin at the left, the ones between end at the right where they are numbers. The
// texts must be printable.
func (t *text) table(heading []string, rows [][]string) {
	widths := make([]int, len(heading))
	all := append([][]string{heading}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], cells.StringWidth(cell))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-cells.StringWidth(cell))
			if isNumber(rows, i) {
				line.WriteString(gap + cell + "  ")
			} else {
				line.WriteString(cell + gap + "  ")
			}
		}
		t.line("%s", strings.TrimRight(line.String(), " "))
	}
}

// isNumber says whether a column holds numbers alone.
func isNumber(rows [][]string, column int) bool {
	for _, row := range rows {
		if strings.Trim(row[column], "0123456789,") != "" {
			return false
		}
	}
	return len(rows) > 0
}
