package manifest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/seed306eabeb/muster/internal/foreign"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// Rules about what shipcat reads and then does not judge. All but the folder's
// name are warnings.

// cronSyntax warns of a schedule that Kubernetes refuses, or never comes to.
func (e *evaluation) cronSyntax(v *yamldoc.Value) {
	switch err := foreign.Schedule(v.Text()); {
	case errors.Is(err, foreign.ErrNever):
		e.fault(ruleCronSyntax, v, fmt.Sprintf("%s is %q, which never comes: %v", v.Path(), yamldoc.Shorten(v.Text()), err), "correct the day or the month")
	case err != nil:
		e.fault(ruleCronSyntax, v, fmt.Sprintf("%s is %q, which is no schedule: %v", v.Path(), yamldoc.Shorten(v.Text()), err), "write minute, hour, day, month and weekday, such as \"0 4 * * *\"")
	}
}

// portRange warns of a port that no machine has.
func (e *evaluation) portRange(v *yamldoc.Value) {
	if v.Good() && (v.Int() < 1 || v.Int() > maxPort) {
		e.fault(rulePortRange, v, fmt.Sprintf("%s is %d; expected 1 to %d", v.Path(), v.Int(), maxPort), "")
	}
}

const maxPort = 65535

// mounts warns of mounts of volumes that the manifest does not have.
func (e *evaluation) mounts(list *yamldoc.Value) {
	if len(list.Items()) == 0 {
		return
	}
	names := e.volumeNames()
	for _, m := range list.Items() {
		if n := m.Get("name"); n.Good() && !names[n.Text()] {
			e.offer(ruleMountVolume, n, fmt.Sprintf("%s is %q, which is none of the service's volumes", n.Path(), n.Text()), yamldoc.Meant(n.Text(), slices.Sorted(maps.Keys(names)), nil, n.Retold))
		}
	}
}

// volumeNames are the names of all volumes of the service.
func (e *evaluation) volumeNames() map[string]bool {
	if e.volumes == nil {
		e.volumes = map[string]bool{}
		for _, key := range []string{"volumes", "persistentVolumes"} {
			for _, v := range e.m.Get(key).Items() {
				if n := v.Get("name"); n != nil {
					e.volumes[n.Text()] = true
				}
			}
		}
	}
	return e.volumes
}

// secretKey is what Kubernetes takes for the key of a secret.
var secretKey = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)

// oddities warns of fields of the main container that nothing else judges.
func (e *evaluation) oddities() {
	e.probe(e.m.Get("readinessProbe"), ruleMainProbe)
	e.probe(e.m.Get("livenessProbe"), ruleMainProbe)
	if l := e.m.Get("lifecycle"); l.Good() && l.Get("postStart") == nil && l.Get("preStop") == nil {
		e.fault(ruleLifecycle, l, l.Path()+" has neither postStart nor preStop", "give one of them, or take lifecycle out")
	}
	e.scalingBounds(e.m.Get("autoScaling"), ruleMainScaling)
	for _, f := range e.m.Get("secretFiles").Items() {
		if !secretKey.MatchString(f.Key()) {
			e.add(ruleSecretKey.At(f.KeyPlace(), fmt.Sprintf("the secret file %q has a name that Kubernetes refuses", f.Key()), "use letters, digits, dashes, dots and underscores"))
		}
	}
	for _, d := range e.m.Get("dependencies").Items() {
		if n := d.Get("name"); n.Good() && n.Text() == "" {
			e.fault(ruleNoName, n, n.Path()+" is empty", "name the service, or take the dependency out")
		}
	}
	e.fileModes()
	e.probePorts()
	if e.m.Get("health") == nil && e.m.Get("readinessProbe") == nil {
		e.add(ruleNoHealth.At(e.m.Under("health"), "the service has neither health nor readinessProbe", "without one a rollout cannot tell whether it works"))
	}
}

var (
	ruleNameMismatch = define(verdict.Rule{Code: "M703", Name: "name-mismatch", Severity: verdict.Error,
		Summary: "a service's name is that of its folder",
		Doc:     "shipcat finds a service by its folder in some commands and by its name in others.",
		Good:    "name: svc\n", Bad: "name: service # want 7 `the name is \"service\"`\n"})
	ruleCronSyntax = define(verdict.Rule{Code: "M704", Name: "cron-syntax", Severity: verdict.Warning,
		Summary: "schedules are cron expressions of five fields, or a name such as @daily",
		Doc:     "A prefix with a time zone (TZ=, CRON_TZ=) is refused by Kubernetes. A day that no month has, such as the 31st of February, never comes.",
		Good:    "cronJobs: [{name: c, schedule: \"0 4 * * *\"}]\n", Bad: "cronJobs: [{name: c, schedule: \"0 25 * * *\"}] # want 32 `schedule is \"0 25 * * *\"`\n"})
	ruleUnknownRegion = define(verdict.Rule{Code: "M705", Name: "unknown-region", Severity: verdict.Warning,
		Summary: "regions are regions of shipcat.conf",
		Good:    "regions: [dev-uk]\n", Bad: "regions: [dev-uk, dev-ku] # want 19 `regions[1] is \"dev-ku\"`\n"})
	ruleMainProbe = define(verdict.Rule{Code: "M706", Name: "main-probe", Severity: verdict.Warning,
		Summary: "a probe of the main container probes in one way",
		Good:    "readinessProbe: {tcpSocket: {port: http}}\n", Bad: "readinessProbe: {} # want 17 \"readinessProbe has none of httpGet, exec and tcpSocket\"\n"})
	ruleLifecycle = define(verdict.Rule{Code: "M707", Name: "lifecycle", Severity: verdict.Warning,
		Summary: "a lifecycle has hooks",
		Good:    "lifecycle: {preStop: {exec: {command: [/stop]}}}\n", Bad: "lifecycle: {} # want 12 \"lifecycle has neither postStart nor preStop\"\n"})
	ruleMainScaling = define(verdict.Rule{Code: "M708", Name: "main-scaling", Severity: verdict.Warning,
		Summary: "minReplicas is at most maxReplicas",
		Good:    "autoScaling: {minReplicas: 1, maxReplicas: 2, metrics: []}\n", Bad: "autoScaling: {minReplicas: 3, maxReplicas: 2, metrics: []} # want 28 \"autoScaling.minReplicas is 3, above maxReplicas\"\n"})
	rulePortRange = define(verdict.Rule{Code: "M710", Name: "port-range", Severity: verdict.Warning,
		Summary: "ports are from 1 to 65535",
		Good:    "httpPort: 8080\n", Bad: "httpPort: 80800 # want 11 \"httpPort is 80800\"\n"})
	ruleMountVolume = define(verdict.Rule{Code: "M711", Name: "mount-without-volume", Severity: verdict.Warning,
		Summary: "volumeMounts name volumes of the service",
		Good:    "volumes: [{name: v, emptyDir: {}}]\nvolumeMounts: [{name: v, mountPath: /v}]\n",
		Bad:     "volumes: [{name: v, emptyDir: {}}]\nvolumeMounts: [{name: w, mountPath: /v}] # want 23 `name is \"w\", which is none of the service's volumes`\n"})
	ruleSecretKey = define(verdict.Rule{Code: "M712", Name: "secret-key", Severity: verdict.Warning,
		Summary: "secret files have names that Kubernetes takes",
		Good:    "secretFiles: {tls.key: IN_VAULT}\n", Bad: "secretFiles: {tls/key: IN_VAULT} # want 15 `the secret file \"tls/key\" has a name that Kubernetes refuses`\n"})
	ruleNoName = define(verdict.Rule{Code: "M716", Name: "dependency-name", Severity: verdict.Warning,
		Summary: "a dependency has the name of a service",
		Doc:     "shipcat asks for a folder of that name below services/, which the empty name finds.",
		Good:    fleetExample("dependencies: [{name: other}]\n", ""), Bad: "dependencies: [{name: \"\"}] # want 23 \"dependencies[0].name is empty\"\n"})
	ruleNoHealth = define(verdict.Rule{Code: "M714", Name: "no-health-check", Severity: verdict.Warning, Advice: true,
		Summary: "a service has health or readinessProbe",
		Doc:     "A service that only works through a queue may have nothing to ask.",
		Good:    "health: {}\n", Bad: "# want services/svc/manifest.yml:1:1 \"the service has neither health nor readinessProbe\"\nhealth: null\n"})
)
