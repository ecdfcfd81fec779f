package genfleet

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// fleet is a repository before it is written.
type fleet struct {
	seed     uint64
	names    []string // in the order of making: a service depends on earlier ones only
	squads   []squad
	services []*service
	index    map[string]*service // by the name it was made with
}

func newFleet(seed uint64, n int) *fleet {
	r := newRng(seed, 0)
	f := &fleet{seed: seed, names: makeNames(r, n), squads: makeSquads(r, n), index: map[string]*service{}}
	for i, name := range f.names {
		s := f.makeService(i, name)
		f.services = append(f.services, s)
		f.index[name] = s
	}
	return f
}

// earlier picks up to k different services made before the one at idx, sorted;
// every other draw falls on one of a few hubs, as in real dependency graphs.
func (f *fleet) earlier(r rng, idx, k int) []string {
	if idx == 0 {
		return nil
	}
	hubs := max(1, len(f.names)/40)
	seen := map[string]bool{}
	for try := 0; try < 4*k && len(seen) < k; try++ {
		j := r.IntN(idx)
		if r.chance(0.5) {
			j = r.IntN(min(idx, hubs))
		}
		seen[f.names[j]] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// fresh returns a name like base that no service has.
func (f *fleet) fresh(base string) string {
	for suffix := "-gone"; ; suffix += "-x" {
		if f.index[base+suffix] == nil {
			return base + suffix
		}
	}
}

// referenced are the services that others name.
func (f *fleet) referenced() map[string]bool {
	out := map[string]bool{}
	for _, s := range f.services {
		for _, d := range s.base.list("dependencies") {
			out[d.(*mapping).text("name")] = true
		}
		if data, ok := s.base.get("dataHandling").(*mapping); ok {
			for _, p := range data.list("processes") {
				out[p.(*mapping).text("source")] = true
			}
		}
	}
	return out
}

func (f *fleet) write(dir string) error {
	if err := writeFiles(dir, map[string]string{
		"shipcat.conf": renderConf(),
		"teams.yml":    renderTeams(f.squads),
	}); err != nil {
		return err
	}
	for _, s := range f.services {
		if err := writeFiles(filepath.Join(dir, "services", s.dir), s.files()); err != nil {
			return err
		}
	}
	return nil
}

func writeFiles(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
