package report

import (
	"bufio"
	"html"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/verdict"
)

// mostOpen is how many findings a page shows opened. Of more, each is a line that opens.
const mostOpen = 50

// htmlFindings writes findings as items of a list. It is no template: a template takes ten times
// as long, and there may be a hundred thousand of them. Every text goes through text, into an
// element or an attribute in double quotes, and no other attribute than id, href, class and
// data-line is made of one.
type htmlFindings struct {
	*bufio.Writer
	sources  Sources
	open     bool
	standing []*Entry // those of the shared configuration and of the policy first
	hidden   []*Entry
}

// The kinds that stand for that of a unit with findings that are of no unit.
const (
	sharedKind verdict.Kind = "shared"
	policyKind verdict.Kind = "policy"
)

func newHTMLFindings(b *bufio.Writer, r Report, o Options) *htmlFindings {
	standing := ofKind(sharedKind, r.Summary.Config)
	standing = append(standing, ofKind(policyKind, r.Summary.Remarks)...)
	standing = append(standing, o.lists(r).standing()...)
	return &htmlFindings{Writer: b, sources: o.Sources, open: len(standing) <= mostOpen, standing: standing, hidden: o.lists(r).hidden()}
}

func ofKind(k verdict.Kind, fs []verdict.Finding) (all []*Entry) {
	for _, f := range fs {
		all = append(all, &Entry{Finding: f, Unit: aggregator.Unit{Kind: k}})
	}
	return all
}

// mostAtOnce is how many findings a page has when it opens. With its script it makes the others
// when they are looked for, out of what stands there for a browser that runs none.
const mostAtOnce = 100

func (h *htmlFindings) write() {
	n := 0
	for _, side := range [][]*Entry{h.standing, h.hidden} {
		for _, e := range side {
			if n == mostAtOnce {
				h.WriteString("</ol>\n<noscript id=\"rest\"><ol>\n")
			}
			h.item(e)
			n++
		}
	}
	switch {
	case n > mostAtOnce:
		h.WriteString("</ol></noscript>\n")
	case n > 0:
		h.WriteString("</ol>\n")
	}
}

// text writes what somebody else wrote, as text.
func (h *htmlFindings) text(s string) { h.WriteString(html.EscapeString(printable(s))) }

// within writes a text between two pieces of markup, and nothing where it is empty.
func (h *htmlFindings) within(before, s, after string) {
	if s == "" {
		return
	}
	h.WriteString(before)
	h.text(s)
	h.WriteString(after)
}

// item writes one finding: a line that opens, and what is below it.
func (h *htmlFindings) item(e *Entry) {
	h.WriteString("<li")
	if isAnchor(e.Fingerprint) {
		h.within(` id="`, e.Fingerprint, `"`)
	}
	h.WriteString(` class="`)
	h.text(e.Level())
	h.WriteByte(' ')
	h.text(string(e.Unit.Kind))
	if e.Hidden != nil {
		h.WriteString(" hidden-finding")
	}
	h.WriteString(`"><details`)
	if h.open && e.Hidden == nil {
		h.WriteString(" open")
	}
	h.WriteString("><summary>")
	h.line(e)
	h.WriteString("</summary>\n")
	h.snippet(e)
	h.within(`<p class="help">`, e.Help, "</p>")
	h.WriteString("<dl>")
	h.facts(e)
	h.WriteString("</dl></details></li>\n")
}

// line is what is seen of a finding that is closed.
func (h *htmlFindings) line(e *Entry) {
	h.within(`<b class="level">`, e.Level(), "</b> ")
	h.within("<code>", ruleOf(e.Finding), "</code> ")
	h.within("<strong>", e.Message, "</strong> ")
	h.within(`<span class="place">`, e.Place.String(), "</span> ")
	h.within(`<span class="unit">`, unitOf(e), "</span>")
	for _, owner := range e.Unit.Owners {
		h.within(` <span class="owner">`, owner, "</span>")
	}
	if e.Hidden != nil {
		h.within(` <span class="why">hidden: `, string(e.Hidden.Why), "</span>")
	}
}

// unitOf is whose a finding is.
func unitOf(e *Entry) string {
	switch e.Unit.Kind {
	case sharedKind:
		return "shared configuration"
	case policyKind:
		return "policy"
	}
	return string(e.Unit.Name)
}

// facts are the rest of what is known of a finding.
func (h *htmlFindings) facts(e *Entry) {
	h.fact("regions", strings.Join(e.Regions, ", "))
	for _, r := range e.Related {
		h.fact("related", r.Text+": "+r.Place.String()+inBrackets(r.Path))
	}
	h.fact("path", e.Path)
	h.fact("by name", e.Named)
	switch {
	case e.Unit.Kind == verdict.Failed:
		h.fact("unit", "failed: "+cause(e.Unit))
	case e.Unit.Skipped != "":
		h.fact("unit", "checked in structure only: "+string(e.Unit.Skipped))
	}
	if e.Hidden != nil {
		h.fact("reason", e.Hidden.Reason)
		h.fact("hidden by", e.Hidden.By.String())
	}
	if isAnchor(e.Fingerprint) {
		h.within(`<div><dt>fingerprint</dt><dd><a href="#`, e.Fingerprint, `">`)
		h.within("", e.Fingerprint, "</a></dd></div>")
		return
	}
	h.fact("fingerprint", e.Fingerprint)
}

func (h *htmlFindings) fact(name, s string) {
	h.within("<div><dt>"+name+"</dt><dd>", s, "</dd></div>")
}

// inBrackets is a path behind its file, in brackets.
func inBrackets(path string) string {
	if path == "" {
		return ""
	}
	return " (" + path + ")"
}

// isAnchor says whether a fingerprint can be the name of a place in the page.
func isAnchor(fingerprint string) bool {
	return fingerprint != "" && strings.Trim(fingerprint, "0123456789abcdef") == ""
}
