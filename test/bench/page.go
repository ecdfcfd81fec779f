//go:build linux

package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

const intro = `# Benchmarks

Written by ` + "`make bench`" + ` on %s.

| | |
| --- | --- |
| machine | %s; %s |
| versions | %s |

The page shows the median of each quantity, the range, and how many runs there were; quantities that are compared were measured in turn (A B A B …), and
ratios and differences are those of neighbours. Goals are judged by the median. All processes of a measurement share the machine's cores: enqueuer,
workers, Redis and this program. Fleets are generated and the same everywhere; each Redis is a redis-server of its own without an
append-only file, unless the line says otherwise. A run whose counts of oks and errs are not those that the fleet was made with
is no figure but an error.

` + "`make bench ROW=a`" + ` repeats one row, and ` + "`make bench QUICK=1`" + ` looks at all of them with small fleets.
`

// about is where and with what something was measured.
type about struct {
	date, platform, processor string
	versions                  []string
}

// markdown is the page.
func markdown(a about, sections []*section) string {
	var b strings.Builder
	fmt.Fprintf(&b, intro, a.date, a.platform, a.processor, strings.Join(a.versions, "; "))
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s. %s\n\n%s Again: `make bench ROW=%s`.\n", s.row.letter, s.row.title, s.row.what, s.row.letter)
		for _, n := range s.notes {
			fmt.Fprintf(&b, "\n%s\n", n)
		}
		if len(s.figures) > 0 {
			b.WriteString("\n| quantity | median | range | runs | goal | |\n| --- | ---: | ---: | ---: | ---: | --- |\n")
		}
		for _, f := range s.figures {
			fmt.Fprintf(&b, "| %s | %s | %s | %d | %s | %s |\n", cell(f.name), f.median(), f.spread(), len(f.samples), f.target(), f.result())
		}
		if s.grid != nil {
			b.WriteString("\n" + s.grid.markdown(func(f *figure) string { return f.median() + " (" + f.spread() + ")" }))
		}
	}
	return b.String()
}

// markdown writes the grid with the highest figure of each line in bold.
func (g *grid) markdown(cell func(*figure) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n| --- |%s\n", g.corner, strings.Join(g.columns, " | "), strings.Repeat(" ---: |", len(g.columns)))
	for _, l := range g.lines {
		highest := 0.0
		for _, f := range l.cells {
			highest = max(highest, median(f.samples))
		}
		fmt.Fprintf(&b, "| %s |", l.label)
		for _, f := range l.cells {
			text := cell(f)
			if median(f.samples) == highest {
				text = "**" + text + "**"
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// terminal is the same for the terminal.
func terminal(sections []*section) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range sections {
		fmt.Fprintf(w, "\n%s. %s\n", s.row.letter, s.row.title)
		for _, n := range s.notes {
			fmt.Fprintf(w, "   %s\n", n)
		}
		for _, f := range s.figures {
			fmt.Fprintf(w, "   %s\t%s\t%s\t%d\t%s\t%s\n", f.name, f.median(), f.spread(), len(f.samples), f.target(), f.result())
		}
		if s.grid != nil {
			fmt.Fprintf(w, "   %s\t%s\n", s.grid.corner, strings.Join(s.grid.columns, "\t"))
			for _, l := range s.grid.lines {
				fmt.Fprintf(w, "   %s", l.label)
				for _, f := range l.cells {
					fmt.Fprintf(w, "\t%s (%s)", f.median(), f.spread())
				}
				fmt.Fprintln(w)
			}
		}
		w.Flush()
	}
	return b.String()
}

// cell is a text as it may stand in a table's cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
