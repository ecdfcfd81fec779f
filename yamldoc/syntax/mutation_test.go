package syntax

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write golden files")

// mutationSeed picks the places of the faults.
const mutationSeed = 20

// A mutation is a valid text with one fault in it, and where that is. Column 0
// stands for one that nobody can be sure of.
type mutation struct {
	name string
	text string
	at   Position
}

// A base is a valid text and the entries of its blocks.
type base struct {
	name  string
	lines []string
	keys  []entryLine // keys of mappings that begin a line
	items []entryLine // items of lists that begin a line
}

// An entryLine is a line, from 0, where an entry of a block begins.
type entryLine struct {
	line, column int
	first        bool // of its block
}

func readBases(t *testing.T) []base {
	t.Helper()
	files, err := filepath.Glob("testdata/valid/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../../manifest/testdata/bench/services/checkout-api/manifest.yml", "../../examples/fleet/services/booking-api/manifest.yml",
		"../../examples/fleet/services/payments/manifest.yml", "../../examples/fleet/shipcat.conf", "../../examples/fleet/teams.yml")
	var all []base
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d, fault := Parse(data, yamlRust)
		if fault != nil {
			t.Fatalf("%s: %v", f, fault)
		}
		b := base{name: strings.TrimPrefix(strings.TrimPrefix(f, "../../"), "testdata/"), lines: splitLines(strings.TrimSuffix(string(data), "\n"))}
		b.entries(d.Root)
		all = append(all, b)
	}
	return all
}

// entries notes the lines where entries of n and of the blocks below it begin.
func (b *base) entries(n *yaml.Node) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content) && n.Style&yaml.FlowStyle == 0; i += step {
		c := n.Content[i]
		l := b.lines[c.Line-1]
		indent := skipSpaces(l, 0)
		switch {
		case n.Kind == yaml.MappingNode && indent == c.Column-1:
			b.keys = append(b.keys, entryLine{c.Line - 1, indent, i == 0})
		case n.Kind == yaml.SequenceNode && strings.HasPrefix(l[indent:], "- ") && indent == c.Column-3:
			b.items = append(b.items, entryLine{c.Line - 1, indent, i == 0})
		}
	}
	for _, c := range n.Content {
		b.entries(c)
	}
}

// A place is where a fault is put: before an entry of a block, as one more.
type place struct {
	name string
	list bool
	pick func(b *base, r *rand.Rand) entryLine
}

// oneOf picks one of the entries that are ok, none if there is none.
func oneOf(list []entryLine, r *rand.Rand, ok func(entryLine) bool) entryLine {
	var good []entryLine
	for _, e := range list {
		if ok(e) {
			good = append(good, e)
		}
	}
	if len(good) == 0 {
		return entryLine{line: -1}
	}
	return good[r.IntN(len(good))]
}

var places = []place{
	{"top", false, func(*base, *rand.Rand) entryLine { return entryLine{0, 0, true} }},
	{"middle", false, func(b *base, r *rand.Rand) entryLine {
		return oneOf(b.keys, r, func(e entryLine) bool { return e.column == 0 && !e.first })
	}},
	{"end", false, func(b *base, _ *rand.Rand) entryLine { return entryLine{len(b.lines), 0, false} }},
	{"nested mapping", false, func(b *base, r *rand.Rand) entryLine {
		return oneOf(b.keys, r, func(e entryLine) bool { return e.column > 0 })
	}},
	{"list", true, func(b *base, r *rand.Rand) entryLine {
		return oneOf(b.items, r, func(entryLine) bool { return true })
	}},
}

// A kind is a fault of testdata/faults.txt.
type kind struct {
	name          string
	lines         []string
	raw           bool // its line is not indented
	sibling       bool // it needs an entry above
	mapping       bool // it stands in a mapping
	withoutColumn bool
}

func readKinds(t *testing.T) []kind {
	t.Helper()
	data, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("⇥", "\t", "␛", "\x1b", "␡", "\x7f").Replace(string(data))
	var kinds []kind
	for _, section := range strings.Split(text, "\n== ")[1:] {
		lines := strings.Split(strings.TrimSuffix(section, "\n"), "\n")
		k := kind{lines: lines[1:]}
		flag := func(f string) bool {
			rest, found := strings.CutSuffix(lines[0], " ["+f+"]")
			lines[0] = rest
			return found
		}
		k.withoutColumn, k.mapping = flag("line"), flag("mapping")
		k.sibling, k.raw = flag("sibling"), flag("raw")
		k.name = lines[0]
		kinds = append(kinds, k)
	}
	return kinds
}

// put puts the fault before an entry of a base.
func (k kind) put(b *base, p place, e entryLine) mutation {
	m := mutation{name: fmt.Sprintf("%s | %s | %s:%d", k.name, p.name, b.name, e.line+1)}
	lines := slices.Clone(b.lines[:e.line])
	for i, l := range k.lines {
		indent := strings.Repeat(" ", e.column)
		switch {
		case k.raw:
			indent = ""
		case p.list && i == 0:
			indent += "- "
		case p.list:
			indent += "  "
		}
		l = indent + l
		if c := strings.Index(l, "¦"); c >= 0 {
			l = l[:c] + l[c+len("¦"):]
			m.at = Position{len(lines) + 1, runeColumn(l, c)}
		}
		lines = append(lines, l)
	}
	if k.withoutColumn {
		m.at.Column = 0
	}
	m.text = strings.Join(append(lines, b.lines[e.line:]...), "\n") + "\n"
	return m
}

// An edit of a line that makes a fault of it. It returns the line and the byte
// where the fault is then, -1 for a column that nobody can be sure of.
type lineEdit struct {
	name string
	ok   *regexp.Regexp // what lines it can be made in
	edit func(l string, m []int) (string, int)
	// below wants a line of the same list item below.
	below bool
}

var lineEdits = []lineEdit{
	{name: "closing bracket gone", ok: regexp.MustCompile(`^[^#'"]*\S: (\[[^\[\]#]*)\]$`), edit: func(l string, m []int) (string, int) { return l[:m[3]], m[2] }},
	{name: "closing brace gone", ok: regexp.MustCompile(`^[^#'"]*\S: (\{[^{}#]*)\}$`), edit: func(l string, m []int) (string, int) { return l[:m[3]], m[2] }},
	{name: "closing quote gone", ok: regexp.MustCompile(`: ("[^"\\]*)"$`), edit: func(l string, m []int) (string, int) { return l[:m[3]], m[2] }},
	{name: "opening bracket gone", ok: regexp.MustCompile(`: (\[)"[^"]*"[^#]*\]$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + l[m[3]:], -1 }},
	{name: "colon gone", ok: regexp.MustCompile(`^ *[a-zA-Z]+(:) [a-z0-9]+$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + l[m[3]:], skipSpaces(l, 0) }},
	{name: "space behind the colon gone", ok: regexp.MustCompile(`^ *[a-zA-Z]+:( )[a-z0-9]+$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + l[m[3]:], skipSpaces(l, 0) }},
	{name: "colon became an equals sign", ok: regexp.MustCompile(`^ *[a-zA-Z]+(:) [a-z0-9]+$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "=" + l[m[3]:], skipSpaces(l, 0) }},
	{name: "indented by one", ok: regexp.MustCompile(`^ *[a-zA-Z]+: \S`), edit: func(l string, _ []int) (string, int) { return " " + l, skipSpaces(l, 0) + 1 }},
	{name: "outdented by one", ok: regexp.MustCompile(`^ +[a-zA-Z]+: \S`), edit: func(l string, _ []int) (string, int) { return l[1:], skipSpaces(l, 0) - 1 }},
	{name: "tab for the indentation", ok: regexp.MustCompile(`^( +)[a-zA-Z]+: \S`), edit: func(l string, m []int) (string, int) { return "\t" + l[m[3]:], 0 }},
	{name: "tab behind the indentation", ok: regexp.MustCompile(`^( *)[a-zA-Z]+: \S`), edit: func(l string, m []int) (string, int) { return l[:m[3]] + "\t" + l[m[3]:], m[3] }},
	{name: "bracket behind the value", ok: regexp.MustCompile(`: [\[{][^#]*[\]}]$`), edit: func(l string, _ []int) (string, int) { return l + "]", len(l) }},
	{name: "comma doubled", ok: regexp.MustCompile(`^[^"'#]*: \[[^"'#{},]+(,)`), edit: func(l string, m []int) (string, int) { return l[:m[3]] + "," + l[m[3]:], m[3] }},
	{name: "comma gone", ok: regexp.MustCompile(`: \{[^"'#{}\[\],]+(,) *()[^"'#{}\[\],]+:`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + l[m[3]:], -1 }},
	{name: "comma between quotes gone", ok: regexp.MustCompile(`: \["[^"]+"(,) "[^"]+"`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + l[m[3]:], m[2] + 1 }},
	{name: "at sign before the value", ok: regexp.MustCompile(`: ([a-z][a-z/.]*)$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "@" + l[m[2]:], m[2] }},
	{name: "percent sign before the value", ok: regexp.MustCompile(`: ([a-z][a-z/.]*)$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "%" + l[m[2]:], m[2] }},
	{name: "star before the value", ok: regexp.MustCompile(`: ([a-z][a-z/.]*)$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "*" + l[m[2]:], m[2] }},
	{name: "colon behind the value", ok: regexp.MustCompile(`: [a-zA-Z0-9]+()$`), edit: func(l string, m []int) (string, int) { return l + ":", m[2] }},
	{name: "second colon", ok: regexp.MustCompile(`: [a-zA-Z0-9]+()$`), edit: func(l string, m []int) (string, int) { return l + ": x", m[2] }},
	{name: "tab behind the dash", ok: regexp.MustCompile(`^ *-( )[a-zA-Z]`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "\t" + l[m[3]:], m[2] }},
	{name: "space behind the dash gone", ok: regexp.MustCompile(`^ *(- )[a-zA-Z]+: `), edit: func(l string, m []int) (string, int) { return l[:m[2]+1] + l[m[3]:], skipSpaces(l, 0) }, below: true},
	{name: "text behind the quote", ok: regexp.MustCompile(`: "[^"\\]*"$`), edit: func(l string, _ []int) (string, int) { return l + " x", len(l) + 1 }},
	{name: "comma behind the quote", ok: regexp.MustCompile(`: "[^"\\]*"$`), edit: func(l string, _ []int) (string, int) { return l + ",", len(l) }},
	{name: "backslash in double quotes", ok: regexp.MustCompile(`: "[^"\\]*()"$`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + `\d` + l[m[2]:], m[2] }},
	{name: "control character", ok: regexp.MustCompile(`^ *[a-zA-Z]+()`), edit: func(l string, m []int) (string, int) { return l[:m[2]] + "\x07" + l[m[2]:], m[2] }},
	{name: "other quote at the end", ok: regexp.MustCompile(`: (")[^"'\\]*(")$`), edit: func(l string, m []int) (string, int) { return l[:m[4]] + "'", m[2] }},
}

// edited makes the edit in some lines of a base that begin an entry which is not
// the first of its block.
func (x lineEdit) edited(b *base, r *rand.Rand) []mutation {
	const most = 6
	var all []mutation
	for _, e := range append(slices.Clone(b.keys), b.items...) {
		l := b.lines[e.line]
		m := x.ok.FindStringSubmatchIndex(l)
		if m == nil || e.first || x.below && (e.line+1 == len(b.lines) || skipSpaces(b.lines[e.line+1], 0) != e.column+2) {
			continue
		}
		text, c := x.edit(l, m)
		at := Position{Line: e.line + 1}
		if c >= 0 {
			at.Column = utf8.RuneCountInString(text[:c]) + 1
		}
		lines := slices.Clone(b.lines)
		lines[e.line] = text
		all = append(all, mutation{fmt.Sprintf("%s | %s:%d", x.name, b.name, e.line+1), strings.Join(lines, "\n") + "\n", at})
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(most, len(all))]
}

// mutations are all cases, and the number of their kinds.
func mutations(t *testing.T) ([]mutation, int) {
	t.Helper()
	r := rand.New(rand.NewPCG(mutationSeed, 0))
	bases, kinds := readBases(t), readKinds(t)
	var all []mutation
	for _, k := range kinds {
		for i := range bases {
			for _, p := range places {
				if e := p.pick(&bases[i], r); e.line >= 0 && !(k.sibling && e.first) && !(k.mapping && p.list) {
					all = append(all, k.put(&bases[i], p, e))
				}
			}
		}
	}
	for _, x := range lineEdits {
		for i := range bases {
			all = append(all, x.edited(&bases[i], r)...)
		}
	}
	return all, len(kinds) + len(lineEdits)
}

// TestFaultsAreFoundWhereTheyWereMade: a fault that is put into a valid text is
// told in its line, and at its column where that is certain. Those that are not
// are listed in testdata/misplaced.txt, each with the place that is told instead;
// -update writes it anew.
func TestFaultsAreFoundWhereTheyWereMade(t *testing.T) {
	t.Parallel()
	cases, kinds := mutations(t)
	right, lines, told := 0, 0, ""
	for _, m := range cases {
		if _, f := Parse([]byte(m.text), Profile{}); f == nil {
			t.Errorf("%s: yaml.v3 takes it, so it is no fault:\n%s", m.name, m.text)
			continue
		}
		_, f := Parse([]byte(m.text), yamlRust)
		switch {
		case f == nil:
			told += fmt.Sprintf("%s: nothing, expected %d:%d\n", m.name, m.at.Line, m.at.Column)
		case f.Line == m.at.Line && (m.at.Column == 0 || f.Column == m.at.Column):
			right++
			lines++
		default:
			told += fmt.Sprintf("%s: %d:%d %q, expected %d:%d\n", m.name, f.Line, f.Column, f.Message, m.at.Line, m.at.Column)
			if f.Line == m.at.Line {
				lines++
			}
		}
	}
	t.Logf("%d kinds, %d cases: %d in their line, %d at their place", kinds, len(cases), lines, right)
	if kinds < 60 || len(cases) < 2000 || right*100 < len(cases)*98 {
		t.Errorf("expected 60 kinds, 2000 cases and 98 of 100 at their place")
	}
	const list = "testdata/misplaced.txt"
	if *update {
		if err := os.WriteFile(list, []byte(told), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if string(listed) != told {
		t.Errorf("what is told elsewhere is not what %s lists:\n%s", list, difference(string(listed), told))
	}
}

// difference lists the lines that one of two texts has and the other has not.
func difference(listed, told string) string {
	out := ""
	for line := range strings.Lines(told) {
		if !strings.Contains("\n"+listed, "\n"+line) {
			out += "+ " + line
		}
	}
	for line := range strings.Lines(listed) {
		if !strings.Contains("\n"+told, "\n"+line) {
			out += "- " + line
		}
	}
	return out
}
