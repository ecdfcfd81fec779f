package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/yamldoc"
)

// What Owners.CodeOwners may be beside a path.
const (
	ownersAuto = "auto"
	ownersOff  = "off"
)

// Owners say where it stands whose units are.
type Owners struct {
	// Teams is the file with the names of the teams, "" for none. TeamsNamed: a muster.yaml names
	// it; otherwise it need not be there, and whose checks read it says what is wrong with it.
	Teams      string
	TeamsNamed bool
	CodeOwners string // a path; auto for where the platforms look for it, off for none
	Required   bool

	set []Setting // what a muster.yaml says of them
}

// settings are the values in force.
func (o Owners) settings() []Setting {
	all := slices.Clone(o.set)
	for _, s := range []Setting{{Path: "owners.teams", Value: o.Teams}, {Path: "owners.codeowners", Value: o.CodeOwners}, {Path: "owners.required", Value: strconv.FormatBool(o.Required)}} {
		if s.Value != "" && !slices.ContainsFunc(all, func(known Setting) bool { return known.Path == s.Path }) {
			all = append(all, s)
		}
	}
	return all
}

// owners is what the file says of owners. That the files which it names are not there is
// reported.
func (r *reader) owners(d *Declaration) Owners {
	o := Owners{CodeOwners: ownersAuto}
	if d.beside != nil && d.root.Missing("units") {
		o = d.beside.Owners
		o.CodeOwners = cmp.Or(o.CodeOwners, ownersAuto)
	} else if slices.ContainsFunc(d.Checks, func(names []string) bool { return slices.Contains(names, manifestCheck) }) {
		o.Teams = manifest.TeamsFile
	}
	v := r.root.Get("owners")
	var said settings
	for _, f := range ownersObject.Fields {
		if key := v.Get(f.Key); key.Good() {
			said.add("owners."+f.Key, key.Written(), key)
		}
	}
	o.set = said
	if file := v.Get("teams"); r.named(file) {
		o.Teams, o.TeamsNamed = file.Text(), true
	}
	if file := v.Get("codeowners"); file.Good() && (file.Text() == ownersAuto || file.Text() == ownersOff || r.named(file)) {
		o.CodeOwners = file.Text()
	}
	if required := v.Get("required"); required.Good() {
		o.Required = v.Flag("required")
	}
	return o
}

// named says whether a key names a file that is there; that it does not is reported.
func (r *reader) named(v *yamldoc.Value) bool {
	if v == nil || !r.notEmpty(v) {
		return false
	}
	there, err := r.isFile(v)
	if err != nil {
		r.add(ruleNoFile.At(v.Place(), fmt.Sprintf("%s is %q, which cannot be looked at: %v", v.Path(), v.Text(), err), ""))
	}
	return there && err == nil
}
