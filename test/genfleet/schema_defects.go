package genfleet

// Defects of what a file may hold: YAML, keys, types, overrides.

func unknownField(_ *fleet, s *service) (file, detail string) {
	switch s.IntN(5) {
	case 0:
		s.base.rename("httpPort", "httpport")
		return manifestFile, "httpport"
	case 1:
		s.base.set("replicas", 3)
		return manifestFile, "replicas"
	case 2:
		s.base.sub("metadata").set("onwer", "somebody")
		return manifestFile, "metadata.onwer"
	case 3:
		s.unmask("health")
		s.base.set("health", mapOf("uri", "/health", "path", "/health", "wait", 10))
		return manifestFile, "health.path"
	}
	s.override(regionFile).set("enviroment", mapOf("MODE", "development"))
	return regionFile, "enviroment"
}

func overrideForbidden(_ *fleet, s *service) (file, detail string) {
	o := s.override(regionFile)
	switch s.IntN(3) {
	case 0:
		o.set("name", s.dir)
		return regionFile, "name"
	case 1:
		o.set("regions", sequence{Region})
		return regionFile, "regions"
	}
	o.set("metadata", mapOf("team", s.squad.name))
	return regionFile, "metadata"
}

func wrongType(_ *fleet, s *service) (file, detail string) {
	switch s.IntN(4) {
	case 0:
		return s.place("httpPort", "http"), "httpPort is http"
	case 1:
		return s.place("replicaCount", "three"), "replicaCount is three"
	case 2:
		return s.place("command", "start-app.sh"), "command is a string"
	}
	return s.place("hostAliases", mapOf("ip", "10.0.0.1")), "hostAliases is a mapping"
}

func malformedYAML(_ *fleet, s *service) (file, detail string) {
	file, text := manifestFile, render(s.base)
	if s.chance(0.3) {
		file = regionFile
		s.override(file).sub("env").set("MODE", "development")
		text = render(s.override(file))
	}
	damage := []struct{ text, detail string }{
		{"command: [\"/run\", \"server\"\nimageSize: 100\n", "unclosed flow sequence"},
		{"podAnnotations:\n\tteam: core\n", "tab indentation"},
		{"command: \"/run server\nimageSize: 100\n", "unclosed quote"},
		{"serviceAnnotations:\n    owner: core\n  tier: gold\n", "inconsistent indentation"},
	}[s.IntN(4)]
	s.literal[file] = text + damage.text
	return file, damage.detail
}

func zeroReplicas(_ *fleet, s *service) (file, detail string) {
	return s.place("replicaCount", 0), "replicaCount is 0"
}

func lowercaseEnv(_ *fleet, s *service) (file, detail string) {
	if s.chance(0.3) {
		s.override(regionFile).sub("env").set("logLevel", "debug")
		return regionFile, "logLevel"
	}
	s.base.sub("env").set("db_host", "localhost")
	return manifestFile, "db_host"
}
