package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Setting is a value that is in force.
type Setting struct {
	Path  string // of its key
	Value string // in one line
	// Place is where it was set; one without a file is a default's.
	Place verdict.Place
}

// Origin is where the setting comes from, for people.
func (s Setting) Origin() string {
	if s.Place.File == "" {
		return "default"
	}
	return s.Place.String()
}

// settings gathers what is in force.
type settings []Setting

// Settings are all values in force, in the order of the format and of the kinds' names.
func (d *Declaration) Settings() []Setting {
	var s settings
	if !d.root.Good() {
		return nil
	}
	s.object(d.root, "", fileObject, append([]string{"units", "limits"}, policyKeys...)...)
	s.limit(d.root)
	for _, k := range d.kinds {
		s.kind(d.root, k)
	}
	return append(s, d.policySettings()...)
}

// policyKeys are the keys about how what is found is judged.
var policyKeys = []string{"severities", "ignore", "rules", "baseline", "owners"}

// policySettings are the values of a declaration that say how what is found is judged.
func (d *Declaration) policySettings() []Setting {
	var s settings
	for _, list := range []struct {
		key string
		of  *yamldoc.Object
	}{{"severities", severityObject}, {"ignore", ignoreObject}} {
		for _, v := range d.root.Get(list.key).Items() {
			s.object(v, v.Path()+".", list.of)
		}
	}
	for _, v := range d.root.Get("rules").Entries() {
		s.object(v, v.Path()+".", ruleObject)
	}
	return slices.Concat(s, d.Baseline.setting(), d.Owners.settings())
}

func (s *settings) add(path, value string, v *yamldoc.Value) {
	one := Setting{Path: path, Value: value}
	if v != nil {
		one.Place = v.Place()
	}
	*s = append(*s, one)
}

// object takes the keys of an object but for some, with their defaults.
func (s *settings) object(v *yamldoc.Value, path string, o *yamldoc.Object, but ...string) {
	for _, f := range o.Fields {
		key := v.Get(f.Key)
		switch {
		case slices.Contains(but, f.Key):
		case key != nil:
			s.add(path+f.Key, key.Written(), key)
		case f.Default != "":
			s.add(path+f.Key, f.Default, nil)
		}
	}
}

// limit takes the limit of the first of values that has one, under the path of the first.
func (s *settings) limit(values ...*yamldoc.Value) {
	path := "limits.unit"
	if p := values[0].Path(); p != "" {
		path = p + "." + path
	}
	for _, v := range values {
		if size := v.Get("limits").Get("unit"); size.Good() {
			s.add(path, size.Written(), size)
			return
		}
	}
	s.add(path, yamldoc.SizeText(fleet.UnitLimit), nil)
}

func (s *settings) kind(root *yamldoc.Value, k *kind) {
	path := k.value.Path() + "."
	s.object(k.value, path, kindObject, "checks", "limits", "yaml")
	switch own, all := k.value.Get("yaml"), root.Get("yaml"); {
	case own != nil:
		s.add(path+"yaml", own.Written(), own)
	case all != nil:
		s.add(path+"yaml", all.Written(), all)
	default:
		s.add(path+"yaml", "1.2", nil)
	}
	s.limit(k.value, root)
	for _, c := range k.checks {
		s.check(c)
	}
}

func (s *settings) check(c *rawCheck) {
	path := c.value.Path() + "."
	but := []string{"tests"}
	if c.verb == shipcatVerb {
		but = append(but, "severity", "optional")
	}
	if (c.kind.shape == plainFiles && !c.selects() || c.verb == declared.Run && c.value.Get("in") == nil) && c.value.Get("optional") == nil {
		but = append(but, "optional")
	}
	s.object(c.value, path, checkObject, but...)
	if c.verb != "" && c.verb != shipcatVerb && c.value.Get("id") == nil {
		s.add(path+"id", c.id, nil)
	}
	if (fills(c.verb) || looks(c.verb)) && c.value.Get("as") == nil {
		s.add(path+"as", strings.Join(c.spaces(), ", "), nil)
	}
	if tests := c.value.Get("tests"); tests != nil {
		s.add(path+"tests", counted(len(tests.Items()), "test"), tests)
	}
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// builtinSettings are what is in force where the layout of a repository is built in.
func builtinSettings(c Config) []Setting {
	var s settings
	for _, k := range c.Layout.Kinds {
		path := "units." + k.Name + "."
		s.add(path+"at", "["+strings.Join(k.At, ", ")+"]", nil)
		s.add(path+"limits.unit", yamldoc.SizeText(int64(k.MaxBytes())), nil)
		names := k.Checks
		if names == nil {
			names = c.Checks.Names()
		}
		s.add(path+"checks", "["+strings.Join(names, ", ")+"]", nil)
		s.add(path+"shared", "["+strings.Join(k.Shared, ", ")+"]", nil)
	}
	return s
}
