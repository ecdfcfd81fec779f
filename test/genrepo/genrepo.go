// Package genrepo writes a deterministic repository of any size that a muster.yaml governs, for
// tests: services, which are folders; queues, which are files at any depth; and modules,
// which are files that are no documents. All verbs of muster.yaml are in use but shipcat. The units
// are as they should be, except those that are given a mistake; EXPECTED.json at the root says
// what is found.
//
// The same Options give the same bytes on every machine and with every release of Go.
package genrepo

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expectedFile lies at the root, beside muster.yaml.
const expectedFile = "EXPECTED.json"

// least has a unit of each kind; maxBad leaves enough units as they should be.
const (
	least  = 4
	maxBad = 0.5
)

// Options say which repository to write.
type Options struct {
	Units    int      // how many; at least 4
	Bad      float64  // mistakes for each unit, 0 to 0.5; no unit has two, and some mistakes take two units
	Seed     uint64   // any value; 0 is a seed like the others
	Comments []string // lines at the end of one file of each unit
}

// Expected is what a check must find: the content of EXPECTED.json.
type Expected struct {
	Units    []string  `json:"units"`    // paths, sorted
	Invalid  []string  `json:"invalid"`  // those with an error, sorted
	Findings []Finding `json:"findings"` // sorted
}

// Finding is what is found of a unit.
type Finding struct {
	Unit     string `json:"unit"`     // its path
	Rule     string `json:"rule"`     // the check's id
	Name     string `json:"name"`     // of the mistake
	Severity string `json:"severity"` // error or warning
	File     string `json:"file"`     // in the repository
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

// Compare orders findings by their units first.
func (f Finding) Compare(o Finding) int {
	return strings.Compare(fmt.Sprint(f), fmt.Sprint(o))
}

// Write creates a repository in dir, which it makes when it is absent and which must not have
// a muster.yaml. On an error the folder may be half written.
func Write(dir string, o Options) (Expected, error) {
	if o.Units < least {
		return Expected{}, fmt.Errorf("a repository of %d units: need at least %d", o.Units, least)
	}
	if !(o.Bad >= 0 && o.Bad <= maxBad) {
		return Expected{}, fmt.Errorf("a bad fraction of %v: need 0 to %v", o.Bad, maxBad)
	}
	if _, err := os.Stat(filepath.Join(dir, "muster.yaml")); err == nil {
		return Expected{}, fmt.Errorf("%s has a muster.yaml already: name a new or an empty folder", dir)
	}
	r := newRng(o.Seed)
	all := newRepository(r, o.Units)
	e := expect(all, all.spoil(r, int(math.Round(o.Bad*float64(o.Units)))))
	if err := all.write(dir, o.Comments, e); err != nil {
		return Expected{}, fmt.Errorf("write the repository: %w", err)
	}
	return e, nil
}

func expect(all repository, found []Finding) Expected {
	e := Expected{Units: []string{}, Invalid: []string{}, Findings: append([]Finding{}, found...)}
	for _, u := range all {
		e.Units = append(e.Units, u.path)
	}
	for _, f := range found {
		if f.Severity == "error" {
			e.Invalid = append(e.Invalid, f.Unit)
		}
	}
	slices.Sort(e.Units)
	slices.Sort(e.Invalid)
	slices.SortFunc(e.Findings, Finding.Compare)
	return e
}

// write writes the units and what they share.
func (all repository) write(dir string, comments []string, e Expected) error {
	expected, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	files := map[string]string{
		"muster.yaml": muster,
		"teams.yaml":  "teams: [" + strings.Join(teams, ", ") + "]\n",
		expectedFile:  string(expected) + "\n",
	}
	for path, text := range schemas {
		files[path] = text
	}
	for _, u := range all {
		files[u.main.path] = u.main.text(comments)
		for _, f := range u.more {
			files[f.path] = f.text(nil)
		}
	}
	for path, text := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
