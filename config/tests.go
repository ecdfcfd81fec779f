package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/trial"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// test is a test of a check.
type test struct {
	trial.Test
	from string // the file of the repository whose text the first of Files has; "" for what has it
}

// Tests are the tests of all checks, in the order of kinds and checks. The files that they name
// are read.
func (d *Declaration) Tests(files fs.FS) ([]trial.Test, error) {
	all := make([]trial.Test, len(d.tests))
	for i, t := range d.tests {
		if all[i] = t.Test; t.from == "" {
			continue
		}
		text, err := fs.ReadFile(files, t.from)
		if err != nil {
			return nil, fmt.Errorf("read the file of the test at %s: %w", t.Place, err)
		}
		all[i].Files = slices.Clone(t.Files)
		all[i].Files[0].Text = append([]byte{}, text...)
	}
	return all, nil
}

// CheckIDs are the ids of the declared checks, in the order of kinds and checks.
func (d *Declaration) CheckIDs() (ids []string) {
	for _, s := range d.Sections {
		for _, c := range s.Checks {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Declared is a check as the file has it.
type Declared struct {
	Place verdict.Place
	Of    string   // the kind of units
	In    []string // globs of their files
	Tests int
	// Runs is the command that it runs, "" for none, with the globs of the files that it sees of the
	// units, what lies beside them, and its arguments as NAME=VALUE, sorted.
	Runs              string
	Reads, With, Args []string
}

// Check is the one of an id.
func (d *Declaration) Check(id string) (Declared, bool) {
	for _, k := range d.kinds {
		for _, c := range k.checks {
			if c.id == id && c.verb != "" && c.verb != shipcatVerb {
				v := c.value
				d := Declared{Place: v.Place(), Of: "units of kind " + k.name, In: textsOf(v.Get("in").Items()), Tests: len(v.Get("tests").Items())}
				d.Runs, d.Reads, d.With = v.Get(declared.Run).Text(), textsOf(v.Get("reads").Items()), textsOf(v.Get("with").Items())
				for _, a := range v.Get("args").Entries() {
					d.Args = append(d.Args, a.Key()+"="+a.Text())
				}
				return d, true
			}
		}
	}
	return Declared{}, false
}

// NearestCheck is the id of the check that a word was meant for, "" if it is like none.
func (d *Declaration) NearestCheck(word string) string { return yamldoc.Nearest(word, d.CheckIDs()) }

// madeUp stands for the wildcards of globs where a test names no unit, or no file of it.
const madeUp = "example"

// judgeTests reads the tests of all checks.
func (r *reader) judgeTests() {
	for _, k := range r.kinds {
		for _, c := range k.checks {
			if c.verb == "" || c.verb == shipcatVerb || c.verb == declared.Run || k.shape == unclear {
				continue
			}
			for i, t := range c.value.Get("tests").Items() {
				if t.Good() && !slices.ContainsFunc(r.unknown, func(p string) bool { return strings.HasPrefix(p, t.Path()+".") }) {
					r.judgeTest(c, i, t)
				}
			}
		}
	}
}

// judgeTest reads a test, and reports what it says twice or not at all.
func (r *reader) judgeTest(c *rawCheck, i int, v *yamldoc.Value) {
	t := test{Test: trial.Test{Check: c.id, Number: i + 1, Place: v.Place()}}
	before := len(r.found)
	r.testUnit(c, v, &t)
	r.testFiles(c, v, &t)
	r.testRegion(v, &t)
	r.testFindings(c, v, &t)
	r.testClaims(c, v, &t)
	if len(r.found) == before {
		r.tests = append(r.tests, t)
	}
}

// testUnit reads where the unit of a test would lie.
func (r *reader) testUnit(c *rawCheck, v *yamldoc.Value, t *test) {
	k, own := c.kind, v.Get("unit")
	layout := fleet.Layout{Kinds: []fleet.Kind{{At: textsOf(k.at), Except: k.except}}}
	isUnit := func(path string) bool {
		_, file := layout.KindOf(fleet.NameOf(path), 0)
		_, folder := layout.KindOf(fleet.NameOf(path), fs.ModeDir)
		return file && k.shape == plainFiles || folder && k.shape == folders
	}
	if own != nil {
		if t.Unit = strings.TrimSuffix(own.Text(), "/"); r.notEmpty(own) && !isUnit(t.Unit) {
			r.report(ruleTest, own, fmt.Sprintf("%s is %q, which is no unit of kind %q: it lies elsewhere than `at` and `except` say", own.Path(), own.Text(), k.name),
				"units lie in "+strings.Join(layout.Kinds[0].At, ", "))
		}
		return
	}
	for _, at := range k.at {
		if path, ok := exampleOf(at.Text()); ok && isUnit(path) {
			t.Unit = path
			return
		}
	}
	r.report(ruleTest, v, fmt.Sprintf("%s needs the path of a unit: none can be made up that %s.at matches", v.Path(), k.value.Path()), "give it one: unit: PATH")
}

// exampleOf is a path that a glob matches.
func exampleOf(glob string) (string, bool) {
	p, err := fleet.ParsePattern(glob)
	if err != nil {
		return "", false
	}
	return p.Example(madeUp)
}

// testFiles reads the files of a test's unit, the one with the document first.
func (r *reader) testFiles(c *rawCheck, v *yamldoc.Value, t *test) {
	files := v.Get("files")
	r.testDocument(c, v, t)
	if files != nil && c.kind.shape == plainFiles {
		r.reportKey(ruleMisplaced, files, fmt.Sprintf("%s is given, but a unit of kind %q is one file", files.Path(), c.kind.name), "take it out")
		return
	}
	for _, e := range files.Items() {
		switch {
		case !e.Good():
		case !fs.ValidPath(e.Key()) || e.Key() == ".":
			r.reportKey(ruleTest, e, fmt.Sprintf("%q is no file; expected its path in the unit's folder", e.Key()), "as in files: {notes.txt: none}")
		case sourceOf(v) != nil && len(t.Files) > 0 && t.Files[0].Path == e.Key():
			r.reportKey(ruleTest, e, fmt.Sprintf("%s is the file that %s gives, too", e.Key(), sourceOf(v).Path()), "keep one of them")
		default:
			t.Files = append(t.Files, fileOf(e.Key(), e))
		}
	}
}

// fileOf is a file with the text, or else the document, that a value gives.
func fileOf(path string, v *yamldoc.Value) trial.File {
	value := v.Plain()
	if text, ok := value.(string); ok {
		return trial.File{Path: path, Text: []byte(text)}
	}
	return trial.File{Path: path, Value: value}
}

// sourceOf is what gives the document of a test, nil where nothing does.
func sourceOf(v *yamldoc.Value) *yamldoc.Value {
	return cmp.Or(v.Get("document"), v.Get("text"), v.Get("file"))
}

// testDocument reads the file that the check is asked of.
func (r *reader) testDocument(c *rawCheck, v *yamldoc.Value, t *test) {
	source := sourceOf(v)
	for _, key := range []string{"document", "text", "file"} {
		if second := v.Get(key); second != nil && second != source {
			r.reportKey(ruleTest, second, fmt.Sprintf("%s has both %s and %s", v.Path(), source.Key(), key), "keep one; other files of the unit go into files")
			return
		}
	}
	switch {
	case source == nil && (v.Get("files") == nil || c.kind.shape == plainFiles):
		r.report(ruleTest, v, v.Path()+" has no document", "give it one, as in {document: {name: zlib}, findings: 0}, or text, or file")
		return
	case source == nil:
		return
	}
	path, ok := t.Unit, true
	if in := textsOf(c.value.Get("in").Items()); c.kind.shape == folders && len(in) > 0 {
		path, ok = exampleOf(in[0])
	}
	if !ok {
		r.reportKey(ruleTest, source, fmt.Sprintf("no file can be made up that the first of %s matches", c.value.Get("in").Path()), "give the document in files, under its path")
		return
	}
	switch file := (trial.File{Path: path}); {
	case !source.Good():
	case source.Key() == "document":
		file.Value = source.Plain()
		t.Files = append(t.Files, file)
	default:
		if source.Key() == "file" {
			t.from = source.Text()
		}
		file.Text = []byte(source.Text())
		t.Files = append(t.Files, file)
	}
}

// testRegion reads the region of a test.
func (r *reader) testRegion(v *yamldoc.Value, t *test) {
	region := v.Get("region")
	switch {
	case region == nil || !r.notEmpty(region):
	case len(r.regions) == 0:
		r.reportKey(ruleMisplaced, region, region.Path()+" is given, but there are no regions", "take it out")
	case !slices.Contains(r.regions, region.Text()):
		r.offer(ruleTest, region, fmt.Sprintf("%s is %q, which is no region", region.Path(), region.Text()), yamldoc.Meant(region.Text(), r.regions, nil, region.Retold))
	default:
		t.Region = region.Text()
	}
}

// testFindings reads what is to be found.
func (r *reader) testFindings(c *rawCheck, v *yamldoc.Value, t *test) {
	found := v.Get("findings")
	switch {
	case found == nil && !fills(c.verb) && !looks(c.verb):
		r.report(ruleTest, v, v.Path()+" does not say what is found", "findings: 0 says that nothing is, and findings: [{at: name}] where something is")
		return
	case !found.Good():
		return
	case !found.IsList():
		t.Count = int(found.Int())
		return
	}
	t.Findings, t.Count = make([]trial.Expectation, 0, len(found.Items())), len(found.Items())
	for _, e := range found.Items() {
		if !e.Good() {
			continue
		}
		one := trial.Expectation{Message: e.Get("message").Text(), Name: e.Get("name").Text()}
		if at := e.Get("at"); at.Good() {
			text := at.Text()
			one.At = &text
		}
		if len(e.Given()) == 0 {
			r.report(ruleTest, e, e.Path()+" says nothing of the mistake", "say where it is, as in {at: name}, or how many there are, as in findings: 1")
		}
		for _, key := range []string{"message", "name"} {
			if text := e.Get(key); text != nil {
				r.notEmpty(text)
			}
		}
		t.Findings = append(t.Findings, one)
	}
}

// testClaims reads what is to be claimed.
func (r *reader) testClaims(c *rawCheck, v *yamldoc.Value, t *test) {
	claims := v.Get("claims")
	switch isClaim := fills(c.verb) || looks(c.verb); {
	case claims == nil && isClaim:
		r.report(ruleTest, v, v.Path()+" does not say which keys are claimed", "name them, as in claims: [zlib], or claims: [] for none")
	case claims != nil && !isClaim:
		r.reportKey(ruleMisplaced, claims, fmt.Sprintf("%s means nothing to the verb %s", claims.Path(), c.verb), "it is a key of tests of "+strings.Join([]string{declared.Unique, declared.Exists, declared.Acyclic, declared.Provides}, ", "))
	case claims.Good():
		t.Claims, t.HasClaims = claims.Texts(), true
	}
}
