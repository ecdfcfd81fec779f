// Package trial tries checks of a muster.yaml on units that are made up for it, and compares what
// they find and claim with what their authors expect.
//
// A unit is packed, and checked, as one of a run: with the same session, opened on the same shared
// files, of a Section that has the one check.
package trial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Test is a unit, and what a check is to say of it.
type Test struct {
	Check  string // its id
	Number int    // among the check's tests, from 1
	Unit   string // the path of its folder or file
	Files  []File // those of the folder, or the one with the path of the unit
	Region string // in which it is checked; "" for all
	// Findings are the expected ones, of which Count says how many there are.
	Findings []Expectation
	Count    int
	// Claims are the keys that the check is to claim, where that Counts.
	Claims    []string
	HasClaims bool
	Place     verdict.Place
}

// File is a file of a unit: its text, or the document that it holds.
type File struct {
	Path  string // in the unit's folder, or that of a unit of one file
	Text  []byte // nil for a file with a Value
	Value any    // as document.Document has it
}

// Result is what came of a test.
type Result struct {
	Test
	Failure string // why the unit could not be checked
	// Missing are findings that were expected, and Others those that were found in their
	// place; Right is how many are as expected.
	Missing []Expectation
	Others  []verdict.Finding
	Right   int
	// Unclaimed are keys that were expected, and Claimed those that were in their place.
	Unclaimed, Claimed []string
}

// OK says whether the check said what was expected.
func (r Result) OK() bool {
	return r.Failure == "" && r.Right+len(r.Others) == r.Count && len(r.Missing)+len(r.Unclaimed)+len(r.Claimed) == 0
}

// limit is for one test.
const limit = 30 * time.Second

// Run makes tests of checks of a section whose shared files are given, in their order.
func Run(ctx context.Context, section declared.Section, shared bundle.Bundle, tests []Test) ([]Result, error) {
	opened := map[string]check.All{}
	results := make([]Result, 0, len(tests))
	for _, t := range tests {
		checks, ok := opened[t.Check]
		if !ok {
			var err error
			if checks, err = open(section.Only(t.Check), shared); err != nil {
				return nil, fmt.Errorf("open the check %s: %w", t.Check, err)
			}
			opened[t.Check] = checks
		}
		results = append(results, try(ctx, checks, t))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// open opens a section with the files that others share.
func open(section declared.Section, shared bundle.Bundle) (check.All, error) {
	entries := []bundle.Entry{{Path: declared.SectionFile, Data: section.Encode()}}
	files := shared.FS()
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || name == declared.SectionFile {
			return err
		}
		one := bundle.Entry{Path: name, Type: e.Type()}
		if e.Type().IsRegular() {
			one.Data, err = fs.ReadFile(files, name)
		}
		entries = append(entries, one)
		return err
	})
	if err != nil {
		return check.All{}, err
	}
	b, err := bundle.New(entries)
	if err != nil {
		return check.All{}, err
	}
	all, err := check.OpenAll(check.Kinds{declared.New()}, b)
	if err == nil && all.Invalid() {
		err = errors.New(all.Findings()[0].Message)
	}
	return all, err
}

// try makes one test.
func try(ctx context.Context, checks check.All, t Test) Result {
	r := Result{Test: t}
	files, err := t.pack()
	if err != nil {
		r.Failure = "the unit cannot be made: " + err.Error()
		return r
	}
	regions := checks.Regions()
	if t.Region != "" {
		regions = []string{t.Region}
	}
	v, err := checks.Decide(ctx, check.Request{Unit: id.Unit(t.Unit), Path: t.Unit, Files: files, Regions: regions, Limit: limit})
	if err != nil {
		r.Failure = err.Error()
		return r
	}
	r.compare(v.Findings())
	if t.HasClaims {
		r.compareClaims(v.Claims())
	}
	return r
}

// pack makes the bundle of a unit.
func (t Test) pack() (bundle.Bundle, error) {
	entries := make([]bundle.Entry, len(t.Files))
	for i, f := range t.Files {
		entries[i] = bundle.Entry{Path: f.Path, Data: f.Text}
		if f.Text == nil {
			entries[i].Data = write(f.Value)
		}
	}
	return bundle.New(entries)
}

// compareClaims compares the keys that were claimed with those that were expected, each
// once.
func (r *Result) compareClaims(claims []verdict.Claim) {
	var keys []string
	for _, c := range claims {
		if c.Role != verdict.Selects && c.Role != verdict.Unclear {
			keys = append(keys, c.Key)
		}
	}
	r.Unclaimed, r.Claimed = less(r.Claims, keys), less(keys, r.Claims)
}

// less are the texts of a list that another has not, sorted, each once.
func less(all, others []string) []string {
	rest := slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(others, one) })
	slices.SortFunc(rest, strings.Compare)
	return slices.Compact(rest)
}
