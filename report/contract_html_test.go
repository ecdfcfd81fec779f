package report

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var htmlContract = contract{
	valid: validHTML,
	ofRun: regexp.MustCompile(`(?s)<section id="run".*?</section>`),
	reworded: map[string]string{
		"Run.Superseded":     "a note says so",
		"Changed.Selection":  "a note says what is shown",
		"Changed.Verified":   "a note says what was not looked at",
		"Summary.Complete":   "a sentence says so",
		"Summary.Unlisted":   "a sentence says so",
		"Summary.FleetRules": "a sentence says so",
		"Finding.Advice":     "it makes information of a warning",
	},
	leftOut: map[string]string{
		"Unit.Path":                       "findings name their files",
		"Hidden.Old":                      "those that are hidden for it say so",
		"Unit.Regions":                    "findings have theirs",
		"Unit.Digest":                     "is for programs",
		"Unit.Owner":                      "owners follow from it",
		"Finding.Identity":                "the message has it",
		"Summary.OKs[].Cause":             "an ok service has none",
		"Summary.OKs[].Failures[].Check":  "an ok service has none",
		"Summary.OKs[].Failures[].Cause":  "an ok service has none",
		"Summary.OKs[].Hidden[].By.Path":  "the line says where",
		"Summary.Errs[].Hidden[].By.Path": "the line says where",
	},
}

// validHTML reads a page by rules that are much stricter than a browser's: each tag is known and
// closed, each attribute is known, in double quotes and harmless, no text has a character that
// markup is made of, and the style and the script are those that the policy of the page names.
func validHTML(out []byte, _ Options) error {
	if !utf8.Valid(out) {
		return errors.New("it is not UTF-8")
	}
	if i := bytes.IndexFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); i >= 0 {
		return fmt.Errorf("%q stands in it", []rune(string(out[i:]))[0])
	}
	rest, found := strings.CutPrefix(string(out), "<!doctype html>")
	if !found {
		return errors.New("it does not begin with <!doctype html>")
	}
	p := pageReader{rest: rest, seen: map[string]int{}}
	for p.rest != "" {
		if err := p.next(); err != nil {
			return err
		}
	}
	return p.end()
}

// pageReader reads one piece of markup after the other.
type pageReader struct {
	rest   string
	open   []string       // the elements that are open
	seen   map[string]int // how many there are of each element
	policy string
}

// htmlElements are the elements that a page may have, with their attributes beside those of
// all. One whose attributes begin with "/" has no end.
var htmlElements = map[string]string{
	"html": "lang", "head": "", "title": "", "body": "", "meta": "/ charset http-equiv content name", "style": "", "script": "",
	"header": "", "main": "", "footer": "", "section": "", "div": "", "p": "", "h1": "", "h2": "", "h3": "", "span": "", "b": "", "strong": "",
	"code": "data-line", "mark": "", "pre": "", "kbd": "", "a": "href", "ul": "", "ol": "", "li": "", "dl": "", "dt": "", "dd": "",
	"table": "", "thead": "", "tbody": "", "tr": "", "th": "scope", "td": "", "details": "open", "summary": "", "dialog": "", "form": "method", "noscript": "",
	"svg": "viewBox preserveAspectRatio", "rect": "/ x width height", "label": "", "input": "/ type autocomplete spellcheck checked", "select": "", "option": "value",
	"button": "type",
}

const htmlEverywhere = " id class role hidden aria-label aria-labelledby aria-live aria-hidden aria-pressed aria-keyshortcuts "

func (p *pageReader) next() error {
	text, markup, found := strings.Cut(p.rest, "<")
	if err := plainText(text); err != nil || !found {
		p.rest = ""
		return err
	}
	tag, rest, found := strings.Cut(markup, ">")
	if !found {
		return fmt.Errorf("a tag begins and does not end: %.60q", markup)
	}
	p.rest = rest
	if name, closes := strings.CutPrefix(tag, "/"); closes {
		return p.close(name)
	}
	return p.begin(tag)
}

// plainText refuses what could be read as something else than text.
func plainText(s string) error {
	if i := strings.IndexAny(s, `<>"'`); i >= 0 {
		return fmt.Errorf("%q stands in a text: %.60q", s[i], s[i:])
	}
	for _, behind := range strings.Split(s, "&")[1:] {
		if !htmlEntity.MatchString(behind) {
			return fmt.Errorf("& begins no character: %.60q", behind)
		}
	}
	return nil
}

var htmlEntity = regexp.MustCompile(`^(lt|gt|amp|quot|#3[49]|#43);`)

func (p *pageReader) close(name string) error {
	if len(p.open) == 0 || p.open[len(p.open)-1] != name {
		return fmt.Errorf("</%s> closes none of %v", name, p.open)
	}
	p.open = p.open[:len(p.open)-1]
	return nil
}

var (
	htmlTag       = regexp.MustCompile(`^([a-z][a-z0-9]*)((?: [a-zA-Z-]+(?:="[^"]*")?)*)/?$`)
	htmlAttribute = regexp.MustCompile(` ([a-zA-Z-]+)(?:="([^"]*)")?`)
)

func (p *pageReader) begin(tag string) error {
	parts := htmlTag.FindStringSubmatch(tag)
	if parts == nil {
		return fmt.Errorf("<%.80s> is no tag", tag)
	}
	name := parts[1]
	allowed, known := htmlElements[name]
	if !known {
		return fmt.Errorf("<%s> is an element that no page has", name)
	}
	attributes := map[string]string{}
	for _, a := range htmlAttribute.FindAllStringSubmatch(parts[2], -1) {
		attributes[a[1]] = html.UnescapeString(a[2])
		if !slices.Contains(strings.Fields(allowed+htmlEverywhere), a[1]) {
			return fmt.Errorf("<%s> has an attribute %s", name, a[1])
		}
		if err := plainText(a[2]); err != nil {
			return fmt.Errorf("%s of <%s>: %w", a[1], name, err)
		}
	}
	if to, is := attributes["href"]; is && !strings.HasPrefix(to, "#") {
		return fmt.Errorf("a link leads to %q", to)
	}
	p.seen[name]++
	if attributes["http-equiv"] == "Content-Security-Policy" {
		p.policy = attributes["content"]
	}
	if !strings.HasPrefix(allowed, "/") {
		p.open = append(p.open, name)
	}
	if name == "style" || name == "script" {
		return p.source(name)
	}
	return nil
}

// source passes a style or a script, which the policy must name.
func (p *pageReader) source(name string) error {
	source, rest, found := strings.Cut(p.rest, "</"+name+">")
	if !found {
		return fmt.Errorf("<%s> does not end", name)
	}
	if want := name + "-src '" + digestOf(source) + "'"; !strings.Contains(p.policy, want) {
		return fmt.Errorf("the policy %q lacks %q", p.policy, want)
	}
	p.rest = "</" + name + ">" + rest
	return nil
}

func (p *pageReader) end() error {
	if len(p.open) > 0 {
		return fmt.Errorf("%v are open at the end", p.open)
	}
	for _, name := range []string{"html", "head", "title", "body", "header", "h1", "main", "footer", "style", "script"} {
		if p.seen[name] != 1 {
			return fmt.Errorf("there are %d elements %s, and not one", p.seen[name], name)
		}
	}
	if !strings.HasPrefix(p.policy, "default-src 'none';") || strings.Contains(p.policy, "unsafe") || strings.Contains(p.policy, "*") {
		return fmt.Errorf("the policy is %q", p.policy)
	}
	return nil
}

// TestThePageReaderRefuses what a text could have become.
func TestThePageReaderRefuses(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := HTML(&b, kinds(), Options{}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if err := validHTML([]byte(page), Options{}); err != nil {
		t.Fatalf("a page as it should be: %v", err)
	}
	for _, c := range []struct{ old, new string }{
		{"<h1>", "<h1><script>alert(1)</script>"}, {"<h1>", "<h1><img src=x>"}, {"<h1>", `<h1 onclick="alert(1)">`}, {"<h1>", `<h1 style="x">`},
		{"<h1>", `<h1 class=x>`}, {"<h1>", "<h1><!-- x -->"}, {"<h1>", "<h1>a & b"}, {"<h1>", "<h1>&bogus;"}, {"<h1>", `<h1>"`}, {"<h1>", "<h1>\x1b[2J"},
		{"<h1>", "<h1>\xff"}, {"<h1>", "<h1></p>"}, {"</h1>", ""}, {`href="#findings"`, `href="javascript:alert(1)"`}, {`href="#findings"`, `href="//x"`},
		{"<style>", "<style>a"}, {"<script>", "<script>a"}, {"default-src &#39;none&#39;", "default-src *"}, {"</html>", ""}, {"<!doctype html>", ""},
		{"<h1>", "<h1>x</h1><h1>"}, {"</html>", "</html><b"}, {"script-src ", "script-src &#39;unsafe-inline&#39; "},
	} {
		if !strings.Contains(page, c.old) {
			t.Errorf("no page has %q", c.old)
		}
		if err := validHTML([]byte(strings.Replace(page, c.old, c.new, 1)), Options{}); err == nil {
			t.Errorf("a page with %q for %q is taken for one as it should be", c.new, c.old)
		}
	}
}
