package genfleet

import (
	"fmt"
	"strings"
)

// The draws of this file keep their order: it is part of the output.

var languages = []string{"rust", "go", "scala", "java", "ruby", "python", "javascript", "typescript", "kotlin", "elixir"}

func (a author) writeIdentity() {
	a.base.set("name", a.dir)
	if a.chance(0.7) {
		a.base.set("image", "quay.io/fleet/"+a.dir)
	}
	if len(a.regions) == 1 && a.chance(0.1) {
		a.base.set("version", a.gitSha())
	} else {
		a.base.set("version", raw(a.semver()))
	}
	if a.chance(0.2) {
		a.base.set("imageSize", a.between(60, 1800))
	}
	if a.chance(0.3) {
		a.base.set("command", pick(a.rng, []any{raw(`["./start-app.sh"]`), raw(`["/app/server", "--port", "8080"]`), raw(`["bundle", "exec", "puma"]`)}))
	}
	if a.chance(0.05) {
		a.base.set("workload", "Statefulset")
	}
}

func (r rng) semver() string {
	v := fmt.Sprintf("%d.%d.%d", r.between(0, 9), r.between(0, 40), r.between(0, 20))
	if r.chance(0.08) {
		v += fmt.Sprintf("-rc.%d", r.between(1, 4))
	}
	return v
}

// gitSha begins with a letter, so that no YAML reader takes it for a number.
func (r rng) gitSha() string { return "c" + r.hex(39) }

func (a author) writeMetadata() {
	m := mapOf("team", a.squad.name)
	if a.chance(0.5) {
		contacts := sequence{}
		for i := a.between(0, 2); i > 0; i-- {
			contacts = append(contacts, mapOf("name", "Contact Person", "slack", fmt.Sprintf("@U%08d", a.IntN(90000000))))
		}
		m.set("contacts", contacts)
	}
	m.set("repo", "https://github.com/fleet/"+a.dir)
	if a.chance(0.4) {
		m.set("maintainers", texts(some(a.rng, a.squad.members, a.between(1, 3))))
	}
	if a.chance(0.35) {
		m.set("support", "#"+a.squad.name+"-support")
		m.set("notifications", "#"+a.squad.name+"-robots")
	}
	if a.chance(0.6) {
		m.set("language", pick(a.rng, languages))
	}
	a.documentMetadata(m)
	a.base.set("metadata", m)
	a.base.set("regions", texts(a.regions))
	if a.chance(0.15) {
		a.base.set("labels", mapOf("custom-metrics", true))
	}
}

func (a author) documentMetadata(m *mapping) {
	if a.chance(0.5) {
		m.set("description", "Owns the "+words(a.dir)+" domain")
	}
	if a.chance(0.35) {
		m.set("runbook", "RUNBOOK.md")
	}
	if a.chance(0.25) {
		domain, _, _ := strings.Cut(a.dir, "-")
		m.set("context", mapOf("name", domain))
	}
	if a.chance(0.15) {
		m.set("gitTagTemplate", pick(a.rng, []string{"v{{ version }}", "{{ version }}-app", "prefix-{{ version }}-suffix"}))
	}
	if a.chance(0.2) {
		m.set("threatModel", fmt.Sprintf("TMD.FLT.%04d", a.between(1, 9999)))
		m.set("dpsia", sequence{"https://docs.fleet.example.com/dpsia/" + a.dir})
	}
	if a.chance(0.1) {
		m.set("extraDocumentation", "http://docs.fleet.example.com/"+a.dir)
	}
}

func (a author) writeDeployment() {
	a.base.set("resources", a.resources())
	if a.chance(0.85) {
		a.base.set("replicaCount", a.between(1, 6))
	}
	if a.chance(0.15) {
		a.base.set("rollingUpdate", pick(a.rng, []any{mapOf("maxUnavailable", "25%"), mapOf("maxSurge", 1), mapOf("maxUnavailable", 1, "maxSurge", "50%")}))
	}
	if a.chance(0.1) {
		low := a.between(1, 3)
		target := mapOf("type", "Utilization", "averageUtilization", 80)
		a.base.set("autoScaling", mapOf("minReplicas", low, "maxReplicas", low+a.between(1, 6),
			"metrics", sequence{mapOf("type", "Resource", "resource", mapOf("name", "cpu", "target", target))}))
	}
}

var (
	cpuSizes    = []struct{ request, limit string }{{"50m", "200m"}, {"100m", "500m"}, {"200m", "1"}, {"250m", "2"}, {"500m", "1500m"}, {"1", "2"}, {"0.5", "1.5"}, {"100m", "100m"}}
	memorySizes = []struct{ request, limit string }{{"64Mi", "128Mi"}, {"128Mi", "512Mi"}, {"256Mi", "512Mi"}, {"512Mi", "1Gi"}, {"1Gi", "2Gi"}, {"768Mi", "1536Mi"}, {"2Gi", "4Gi"}, {"50Mi", "50Mi"}}
)

// resources writes quantities bare, so that 1 and 0.5 are numbers in YAML.
func (r rng) resources() *mapping {
	cpu, memory := pick(r, cpuSizes), pick(r, memorySizes)
	limits := quantities(cpu.limit, memory.limit)
	requests := quantities(cpu.request, memory.request)
	if r.chance(0.5) {
		return mapOf("requests", requests, "limits", limits)
	}
	return mapOf("limits", limits, "requests", requests)
}

func quantities(cpu, memory string) *mapping { return mapOf("cpu", raw(cpu), "memory", raw(memory)) }

func (a author) writeProbesAndPorts() {
	if a.chance(0.7) {
		a.base.set("health", mapOf("uri", pick(a.rng, []string{"/health", "/healthz", "/status"}), "wait", a.between(5, 90)))
	} else {
		a.base.set("readinessProbe", mapOf("httpGet", mapOf("path", "/ready", "port", "http"), "initialDelaySeconds", a.between(5, 60)))
	}
	a.base.set("httpPort", pick(a.rng, []int{8080, 3000, 8000, 9090}))
	if a.chance(0.12) {
		a.base.set("ports", extraPorts())
	}
}

func extraPorts() sequence {
	return sequence{mapOf("port", 6121, "name", "data"), mapOf("port", 6122, "name", "rpc")}
}

func (a author) writeRelations() {
	if deps := a.fleet.earlier(a.rng, a.idx, a.IntN(7)); len(deps) > 0 {
		var list sequence
		for _, d := range deps {
			list = append(list, a.dependency(d))
		}
		a.base.set("dependencies", list)
	}
	if a.chance(0.15) {
		a.base.set("dataHandling", a.dataHandling())
	}
}

func (a author) dependency(on string) *mapping {
	d := mapOf("name", on)
	if a.chance(0.3) {
		d.set("api", pick(a.rng, []string{"v1", "v2"}))
	}
	if a.chance(0.3) {
		d.set("protocol", pick(a.rng, []string{"http", "grpc", "kafka"}))
	}
	if a.chance(0.2) {
		d.set("intent", "Looks up the "+words(on)+" data")
	}
	return d
}

var (
	dataFields = []string{"EmailAddress", "DateOfBirth", "ChatHistory", "PostalAddress", "PhoneNumber", "CardToken", "DeviceId", "IpAddress"}
	backends   = []string{"S3", "MySQL", "Postgres", "DynamoDB", "Kafka"}
)

func (a author) dataHandling() *mapping {
	store := mapOf("backend", pick(a.rng, backends), "encrypted", true, "cipher", "AES256")
	var stored sequence
	for _, name := range some(a.rng, dataFields, a.between(1, 3)) {
		stored = append(stored, mapOf("name", name))
	}
	store.set("fields", stored)
	data := mapOf("stores", sequence{store})
	if source := a.fleet.earlier(a.rng, a.idx, 1); len(source) == 1 && a.chance(0.4) {
		data.set("processes", sequence{mapOf("field", pick(a.rng, dataFields), "source", source[0])})
	}
	return data
}

func (a author) writeVolumes() {
	if a.chance(0.12) {
		item := mapOf("key", "file", "path", "secrets.yml", "mode", 256)
		a.base.set("volumes", sequence{mapOf("name", "secrets-conf", "secret", mapOf("secretName", "secrets-conf", "items", sequence{item}))})
		a.base.set("volumeMounts", sequence{mapOf("name", "secrets-conf", "mountPath", "/app/config/secrets.yml", "subPath", "secrets.yml", "readOnly", true)})
	}
	if a.chance(0.04) {
		a.base.set("persistentVolumes", sequence{mapOf("name", "data", "mountPath", "/data", "size", "10Gi", "accessMode", "ReadWriteOnce")})
	}
}

func (a author) writePodSettings() {
	if a.chance(0.06) {
		a.base.set("tolerations", sequence{mapOf("key", "dedicated", "operator", "Equal", "value", "batch", "effect", "NoSchedule")})
	}
	if a.chance(0.1) {
		a.base.set("securityContext", mapOf("runAsUser", 1000, "fsGroup", 1000))
	}
	if a.chance(0.05) {
		a.base.set("lifecycle", mapOf("preStop", mapOf("exec", mapOf("command", raw(`["sleep", "10"]`)))))
	}
}

func (a author) writeKong() {
	if !a.chance(0.45) {
		return
	}
	k := mapOf("uris", "/"+a.dir)
	if a.chance(0.4) {
		k.set("hosts", sequence{a.dir})
	}
	if a.chance(0.3) {
		k.set("strip_uri", a.chance(0.5))
	}
	if a.chance(0.25) {
		k.set("authorization", mapOf("allow_cookies", true, "enable_cookie_refresh", true))
	}
	if a.chance(0.2) {
		k.set("upstream_read_timeout", 60000)
	}
	a.base.set("kong", k)
}

func (a author) writeAccess() {
	if a.chance(0.04) {
		a.base.set("rbac", sequence{mapOf("apiGroups", sequence{""}, "resources", sequence{"pods", "configmaps"}, "verbs", sequence{"get", "list", "watch"})})
	}
}

func (a author) writeObservability() {
	if a.chance(0.1) {
		a.base.set("podAnnotations", mapOf("prometheus.io/scrape", true, "prometheus.io/port", a.base.get("httpPort")))
	}
	if a.chance(0.08) {
		a.base.set("sentry", mapOf("silent", a.chance(0.5), "slack", a.squad.channel))
	}
	if a.chance(0.2) {
		a.base.set("prometheusAlerts", sequence{a.alert(a.dir)})
	}
}

func (r rng) alert(service string) *mapping {
	return mapOf("name", pick(r, []string{"ContainerRestarts", "HighErrorRate", "SlowResponses", "QueueBacklog"}),
		"summary", "Containers of the service misbehave",
		"description", "Seen at least three times during the last minutes, see the runbook",
		"expr", raw(`'increase(kube_pod_container_status_restarts_total{container="`+service+`"}[5m]) > `+fmt.Sprint(r.between(1, 9))+`'`),
		"min_duration", pick(r, []string{"5m", "15m", "1h"}), "severity", pick(r, []string{"warning", "error"}))
}

func (a author) writeOwner() {
	if a.chance(0.3) {
		a.base.note("owned by " + a.squad.name + ", see https://github.com/fleet/" + a.dir)
	}
}
