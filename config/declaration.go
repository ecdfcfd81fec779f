package config

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Declaration is what a muster.yaml says. It does not change, and is safe for concurrent use.
type Declaration struct {
	// Sections are what it says of each kind, sorted by the kinds' names.
	Sections []declared.Section
	// Layout has a kind for each of Sections.
	Layout fleet.Layout
	// Checks are the names of the kinds of check that each of Sections gets, as the layout's
	// kinds have them, too.
	Checks [][]string
	// Policy is how it judges what is found, and Baseline the file with the findings that were
	// there before.
	Policy   policy.Policy
	Baseline Baseline
	// Owners say where it stands whose the units are.
	Owners Owners
	// Findings are its mistakes, sorted. With an error nothing can be verified by it, and the
	// rest holds what could be read.
	Findings []verdict.Finding

	root   *yamldoc.Value // nil if it cannot be read
	kinds  []*kind        // as Sections
	tests  []test
	beside *Config // the one that says what the units are if this does not, nil if none does
}

// Names of the kinds of check that a declaration asks for.
const (
	declaredCheck = "declared"
	manifestCheck = "manifest"
)

// maxErrors is how many errors are looked for.
const maxErrors = 1000

// format reads muster.yaml.
var format = &yamldoc.Reader{
	Profile: yamldoc.YAML12, Rules: &readingRules, MaxErrors: maxErrors,
	Empty: func(string) yamldoc.Proposal { return yamldoc.Advice("begin with muster: 1 and units:") },
}

// reader turns a muster.yaml into a Declaration and gathers its mistakes.
type reader struct {
	files   fs.FS
	found   []verdict.Finding
	unknown []string // the paths of keys that no object has
	root    *yamldoc.Value
	kinds   []*kind
	tests   []test
	rules   map[string]verdict.Rule // that the program knows, by code
	beside  *Config

	globs           []globbed
	schemas, shared []string // paths that their globs match, sorted
	regions         []string
	registry        *schema.Registry // once it was asked for
}

// ReadDeclaration reads the muster.yaml of a repository, and looks for the files that it
// names. All its mistakes become findings; an error means that files could not be read.
func ReadDeclaration(files fs.FS) (*Declaration, error) { return readDeclaration(files, Builtin()) }

func readDeclaration(files fs.FS, known []Config) (*Declaration, error) {
	r := &reader{files: files, rules: map[string]verdict.Rule{}}
	for _, rule := range AllRules(known) {
		r.rules[rule.Code] = rule
	}
	data, err := r.read()
	if err != nil {
		return nil, err
	}
	if r.beside, err = besides(files, known); err != nil {
		return nil, err
	}
	if data != nil {
		r.root = format.Read(Marker, data, yamldoc.ObjectOf(fileObject), r.add)
	}
	d := &Declaration{root: r.root, beside: r.beside, Layout: fleet.Layout{Marker: Marker}}
	if r.root.Good() {
		if err := r.judge(); err != nil {
			return nil, fmt.Errorf("look for the files that %s names: %w", Marker, err)
		}
		d.kinds, d.tests = r.kinds, r.tests
		for _, k := range r.kinds {
			section, unit := r.declare(k)
			d.Sections = append(d.Sections, section)
			d.Layout.Kinds = append(d.Layout.Kinds, unit)
			d.Checks = append(d.Checks, unit.Checks)
		}
		d.Owners = r.owners(d)
		d.Layout.Governing, d.Layout.GoverningGlobs = r.governing(d.Sections)
		d.Policy, d.Baseline = r.policy(d), r.baseline()
	}
	d.Findings = verdict.SortFindings(r.found)
	for i := range d.Findings {
		if f := &d.Findings[i]; f.File == Marker {
			if named := r.root.Named(f.Path); named != f.Path {
				f.Named = named
			}
		}
	}
	return d, nil
}

// read is the text of muster.yaml, nil if it is none, which is reported.
func (r *reader) read() ([]byte, error) {
	info, err := fs.Lstat(r.files, Marker)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", Marker, err)
	}
	if !info.Mode().IsRegular() {
		r.add(ruleIrregularFile.At(verdict.Place{File: Marker}, fmt.Sprintf("%s is %s; only regular files are read", Marker, check.FileKind(info.Mode())), "put the file itself there"))
		return nil, nil
	}
	data, err := fs.ReadFile(r.files, Marker)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Marker, err)
	}
	if f, bad := format.NotText(Marker, data); bad {
		r.add(f)
		return nil, nil
	}
	return data, nil
}

// judge finds what is wrong with the meaning of the file.
func (r *reader) judge() error {
	r.expand("schemas")
	r.expand("shared")
	r.judgeLimit(r.root)
	r.readKinds(r.root.Get("units"))
	if err := r.readRegions(r.root.Get("regions")); err != nil {
		return err
	}
	if err := r.match(); err != nil {
		return err
	}
	r.judgeKinds()
	r.judgeIDs()
	r.judgeSpaces()
	r.judgeTests()
	r.judgeUnits()
	if err := r.judgeWith(); err != nil {
		return err
	}
	return r.judgeFiles()
}

// add gathers a finding. Each has a line and a column.
func (r *reader) add(f verdict.Finding) {
	if f.Line == 0 {
		f.Line, f.Column = 1, 1
	}
	if f.Rule == ruleUnknownKey.Code {
		r.unknown = append(r.unknown, f.Path)
		if f.Help == "" && strings.HasPrefix(f.Message, checkObject.Name+" ") {
			f.Help = "a check has one verb of " + strings.Join(verbs(), ", ")
		}
	}
	if len(r.found) < maxErrors {
		r.found = append(r.found, f)
	}
}

func (r *reader) report(rule verdict.Rule, v *yamldoc.Value, message, help string) {
	r.add(rule.At(v.Place(), message, help))
}

func (r *reader) reportKey(rule verdict.Rule, v *yamldoc.Value, message, help string) {
	r.add(rule.At(v.KeyPlace(), message, help))
}

func (r *reader) offer(rule verdict.Rule, v *yamldoc.Value, message string, p yamldoc.Proposal) {
	r.add(p.Of(rule.At(v.Place(), message, "")))
}

// strings are the values of a key that is a string or a list of strings, those that are not
// empty; that others are is reported.
func (r *reader) strings(v *yamldoc.Value) (all []*yamldoc.Value) {
	if v.Good() && len(v.Items()) == 0 {
		r.report(ruleEmpty, v, v.Path()+" is empty", "give it a value or take the key out")
	}
	for _, e := range v.Items() {
		if r.notEmpty(e) {
			all = append(all, e)
		}
	}
	return all
}

// notEmpty says that v is a text that has something in it; that it has not is reported.
func (r *reader) notEmpty(v *yamldoc.Value) bool {
	if !v.Good() {
		return false
	}
	if strings.TrimSpace(v.Text()) == "" {
		r.report(ruleEmpty, v, v.Path()+" is empty", "give it a value or take it out")
		return false
	}
	return true
}

// textsOf are the texts of values that could be read, nil for none.
func textsOf(values []*yamldoc.Value) (all []string) {
	for _, v := range values {
		if v.Good() {
			all = append(all, v.Text())
		}
	}
	return all
}
