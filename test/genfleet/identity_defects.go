package genfleet

import "strings"

// Defects of names, versions, images, ownership and relations.

func nameMismatch(f *fleet, s *service) (file, detail string) {
	name := f.fresh(s.dir)
	s.base.set("name", name)
	return manifestFile, "name is " + name
}

// unreferenced says that a service can change its folder's name and break no
// other.
func unreferenced(s *service, referenced map[string]bool) bool { return !referenced[s.dir] }

func nameInvalid(_ *fleet, s *service) (file, detail string) {
	if s.chance(0.6) {
		s.dir = strings.Replace(s.dir, "-", "_", 1)
	} else {
		s.dir = strings.ToUpper(s.dir[:1]) + s.dir[1:]
	}
	s.base.set("name", s.dir)
	return manifestFile, "name is " + s.dir
}

func badVersion(_ *fleet, s *service) (file, detail string) {
	v := pick(s.rng, []string{"latest", "v1.2.3", "1.2", "1.02.3", s.hex(7) + "a"})
	return s.place("version", raw(`"`+v+`"`)), "version is " + v
}

func imageWithTag(_ *fleet, s *service) (file, detail string) {
	image := "quay.io/fleet/" + s.dir + ":1.4.0"
	return s.place("image", image), "image is " + image
}

func unknownTeam(_ *fleet, s *service) (file, detail string) {
	team := s.squad.name + "-squad"
	s.base.sub("metadata").set("team", team)
	return manifestFile, "team is " + team
}

func unknownLabel(_ *fleet, s *service) (file, detail string) {
	s.base.sub("labels").set("owner-team", "core")
	return manifestFile, "owner-team"
}

func missingDependency(f *fleet, s *service) (file, detail string) {
	name := f.fresh(pick(s.rng, f.names))
	s.appendTo("dependencies", mapOf("name", name))
	return manifestFile, "depends on " + name
}
