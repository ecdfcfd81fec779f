package genfleet

import (
	"maps"
	"slices"
	"strings"
)

// Defects of resources, containers, Kafka, alerts and templates.

func missingResources(_ *fleet, s *service) (file, detail string) {
	s.base.del("resources")
	s.unmask("resources")
	return manifestFile, "no resources"
}

func limitBelowRequest(_ *fleet, s *service) (file, detail string) {
	if s.chance(0.5) {
		return s.placeResources("500m", "512Mi", "100m", "1Gi"), "memory request 1Gi, limit 512Mi"
	}
	return s.placeResources("500m", "1Gi", "1", "512Mi"), "cpu request 1, limit 500m"
}

func badQuantity(_ *fleet, s *service) (file, detail string) {
	if s.chance(0.5) {
		return s.placeResources("500m", "512MB", "100m", "256Mi"), "memory limit 512MB"
	}
	return s.placeResources("2cores", "512Mi", "100m", "256Mi"), "cpu limit 2cores"
}

func (s *service) placeResources(cpuLimit, memoryLimit, cpuRequest, memoryRequest string) (file string) {
	return s.place("resources", mapOf(
		"limits", quantities(cpuLimit, memoryLimit),
		"requests", quantities(cpuRequest, memoryRequest)))
}

func badCron(_ *fleet, s *service) (file, detail string) {
	schedule := pick(s.rng, []string{"61 * * * *", "* * * *", "0 25 * * *", "every 5 minutes", "0 0 32 * *", "*/0 * * * *"})
	job := s.cronJob(s.dir)
	job.set("schedule", raw(`"`+schedule+`"`))
	s.base.set("cronJobs", sequence{job})
	return manifestFile, "schedule is " + schedule
}

func workerWithoutReplicas(_ *fleet, s *service) (file, detail string) {
	w := s.worker(s.dir)
	w.del("replicaCount")
	s.base.set("workers", sequence{w})
	return manifestFile, "workers[0]"
}

// duplicateStream makes s reuse an event stream of owner, a good service whose
// name sorts before it.
func (f *fleet) duplicateStream(s, owner *service) (file, detail string) {
	if len(owner.base.list("eventStreams")) == 0 {
		owner.appendTo("eventStreams", f.stream(owner, 0, 0))
	}
	name := owner.base.list("eventStreams")[0].(*mapping).text("name")
	definition := mapOf("key", "schema_key", "value", "schema_value")
	s.appendTo("eventStreams", mapOf("name", name, "eventDefinitions", sequence{definition}))
	return manifestFile, "stream " + name
}

func emptyEventStream(_ *fleet, s *service) (file, detail string) {
	name := s.dir + "-void"
	s.appendTo("eventStreams", mapOf("name", name, "eventDefinitions", sequence{}))
	return manifestFile, "stream " + name
}

func badKafkaTopic(_ *fleet, s *service) (file, detail string) {
	name := strings.ReplaceAll(s.dir, "-", "_") + "_topic"
	topic := mapOf("name", name, "partitions", 3, "replicas", 3)
	s.base.set("kafkaResources", mapOf("topics", sequence{topic}))
	return manifestFile, "topic is " + name
}

func badAlertDuration(_ *fleet, s *service) (file, detail string) {
	a := s.alert(s.dir)
	a.set("min_duration", pick(s.rng, []string{"5 minutes", "30s", "1d"}))
	s.base.set("prometheusAlerts", sequence{a})
	return manifestFile, a.text("min_duration")
}

// template returns the name of one template, which it makes when the service
// has none.
func (s *service) template() string {
	if len(s.templates) == 0 {
		s.addConfigs(1)
	}
	return pick(s.rng, slices.Sorted(maps.Keys(s.templates)))
}

func templateUndefined(_ *fleet, s *service) (file, detail string) {
	file = s.template()
	variable := pick(s.rng, []string{"env.NOT_DEFINED", "env.log_level", "region_name", "base_urls.unknown"})
	s.templates[file] += "# {{ " + variable + " }}\n"
	return file, variable
}

func envTemplateUndefined(_ *fleet, s *service) (file, detail string) {
	s.base.sub("env").set("PARTNER_URL", "{{ base_urls.partners }}/api")
	return manifestFile, "base_urls.partners"
}

func templateMissing(_ *fleet, s *service) (file, detail string) {
	name := s.template()
	delete(s.templates, name)
	return manifestFile, name
}

func badConfigMount(_ *fleet, s *service) (file, detail string) {
	s.template()
	s.base.sub("configs").set("mount", "/config")
	return manifestFile, "mount is /config"
}
