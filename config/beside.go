package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/verdict"
)

// BaselineFile is where a baseline lies unless a muster.yaml says otherwise.
const BaselineFile = policy.BaselineFile

// Baseline says where the file lies with the findings that were there before.
type Baseline struct {
	File  string        // in the repository; "" for none. That a muster.yaml names it does not make it be there
	Place verdict.Place // where it is named; one without a file is a default's
}

func (b Baseline) setting() []Setting {
	if b.File == "" {
		return nil
	}
	return []Setting{{Path: "baseline", Value: b.File, Place: b.Place}}
}

// defaultBaseline is the baseline of a repository that names none.
func defaultBaseline(files fs.FS) Baseline {
	if _, err := fs.Stat(files, BaselineFile); errors.Is(err, fs.ErrNotExist) {
		return Baseline{}
	}
	return Baseline{File: BaselineFile} // whoever reads it says what is wrong with it
}

// baseline is the file that the declaration names, or else the default one. It may be made
// later.
func (r *reader) baseline() Baseline {
	v := r.root.Get("baseline")
	if v == nil {
		return defaultBaseline(r.files)
	}
	if !r.notEmpty(v) {
		return Baseline{}
	}
	if !fs.ValidPath(v.Text()) || v.Text() == "." {
		r.offer(ruleNoFile, v, fmt.Sprintf("%s is %q; expected a path from the root of the repository, without empty, . and .. elements", v.Path(), v.Text()), cleanGlob(v))
		return Baseline{}
	}
	return Baseline{File: v.Text(), Place: v.Place()}
}

// judgeUnits finds a file that says of no units where nothing else does, and what means
// nothing without them.
func (r *reader) judgeUnits() {
	if r.root.Get("units") != nil || slices.ContainsFunc(r.unknown, func(path string) bool { return !strings.Contains(path, ".") }) {
		return
	}
	if r.beside == nil {
		f := ruleMissingKey.At(r.root.Under("units"), "units is missing, and there is no shipcat.conf: nothing says what is verified",
			"add units, as in units: {port: {at: ports/*/, checks: []}}; a "+Marker+" without them says how what is found in shipcat's services is judged")
		r.add(f)
		return
	}
	for _, key := range []string{"schemas", "shared", "yaml", "regions", "limits"} {
		if v := r.root.Get(key); v != nil {
			r.reportKey(ruleMisplaced, v, fmt.Sprintf("%s is given, but no units are: those of %s are verified", v.Path(), r.beside.Layout.Marker), "take it out, or name the units, too")
		}
	}
}
