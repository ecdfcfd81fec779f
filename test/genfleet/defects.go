package genfleet

import (
	"cmp"
	"slices"
)

// defect is a kind of defect and how to make one.
type defect struct {
	Kind
	// fits says whether a service can carry it; nil means that every one can.
	fits func(s *service, referenced map[string]bool) bool
	// inject changes one service so that it breaks exactly the one rule in
	// Region. It returns the file and what was done. nil means that the defect
	// takes two services: see fleet.duplicateStream.
	inject func(f *fleet, s *service) (file, detail string)
}

// defects is in a fixed order, which is part of the output.
var defects = []defect{
	{Kind: Kind{"name-mismatch", "name differs from the folder"}, inject: nameMismatch},
	{Kind: Kind{"name-invalid", "name (and folder) outside ^[0-9a-z-]{1,50}$"}, fits: unreferenced, inject: nameInvalid},
	{Kind: Kind{"bad-version", "version neither semver nor a 40 digit git sha"}, inject: badVersion},
	{Kind: Kind{"image-with-tag", "image is not an image name"}, inject: imageWithTag},
	{Kind: Kind{"missing-resources", "resources are mandatory"}, inject: missingResources},
	{Kind: Kind{"limit-below-request", "a request exceeds its limit"}, inject: limitBelowRequest},
	{Kind: Kind{"bad-quantity", "a resource quantity has an unknown unit"}, inject: badQuantity},
	{Kind: Kind{"unknown-field", "a key that no schema has"}, inject: unknownField},
	{Kind: Kind{"override-forbidden", "an override file sets a field that cannot be overridden"}, inject: overrideForbidden},
	{Kind: Kind{"wrong-type", "a value of the wrong type"}, inject: wrongType},
	{Kind: Kind{"bad-cron", "a cron schedule that does not parse"}, inject: badCron},
	{Kind: Kind{"unknown-team", "metadata.team is no squad of teams.yml"}, inject: unknownTeam},
	{Kind: Kind{"missing-dependency", "a dependency on a service that does not exist"}, inject: missingDependency},
	{Kind: Kind{"duplicate-event-stream", "an event stream name that another service has (fleet-wide rule; the later service by name is listed)"}},
	{Kind: Kind{"empty-event-stream", "an event stream without event definitions"}, inject: emptyEventStream},
	{Kind: Kind{"bad-kafka-topic", "a kafka topic name outside ^[0-9a-z.-]{1,63}$"}, inject: badKafkaTopic},
	{Kind: Kind{"template-undefined", "a template uses a variable that is not defined"}, inject: templateUndefined},
	{Kind: Kind{"env-template-undefined", "an environment variable's template uses an undefined variable"}, inject: envTemplateUndefined},
	{Kind: Kind{"template-missing", "a template file that does not exist"}, inject: templateMissing},
	{Kind: Kind{"bad-config-mount", "the config mount does not end in a slash"}, inject: badConfigMount},
	{Kind: Kind{"malformed-yaml", "a file that is not YAML"}, inject: malformedYAML},
	{Kind: Kind{"zero-replicas", "replicaCount is 0"}, inject: zeroReplicas},
	{Kind: Kind{"lowercase-env", "an environment variable that is not upper case"}, inject: lowercaseEnv},
	{Kind: Kind{"worker-without-replicas", "a worker without replicaCount"}, inject: workerWithoutReplicas},
	{Kind: Kind{"bad-alert-duration", "a Prometheus alert whose min_duration is not like 15m or 1h"}, inject: badAlertDuration},
	{Kind: Kind{"unknown-label", "a label that shipcat.conf does not allow"}, inject: unknownLabel},
}

// breakage is a defect and who gets it. All are chosen before the first is
// injected, and an owner stays good.
type breakage struct {
	defect
	victim *service
	owner  *service // of what is duplicated; nil for most kinds
}

// breakSome gives one defect each to count services, or to fewer when too few
// can carry one. The kinds take turns in an order that depends on the seed.
func (f *fleet) breakSome(count int, allowed map[string]bool) []Defective {
	if count == 0 {
		return nil
	}
	r := newRng(f.seed, 1<<40) // apart from the streams of the services
	var kinds []defect
	for _, i := range r.Perm(len(defects)) {
		if allowed[defects[i].Name] {
			kinds = append(kinds, defects[i])
		}
	}
	var bad []Defective
	for _, b := range f.choose(r, kinds, count) {
		bad = append(bad, f.inject(b))
	}
	slices.SortFunc(bad, func(a, b Defective) int { return cmp.Compare(a.Service, b.Service) })
	return bad
}

func (f *fleet) choose(r rng, kinds []defect, count int) []breakage {
	referenced := f.referenced()
	free := r.Perm(len(f.services))
	take := func(suits func(*service) bool) *service {
		for i, j := range free {
			if s := f.services[j]; suits(s) {
				free = slices.Delete(free, i, i+1)
				return s
			}
		}
		return nil
	}
	var chosen []breakage
	for k := 0; len(chosen) < count && k < count+len(kinds); k++ {
		b := breakage{defect: kinds[k%len(kinds)]}
		b.victim = take(func(s *service) bool { return b.fits == nil || b.fits(s, referenced) })
		if b.victim == nil {
			continue
		}
		if b.inject == nil {
			if b.owner = take(func(s *service) bool { return s.dir < b.victim.dir }); b.owner == nil {
				continue
			}
		}
		chosen = append(chosen, b)
	}
	return chosen
}

func (f *fleet) inject(b breakage) Defective {
	d := Defective{Kind: b.Name}
	if b.owner != nil {
		d.File, d.Detail = f.duplicateStream(b.victim, b.owner)
		d.With = b.owner.dir
	} else {
		d.File, d.Detail = b.defect.inject(f, b.victim)
	}
	d.Service = b.victim.dir // after the injection, which may rename the folder
	return d
}
