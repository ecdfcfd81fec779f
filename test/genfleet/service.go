package genfleet

import (
	"maps"
	"strings"
)

// The files of a service's folder that a defect may stand in.
const (
	manifestFile = "manifest.yml"
	regionFile   = Region + ".yml"
)

// service is one folder under services/ before it is written.
type service struct {
	rng                           // the service's own stream
	dir       string              // the folder's name
	base      *mapping            // manifest.yml
	overrides map[string]*mapping // by file name: dev.yml, dev-uk.yml, preprod-uk.yml
	templates map[string]string   // by file name
	literal   map[string]string   // files whose text is not that of their mapping
	regions   []string
	squad     squad
}

// author writes one service; its methods are the sections of a manifest, in the
// order in which people write them.
type author struct {
	*service
	fleet *fleet
	idx   int // the service's position in fleet.names
}

func (f *fleet) makeService(idx int, dir string) *service {
	r := newRng(f.seed, uint64(idx)+1)
	s := &service{
		rng: r, dir: dir, base: &mapping{},
		overrides: map[string]*mapping{}, templates: map[string]string{}, literal: map[string]string{},
		squad: f.squads[r.IntN(len(f.squads))],
	}
	a := author{s, f, idx}
	a.chooseRegions()
	a.writeIdentity()
	a.writeMetadata()
	a.writeDeployment()
	a.writeProbesAndPorts()
	a.writeEnvironment()
	a.writeRelations()
	a.writeContainers()
	a.writeVolumes()
	a.writePodSettings()
	a.writeKong()
	a.writeKafka()
	a.writeAccess()
	a.writeObservability()
	a.writeOwner()
	a.writeOverrides()
	return s
}

func (a author) chooseRegions() {
	a.regions = []string{Region}
	if a.chance(0.35) {
		a.regions = append(a.regions, "dev-global")
	}
	if a.chance(0.4) {
		a.regions = append(a.regions, "preprod-uk")
	}
}

// files are the folder's files by name.
func (s *service) files() map[string]string {
	out := map[string]string{manifestFile: render(s.base)}
	for name, o := range s.overrides {
		if len(o.entries) > 0 {
			out[name] = render(o)
		}
	}
	maps.Copy(out, s.templates)
	maps.Copy(out, s.literal)
	return out
}

// override is the override file of that name, made when it is absent.
func (s *service) override(file string) *mapping {
	o := s.overrides[file]
	if o == nil {
		o = &mapping{}
		s.overrides[file] = o
	}
	return o
}

// unmask lets no override hide what manifest.yml has under key.
func (s *service) unmask(key string) {
	for _, o := range s.overrides {
		o.del(key)
	}
}

// place puts a value either into manifest.yml or into the override for Region,
// and returns the file; nothing hides the value in Region.
func (s *service) place(key string, value any) string {
	if s.chance(0.3) {
		s.override(regionFile).set(key, value)
		return regionFile
	}
	s.base.set(key, value)
	s.unmask(key)
	return manifestFile
}

// appendTo adds an element to a list of manifest.yml.
func (s *service) appendTo(key string, value any) {
	s.base.set(key, append(s.base.list(key), value))
}

// words is a name as people say it: "gift-card-api" is "gift card api".
func words(name string) string { return strings.ReplaceAll(name, "-", " ") }
