package policy

import (
	"path"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/aggregator"
	"github.com/seed306eabeb/muster/codeowners"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// Nobody is what is asked for to be shown the units that are nobody's.
const Nobody = "none"

var ruleNoOwner = define(verdict.Rule{Code: "P301", Name: "no-owner", Severity: verdict.Error,
	Summary: "each unit is somebody's, where that is required",
	Doc: "`owners: {required: true}` of muster.yaml asks for it, and --require-owner. A unit belongs to whom its own files name; else to whom CODEOWNERS gives its path. " +
		"It is told of units that were decided: of others it is not known what their files say."})

// ownership is Owners that can be asked.
type ownership struct {
	Owners
	named map[string]string // teams by name and by alias
	lines *codeowners.Matcher
	files []fleet.Pattern
}

// index makes Owners ready to be asked many times.
func (o Owners) index() *ownership {
	w := &ownership{Owners: o, lines: codeowners.NewMatcher(o.Lines, o.Dialect), files: patternsOf(o.Files)}
	if len(o.Teams) > 0 {
		w.named = map[string]string{}
		for _, t := range o.Teams {
			for _, alias := range t.Aliases {
				if _, taken := w.named[alias]; !taken {
					w.named[alias] = t.Name
				}
			}
		}
		for _, t := range o.Teams {
			w.named[t.Name] = t.Name
		}
	}
	return w
}

// Of are those whose a unit is, sorted; none for nobody.
func (o Owners) Of(u aggregator.Unit) []string { return o.index().of(&u) }

func (w *ownership) of(u *aggregator.Unit) []string {
	if team := w.team(u.Owner); team != "" {
		return []string{team}
	}
	if u.Path == "" || len(w.Lines) == 0 {
		return nil
	}
	at := path.Join(w.Folder, u.Path)
	if covers(w.files, u.Path) {
		return w.lines.Owners(at)
	}
	return w.lines.OwnersOfFolder(at)
}

// team is the team of a name. Where no teams are known, any name is one.
func (w *ownership) team(name string) string {
	name = strings.TrimSpace(name)
	if w.named == nil {
		return name
	}
	return w.named[name]
}

// own gives units their owners, and a finding to those that are nobody's where that is one: all
// in a copy, if there is something to give and they are not copied or taken.
func (w *ownership) own(units []aggregator.Unit, copied bool) (owned []aggregator.Unit, isCopy bool) {
	for i := range units {
		u := &units[i]
		owners := w.of(u)
		f, ownerless := w.ownerless(u, owners)
		if len(owners) == 0 && !ownerless {
			continue
		}
		if !copied {
			units, copied = slices.Clone(units), true
			u = &units[i]
		}
		u.Owners = owners
		if ownerless {
			u.Findings = append(slices.Clone(u.Findings), f)
			slices.SortStableFunc(u.Findings, verdict.Finding.Compare)
		}
	}
	return units, copied
}

// hasErrorOfACheck says whether any of a unit's findings is an error beside that about its
// owners.
func hasErrorOfACheck(fs []verdict.Finding) bool {
	return slices.ContainsFunc(fs, func(f verdict.Finding) bool { return f.Severity == verdict.Error && f.Rule != ruleNoOwner.Code })
}

// ownerless is the finding about a unit that is nobody's, where that is one.
func (w *ownership) ownerless(u *aggregator.Unit, owners []string) (f verdict.Finding, is bool) {
	if !w.Required || len(owners) > 0 || u.Kind != verdict.OK && u.Kind != verdict.Invalid {
		return f, false
	}
	message := "it is nobody's: its own files name no owner, and nothing else does"
	switch known := w.team(u.Owner); {
	case u.Owner != "" && known == "":
		message = "it is nobody's: its own files name " + quoted(u.Owner) + ", which is no team"
	case w.File != "":
		message = "it is nobody's: its own files name no owner, and " + w.File + " gives its path none"
	}
	help := "give its path an owner in CODEOWNERS"
	if len(w.Teams) > 0 {
		help = "name one of the teams in its own files, or give its path an owner in CODEOWNERS"
	}
	return ruleNoOwner.At(verdict.Place{File: u.Path}, message, help), true
}
