package config

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// judgeOptional finds checks that are optional and whose globs match nothing in any unit: nobody else would
// tell of a glob that is misspelt.
func (d *Declaration) judgeOptional(files fs.FS) (found []verdict.Finding, err error) {
	for i, k := range d.kinds {
		if k.shape != folders || k.isShipcat() {
			continue
		}
		for _, c := range k.checks {
			if !c.value.Flag("optional") {
				continue
			}
			for _, in := range c.value.Get("in").Items() {
				there, err := anyIn(files, d.Layout.Kinds[i], in.Text())
				if err != nil {
					return nil, err
				}
				if !there {
					found = append(found, ruleIdleIn.At(in.Place(), fmt.Sprintf("%s is %q, which matches no file of any unit", in.Path(), in.Text()), "see that it is written right: the check is optional, so that no unit is told"))
				}
			}
		}
	}
	return found, nil
}

// anyIn says whether a glob matches a file in the folder of any unit of a kind.
func anyIn(files fs.FS, k fleet.Kind, glob string) (there bool, err error) {
	inside := fleet.Kind{Except: k.Except}
	for _, at := range k.At {
		inside.At = append(inside.At, strings.TrimSuffix(at, "/")+"/"+glob)
	}
	err = fleet.Layout{Kinds: []fleet.Kind{inside}}.Find(files, func(int, string, fs.FileMode) bool { there = true; return true })
	return there, err
}
