package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// listed is how many of the widest structs are named.
const listed = 10

// report is all measures of a module.
type report struct {
	files      []sample
	functions  *functions
	structs    *structs
	interfaces []sample
	globals    globals
	packages   []*pkg
	size       size
	skip       []string
}

// size is how much was written of each kind.
type size struct{ production, tests, support lines }

func measure(m *module) *report {
	return &report{
		files:      fileLines(m.production),
		functions:  measureFunctions(m.production),
		structs:    measureStructs(m.production),
		interfaces: measureInterfaces(m.production),
		globals:    countGlobals(m.production),
		packages:   measurePackages(m.production),
		size:       size{linesOf(m.production), linesOf(m.tests), linesOf(m.support)},
		skip:       m.skip,
	}
}

// text is the report as tables for a terminal.
func (r *report) text() string {
	leftOut := "Left out: tests, testdata, vendor, generated files"
	if len(r.skip) > 0 {
		leftOut += ", and what is below " + strings.Join(r.skip, ", ")
	}
	return strings.Join([]string{
		leftOut + ".\n",
		r.spreads().String(),
		r.totals().String(),
		r.widest().String() + "A table row is an anonymous struct in a slice, array or map that is written out.\n",
		r.surface().String(),
	}, "\n")
}

// spreads shows what every function, file, struct or interface has a value of.
func (r *report) spreads() table {
	t := table{{"measure", "of", "median", "p90", "p99", "max", "where"}}
	t = append(t, spread("lines of a function", r.functions.lines, 3)...)
	t = append(t, spread("statements of a function", r.functions.statements, 1)...)
	t = append(t, spread("tokens of a function body", r.functions.tokens, 1)...)
	t = append(t, spread("cyclomatic complexity", r.functions.complexity, 1)...)
	t = append(t, spread("parameters of a function", r.functions.parameters, 1)...)
	t = append(t, spread("lines of a file", r.files, 1)...)
	t = append(t, spread("fields of a struct, table rows left out", r.structs.types, 1)...)
	return append(t, spread("methods of an interface", r.interfaces, 1)...)
}

// spread is a row for one measure, and rows for the runners-up if named is more
// than one.
func spread(name string, samples []sample, named int) [][]string {
	n := strconv.Itoa
	row := []string{name, n(len(samples)), n(quantile(samples, 50)), n(quantile(samples, 90)), n(quantile(samples, 99)), "", ""}
	rows := [][]string{row}
	for i, s := range greatest(samples, named) {
		if i > 0 {
			rows = append(rows, make([]string, len(row)))
		}
		rows[i][5], rows[i][6] = n(s.value), s.label()
	}
	return rows
}

// totals shows what the module has one value of.
func (r *report) totals() table {
	production, tests, support := r.size.production, r.size.tests, r.size.support
	return table{
		{"total", ""},
		{"production lines that are not blank", strconv.Itoa(production.all)},
		{"test lines, in _test.go files", strconv.Itoa(tests.all)},
		{"test lines per production line", quotient(tests.all, production.all)},
		{"lines of other files below the skipped paths", strconv.Itoa(support.all)},
		{"both kinds per production line", quotient(tests.all+support.all, production.all)},
		{"share of lines with only a comment", quotient(production.comments, production.all)},
		{"func init", strconv.Itoa(r.globals.inits)},
		{"package-level variables", strconv.Itoa(r.globals.variables)},
	}
}

func quotient(part, whole int) string { return fmt.Sprintf("%.3f", float64(part)/float64(whole)) }

// widest shows the widest structs, table rows among them.
func (r *report) widest() table {
	row := map[sample]bool{}
	for _, s := range r.structs.rows {
		row[s] = true
	}
	t := table{{"widest structs", "fields", "where", ""}}
	for _, s := range greatest(slices.Concat(r.structs.types, r.structs.rows), listed) {
		mark := ""
		if row[s] {
			mark = "a table row"
		}
		t = append(t, []string{s.name, strconv.Itoa(s.value), s.place, mark})
	}
	return t
}

// surface shows what each package exports.
func (r *report) surface() table {
	t := table{{"package", "exported", "undocumented", "files", "lines"}}
	for _, p := range r.packages {
		t = append(t, []string{p.dir, strconv.Itoa(p.exported), strconv.Itoa(p.undocumented), strconv.Itoa(p.files), strconv.Itoa(p.lines)})
	}
	return t
}
