// Package genfleet writes a deterministic repository of service manifests of any
// size, for tests and benchmarks: shipcat.conf, teams.yml and one folder per
// service under services/. The services are valid in every region they name,
// except those that are given one defect each; EXPECTED.json at the root names
// these.
//
// The same Options give the same bytes on every machine and with every release
// of Go.
package genfleet

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// Region is the region in which every service is deployed and in which every
// defect shows.
const Region = "dev-uk"

// expectedFile lies at the root of the fleet, beside shipcat.conf.
const expectedFile = "EXPECTED.json"

// maxBad leaves enough good services for the defects that involve two.
const maxBad = 0.5

// Options say which fleet to write.
type Options struct {
	Services int      // how many services; at least 1
	Bad      float64  // the fraction that gets one defect each, 0 to 0.5, rounded to whole services
	Seed     uint64   // any value; 0 is a seed like the others
	Kinds    []string // names of the kinds of defect to use, see Kinds; none means all
}

// Expected is what a check must find in a fleet: the content of EXPECTED.json.
type Expected struct {
	N       int            `json:"n"`
	Seed    uint64         `json:"seed"`
	Region  string         `json:"region"`
	Valid   int            `json:"valid"`
	Invalid int            `json:"invalid"`
	Kinds   map[string]int `json:"kinds"` // how many services have each kind of defect
	Bad     []Defective    `json:"bad"`   // sorted by service
}

// Defective is one service with a defect.
type Defective struct {
	Service string `json:"service"` // the folder's name
	Kind    string `json:"kind"`    // Kind.Name
	File    string `json:"file"`    // inside the service's folder
	Detail  string `json:"detail"`  // what was done, for people
	// With is the other service of a defect that involves two. Both sides of a
	// duplicate may be reported; Service is the later one by name.
	With string `json:"with,omitempty"`
}

// Kind is a kind of defect: it breaks exactly one rule in Region.
type Kind struct {
	Name string
	Rule string // the rule it breaks, in words
}

// Kinds are all the kinds of defect, in a fixed order.
func Kinds() []Kind {
	out := make([]Kind, len(defects))
	for i, d := range defects {
		out[i] = d.Kind
	}
	return out
}

// Write creates a fleet in dir, which it makes when it is absent and which must
// not hold a services folder. On an error the folder may be half written.
func Write(dir string, o Options) (Expected, error) {
	allowed, err := o.validate()
	if err != nil {
		return Expected{}, err
	}
	services := filepath.Join(dir, "services")
	if _, err := os.Stat(services); err == nil {
		return Expected{}, fmt.Errorf("%s exists already: name a new or an empty folder", services)
	}
	f := newFleet(o.Seed, o.Services)
	bad := f.breakSome(int(math.Round(o.Bad*float64(o.Services))), allowed)

	if err := f.write(dir); err != nil {
		return Expected{}, fmt.Errorf("write fleet: %w", err)
	}
	e := expect(o, bad)
	text, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return Expected{}, fmt.Errorf("encode %s: %w", expectedFile, err)
	}
	if err := os.WriteFile(filepath.Join(dir, expectedFile), append(text, '\n'), 0o644); err != nil {
		return Expected{}, fmt.Errorf("write fleet: %w", err)
	}
	return e, nil
}

// validate returns the names of the kinds that o allows.
func (o Options) validate() (map[string]bool, error) {
	if o.Services < 1 {
		return nil, fmt.Errorf("a fleet of %d services: need at least 1", o.Services)
	}
	if !(o.Bad >= 0 && o.Bad <= maxBad) {
		return nil, fmt.Errorf("a bad fraction of %v: need 0 to %v", o.Bad, maxBad)
	}
	known := map[string]bool{}
	for _, d := range defects {
		known[d.Name] = true
	}
	if len(o.Kinds) == 0 {
		return known, nil
	}
	allowed := map[string]bool{}
	for _, name := range o.Kinds {
		if !known[name] {
			return nil, fmt.Errorf("unknown kind of defect %q: see Kinds, or genfleet -list-kinds", name)
		}
		allowed[name] = true
	}
	return allowed, nil
}

func expect(o Options, bad []Defective) Expected {
	e := Expected{
		N: o.Services, Seed: o.Seed, Region: Region,
		Valid: o.Services - len(bad), Invalid: len(bad),
		Kinds: map[string]int{},
		Bad:   append([]Defective{}, bad...), // an empty list, not null, in the file
	}
	for _, b := range bad {
		e.Kinds[b.Kind]++
	}
	return e
}
