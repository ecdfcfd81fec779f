package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/yamldoc"
)

// kind is a kind of units as the file has it.
type kind struct {
	name   string
	value  *yamldoc.Value
	at     []*yamldoc.Value // valid globs
	except []string
	shape  shape
	checks []*rawCheck
	linked []string // links that commands find beside the units, each to a file of the repository
}

// shape is what the units of a kind are.
type shape uint8

// The shapes.
const (
	unclear shape = iota // the globs are wrong
	folders
	plainFiles
)

// ofShape is what the units are that a glob matches.
func ofShape(glob string) shape {
	if strings.HasSuffix(glob, "/") {
		return folders
	}
	return plainFiles
}

func (s shape) String() string { return [...]string{"anything", "folders", "files"}[s] }

// checks of the kind that do not have a verb are left out.
func (k *kind) has(verb string) bool {
	return slices.ContainsFunc(k.checks, func(c *rawCheck) bool { return c.verb == verb })
}

// isShipcat says that the units of the kind are known by name.
func (k *kind) isShipcat() bool { return k.has(shipcatVerb) }

// kindName is what names of kinds are made of.
var kindName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *reader) readKinds(units *yamldoc.Value) {
	if units.Good() && len(units.Items()) == 0 {
		r.report(ruleEmpty, units, "units is empty", "name a kind of units and say where they lie, as in port: {at: ports/*/}")
	}
	for _, v := range units.Entries() {
		if !kindName.MatchString(v.Key()) {
			clean := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(v.Key()), "-"), "-0123456789")
			p := yamldoc.Advice("it begins with a letter, and has lower-case letters, digits and dashes")
			if kindName.MatchString(clean) {
				p = yamldoc.Rename(v, clean)
			}
			r.add(p.Of(ruleKindName.At(v.KeyPlace(), fmt.Sprintf("%q is no name for a kind of units", v.Key()), "")))
		}
		k := &kind{name: v.Key(), value: v}
		r.kinds = append(r.kinds, k)
		r.readGlobs(k)
		r.readChecks(k)
		r.judgeLimit(v)
		if name := v.Get("name"); name != nil && r.notEmpty(name) {
			r.namePattern(name)
		}
		if deployed := v.Get("deployed"); deployed != nil {
			r.selector(deployed)
		}
		if owner := v.Get("owner"); owner != nil {
			r.selector(owner)
		}
	}
}

// notInNames is what names of kinds do not have.
var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// readGlobs reads where the units of a kind lie.
func (r *reader) readGlobs(k *kind) {
	at := r.strings(k.value.Get("at"))
	k.at = r.valid(at)
	k.except = textsOf(r.valid(r.strings(k.value.Get("except"))))
	if len(k.at) == 0 {
		return
	}
	k.shape = ofShape(k.at[0].Text())
	for _, v := range k.at[1:] {
		if s := ofShape(v.Text()); s != k.shape {
			r.report(ruleMixed, v, fmt.Sprintf("%s is %q, a glob of %s; others of the kind are of %s", v.Path(), v.Text(), s, k.shape), "make two kinds of them: with a / at its end a glob matches folders, without it files")
			k.shape = unclear
			return
		}
	}
	for _, v := range k.at {
		r.globs = append(r.globs, globbed{value: v, except: k.except, none: k.value.Flag("optional")})
	}
}

// judgeKinds finds what is wrong with kinds as a whole.
func (r *reader) judgeKinds() {
	var first *kind
	for _, k := range r.kinds {
		if d := k.value.Get("deployed"); d != nil && r.root.Get("regions") == nil {
			r.reportKey(ruleMisplaced, d, d.Path()+" is given, but there are no regions", "name them at the top level: regions: [eu, us]")
		}
		if owner := k.value.Get("owner"); owner != nil && k.isShipcat() && !slices.Contains(r.checksOf(k), declaredCheck) {
			r.reportKey(ruleMisplaced, owner, owner.Path()+" is given, but units with the check shipcat alone belong to the team in metadata.team", "take it out")
		}
		if k.isShipcat() {
			r.judgeShipcat(k, first)
			first = k
		}
		if k.value.Missing("checks") || k.value.Get("checks").Good() && len(k.value.Get("checks").Items()) == 0 {
			if !r.isNamed(k) && !slices.ContainsFunc(r.unknown, func(p string) bool { return strings.HasPrefix(p, k.value.Path()+".") }) {
				r.reportKey(ruleNoChecks, k.value, k.value.Path()+" has no checks, and no check of others looks for its units", r.whatToCheck(k))
			}
		}
	}
}

// judgeShipcat finds what does not go with units that are known by name. first is the kind
// before that has such, nil if there is none.
func (r *reader) judgeShipcat(k *kind, first *kind) {
	at := k.value.Get("at")
	if want := manifest.Services + "/*/"; at.Good() && !slices.Equal(at.Texts(), []string{want}) {
		r.report(ruleShipcat, at, fmt.Sprintf("%s is [%s], and the kind has the check shipcat; expected %s", at.Path(), strings.Join(at.Texts(), ", "), want), "shipcat's services are the folders of services")
	}
	if name := k.value.Get("name"); name != nil {
		r.reportKey(ruleMisplaced, name, name.Path()+" is given, but units with the check shipcat are called by their folders", "take it out")
	}
	seen := false
	for _, c := range k.checks {
		v := c.value.Get(shipcatVerb)
		switch {
		case c.verb != shipcatVerb:
		case seen:
			r.reportKey(ruleShipcat, v, fmt.Sprintf("units.%s has the check shipcat twice", k.name), "keep one")
		case first != nil:
			r.reportKey(ruleShipcat, v, fmt.Sprintf("the kind %q has the check shipcat, and so has %q: only one kind can", k.name, first.name), "")
		}
		seen = seen || c.verb == shipcatVerb
	}
}

// judgeLimit finds what is wrong with the limit of a kind's units, or of all.
func (r *reader) judgeLimit(v *yamldoc.Value) {
	size := v.Get("limits").Get("unit")
	if !size.Good() {
		return
	}
	n, ok := sizeOf(size)
	switch {
	case !ok:
		r.report(ruleSize, size, fmt.Sprintf("%s is %q; expected a size such as 512KiB or 1MiB", size.Path(), size.Text()), "")
	case n < 1:
		r.report(ruleSize, size, fmt.Sprintf("%s is %s; expected at least one byte", size.Path(), size.Text()), "")
	case n > fleet.MostUnit:
		r.offer(ruleSize, size, fmt.Sprintf("%s is %s; workers accept at most %s", size.Path(), size.Text(), yamldoc.SizeText(fleet.MostUnit)), yamldoc.Rewrite(size, yamldoc.SizeText(fleet.MostUnit)))
	}
}

// whatToCheck proposes a check of a kind that has none, and says how the kind is named where others are to refer
// to its units.
func (r *reader) whatToCheck(k *kind) string {
	check := "{syntax: auto}"
	if k.shape == folders {
		check = "{syntax: auto, in: \"*.yaml\"}"
	}
	help := "say what is asked of its units, as in checks: [" + check + "]"
	for _, other := range r.kinds {
		if other != k && slices.ContainsFunc(other.checks, func(c *rawCheck) bool { return looks(c.verb) }) {
			return help + ", or let a check of others look for them, as in as: " + k.name
		}
	}
	return help
}
