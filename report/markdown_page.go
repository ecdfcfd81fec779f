package report

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
)

// page is a Markdown text below a limit. What somebody else wrote stands in code alone,
// where there is no markup, no link and no mention of anybody.
type page struct {
	w    *bufio.Writer
	left int // bytes that parts may still take
}

const (
	// lastRoom is kept for the last line.
	lastRoom = 256
	// smallestPage has room for the counts.
	smallestPage = 8 << 10
)

func newPage(w io.Writer, limit int) *page { return &page{bufio.NewWriter(w), limit - lastRoom} }

// put writes a part as a whole, if there is room for it.
func (p *page) put(part string) bool {
	if len(part) > p.left {
		return false
	}
	p.left -= len(part)
	p.w.WriteString(part)
	return true
}

func (p *page) flush() error { return p.w.Flush() }

// fenced puts as many lines as there is room for into a block of code, with a title.
func (p *page) fenced(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		title = "\n" + title + "\n"
	}
	var b bytes.Buffer
	for i, line := range lines {
		if b.Len()+len(line)+len(title)+2*longestRun(line) > p.left/4 {
			fmt.Fprintf(&b, "… and %s more\n", grouped(len(lines)-i))
			break
		}
		b.WriteString(line + "\n")
	}
	p.put(title + fence(b.String()))
}

// undecided names the units that could not be decided, with the causes.
func (p *page) undecided(r Report) {
	var lines []string
	units := notDecided(r.Summary.Errs)
	for i, u := range units {
		if i == mostMissing {
			lines = append(lines, "… and "+grouped(len(units)-i)+" more")
			break
		}
		lines = append(lines, lead(string(u.Name))+": "+printable(string(u.Kind))+": "+cause(u))
	}
	p.fenced("**Not decided**", lines)
}

// causes puts as many causes as there is room for, in a block that opens for each rule, and
// returns how many findings these are.
func (p *page) causes(all []*problem, noun Noun, o Options) (shown int) {
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Rule == all[0].Rule && severityOf(all[n].Finding) == severityOf(all[0].Finding) {
			n++
		}
		put := p.ofRule(all[:n], noun, o)
		shown += findingsOf(all[:put])
		if put < n {
			break
		}
		all = all[n:]
	}
	return shown
}

// findingsOf is how many findings the causes have together.
func findingsOf(all []*problem) (n int) {
	for _, c := range all {
		n += c.findings()
	}
	return n
}

// ofRule puts as many causes of one rule as there is room for.
func (p *page) ofRule(all []*problem, noun Noun, o Options) (shown int) {
	head := fmt.Sprintf("\n<details><summary>%s <code>%s</code>: %s</summary>\n", severityOf(all[0].Finding), html.EscapeString(all[0].rule()), many(findingsOf(all), "finding"))
	const foot = "\n</details>\n"
	var b bytes.Buffer
	ticks := 0
	for _, c := range all {
		before := b.Len()
		c.write(&b, noun, o)
		ticks = max(ticks, longestRun(b.Bytes()[before:]))
		if len(head)+len(foot)+b.Len()+2*ticks+len(fence("")) > p.left {
			b.Truncate(before)
			break
		}
		shown++
	}
	if shown > 0 {
		p.put(head + fence(b.String()) + foot)
	}
	return shown
}

// write writes a cause as the text report does, and the units below it.
func (c *problem) write(b *bytes.Buffer, noun Noun, o Options) {
	t := newText(b, Options{Sources: o.Sources, Snippets: o.Sources != nil, Verbose: true, Folder: o.Folder})
	var of aggregator.Unit
	if len(c.units) > 0 {
		of = *c.units[0]
	}
	t.finding(c.Finding, of)
	if where := c.where(noun); where != "" {
		t.line("    %s", where)
	}
	t.Flush()
}

// last says what is missing.
func (p *page) last(missing, of int) {
	if missing > 0 {
		fmt.Fprintf(p.w, "\nShown: %s of %s, for there is no room for more here. The report in the format json has all.\n",
			grouped(of-missing), many(of, "finding"))
	}
}

// fence is a block of code that no line in it can end.
func fence(lines string) string {
	ticks := strings.Repeat("`", max(3, longestRun(lines)+1))
	return "\n" + ticks + "text\n" + lines + ticks + "\n"
}

// longestRun is how many backticks follow one another.
func longestRun[T string | []byte](s T) (longest int) {
	run := 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// code is printable text as code inside a line.
func code(s string) string {
	if s == "" {
		return ""
	}
	ticks, pad := strings.Repeat("`", longestRun(s)+1), ""
	if s[0] == '`' || s[len(s)-1] == '`' || strings.Trim(s, " ") != s {
		pad = " "
	}
	return ticks + pad + s + pad + ticks
}

// cell is code in a table, whose columns a bar would divide, in code too. It is cut: a table
// is to be taken in at a glance.
func cell(s string) string {
	if runes := []rune(s); len(runes) > widestCell {
		s = string(runes[:widestCell]) + "…"
	}
	return code(strings.ReplaceAll(s, "|", `\x7c`))
}

const widestCell = 120

// table is a Markdown table.
type table struct {
	head []string
	rows []string
}

func newTable(head ...string) *table { return &table{head: head} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, "| "+strings.Join(cells, " | ")+" |\n") }

// mostPageRows bounds a table of a page.
const mostPageRows = 30

// text is the table, if it has rows, and how many of what it leaves out.
func (t *table) text(what string) string {
	if len(t.rows) == 0 {
		return ""
	}
	shown := t.rows[:min(len(t.rows), mostPageRows)]
	text := "\n| " + strings.Join(t.head, " | ") + " |\n" + strings.Repeat("| --- ", len(t.head)) + "|\n" + strings.Join(shown, "")
	if more := len(t.rows) - len(shown); more > 0 {
		text += "\n… and " + grouped(more) + " more " + what + "\n"
	}
	return text
}

// commentKey is a text that ends no comment of HTML.
func commentKey(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.PathEscape(s), "%2F", "/"), "--", "-%2D")
}

func printables(texts []string) []string {
	var all []string
	for _, s := range texts {
		all = append(all, lead(s))
	}
	return all
}

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
