package config

import (
	"io/fs"
	"slices"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/checks/schema"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/yamldoc"
)

// declare is what the file says of a kind, as its checks read it, and where its units lie.
func (r *reader) declare(k *kind) (declared.Section, fleet.Kind) {
	s := r.section(k)
	unit := fleet.Kind{
		Name: k.name, At: s.At, Except: s.Except, ByName: k.isShipcat(), Limit: r.limit(k),
		Checks: r.checksOf(k), Shared: slices.Compact(slices.Sorted(slices.Values(slices.Concat(s.Schemas, s.Shared, withOf(s.Checks))))),
	}
	if !k.isShipcat() && (s.Named || s.Name != "") {
		unit.Called = called(s)
	}
	if slices.Contains(unit.Checks, declaredCheck) {
		unit.Given = map[string][]byte{declared.SectionFile: s.Encode()}
		r.giveLinked(slices.Concat(s.Schemas, k.linked), unit.Given)
	}
	if k.isShipcat() {
		own := unit.Shared
		unit.Shared = append(slices.Clone(own), manifest.SharedPaths()...)
		unit.SharedFile = func(path string) bool {
			return slices.ContainsFunc(own, func(shared string) bool { return fleet.IsIn(path, shared) }) || manifest.IsSharedFile(path)
		}
		if !slices.Contains(unit.Checks, declaredCheck) {
			unit.File = manifest.IsServiceFile
		}
	}
	return s, unit
}

// called says what others call the units of a kind: those must be told apart that others refer to.
// It is nil where the section has mistakes.
func called(s declared.Section) func(path string) (string, error) {
	names, err := s.Names()
	if err != nil {
		return nil
	}
	return func(path string) (string, error) {
		name, err := names.Of(path)
		if !s.Named {
			name = ""
		}
		return name, err
	}
}

// checksOf are the kinds of check that units of a kind get, sorted.
func (r *reader) checksOf(k *kind) (all []string) {
	if r.isNamed(k) || slices.ContainsFunc(k.checks, func(c *rawCheck) bool { return c.verb != shipcatVerb }) {
		all = append(all, declaredCheck)
	}
	if k.isShipcat() {
		all = append(all, manifestCheck)
	}
	for _, c := range k.checks {
		if name := c.value.Get(declared.Run); c.verb == declared.Run && id.IsCommand(name.Text()) {
			all = append(all, id.CommandCheck(name.Text()))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// section is what the file says of a kind. Only what its checks read of schemas and shared
// files is in it, so that others may change.
func (r *reader) section(k *kind) declared.Section {
	s := declared.Section{
		Kind: k.name, At: textsOf(k.at), Except: k.except, Name: k.value.Get("name").Text(), Named: r.isNamed(k),
		YAML: r.dialect(k), Regions: r.regions, Deployed: k.value.Get("deployed").Text(),
		Owner: k.value.Get("owner").Text(), Checks: []declared.Check{},
	}
	for _, c := range k.checks {
		if c.verb != "" && c.verb != shipcatVerb {
			one := c.declare()
			if one.Schema != "" {
				one.Schema = r.behind(one.Schema)
			}
			s.Checks = append(s.Checks, one)
		}
	}
	if k.has(declared.Rule) {
		s.Shared = r.shared
	}
	s.Schemas = r.schemasOf(s.Checks)
	return s
}

// schemasOf are the files that the schemas of checks are made of, sorted. Where one of them has
// mistakes, which are for the check to tell, they are all that it may be made of.
func (r *reader) schemasOf(checks []declared.Check) []string {
	var needed, own []string
	clean := true
	for _, c := range checks {
		if c.Schema == "" {
			continue
		}
		own = append(own, c.Schema)
		if r.registry == nil {
			r.registry, _ = schema.NewRegistry(r.files, r.schemas)
		}
		s, _ := r.registry.Compile(c.Schema, schema.Options{FormatsOff: c.Formats == "off"})
		if s == nil {
			clean = false
			continue
		}
		needed = append(needed, s.Files()...)
	}
	if !clean {
		needed = slices.Concat(own, r.schemas)
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

// giveLinked gives the text of files to which links lead: among the shared files of the kind it
// stands in the link's place.
func (r *reader) giveLinked(files []string, given map[string][]byte) {
	for _, name := range files {
		if file := r.behind(name); file != name {
			if text, err := fs.ReadFile(r.files, file); err == nil { // else the check tells that there is none
				given[name] = text
			}
		}
	}
}

// dialect is which YAML the files of a kind are.
func (r *reader) dialect(k *kind) string {
	if own := k.value.Get("yaml"); own.Good() {
		return own.Text()
	}
	text, _ := r.root.TextOf("yaml")
	return text
}

// declare is the check as it is run.
func (c *rawCheck) declare() declared.Check {
	v := c.value
	d := declared.Check{
		ID: c.id, Formerly: textsOf(v.Get("formerly").Items()), Verb: c.verb, In: textsOf(v.Get("in").Items()), Optional: v.Flag("optional"), Severity: v.Get("severity").Text(),
		Help: v.Get("help").Text(), Docs: v.Get("docs").Text(), Format: v.Get(declared.Syntax).Text(), Documents: v.Get("documents").Text(),
		Schema: v.Get(declared.Schema).Text(), Formats: v.Get("formats").Text(), Rule: v.Get(declared.Rule).Text(), When: v.Get("when").Text(),
		Each: v.Get("each").Text(), Message: v.Get("message").Text(), Command: v.Get(declared.Run).Text(), Reads: textsOf(v.Get("reads").Items()), With: textsOf(v.Get("with").Items()), Args: argsOf(v.Get("args")), Regions: v.Get("regions").Text(), As: c.spaces(),
	}
	if d.Severity == "error" { // which is what none says, too
		d.Severity = ""
	}
	if d.Format == "auto" {
		d.Format = ""
	}
	if keys := v.Get(c.verb); keys.Good() && (fills(c.verb) || looks(c.verb)) {
		d.Keys, d.Text = textsOf(keys.Items()), keys.Get("text").Text()
	}
	return d
}

// limit is the most bytes that a unit of a kind may have, 0 where nothing is said of that.
func (r *reader) limit(k *kind) int {
	for _, v := range []*yamldoc.Value{k.value, r.root} {
		if size := v.Get("limits").Get("unit"); size.Good() {
			if n, ok := sizeOf(size); ok && n <= fleet.MostUnit {
				return int(n)
			}
		}
	}
	return 0
}
