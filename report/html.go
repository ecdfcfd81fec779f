package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
)

var htmlFormat = Format{Name: "html", Doc: "for people: a page in one file, with search, filters and the lines that are meant, which opens anywhere", Write: HTML}

var (
	//go:embed html/page.html
	pageSource string
	//go:embed html/style.css
	pageStyle string
	//go:embed html/script.js
	pageScript string
)

// pageParts are what stands above the list of findings and what stands below it.
var pageParts = template.Must(template.New("page").Funcs(template.FuncMap{"grouped": grouped, "many": many}).Parse(pageSource))

// contentPolicy lets a browser take the page's own style and script, by their digests, and
// nothing else: whatever a text in a report looks like, it is not run and fetches nothing.
var contentPolicy = "default-src 'none'; style-src '" + digestOf(pageStyle) + "'; script-src '" + digestOf(pageScript) + "'; base-uri 'none'; form-action 'none'"

func digestOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// HTML writes the report as a page in one file, which asks for nothing outside itself and can be
// read without its script too. It has everything, whatever the options, and snippets where there
// are Sources. It returns the first error of w.
func HTML(w io.Writer, r Report, o Options) error {
	b := bufio.NewWriterSize(inPieces{w}, maxWrite)
	list := newHTMLFindings(b, r, o)
	p := newHTMLPage(r, o, list)
	if err := pageParts.ExecuteTemplate(b, "above", p); err != nil {
		return err
	}
	list.write()
	if err := pageParts.ExecuteTemplate(b, "below", p); err != nil {
		return err
	}
	return b.Flush()
}

// inPieces parts long writes.
type inPieces struct{ w io.Writer }

// Write implements io.Writer.
func (p inPieces) Write(b []byte) (int, error) {
	written := 0
	for piece := range slices.Chunk(b, maxWrite) {
		n, err := p.w.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
