package manifest

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var (
	containerName = regexp.MustCompile(`^[0-9a-z\-]{1,50}$`)
	portName      = regexp.MustCompile(`^[a-z0-9-]{1,15}$`)
)

// containerKinds are the lists of containers, in the order in which they are
// rendered.
var containerKinds = []string{"sidecars", "workers", "cronJobs", "initContainers"}

// envKeys judges the names of environment variables.
func (e *evaluation) envKeys(env *yamldoc.Value) {
	for _, v := range env.Items() {
		e.envName(v)
		if upper := upperCase(v.Key()); v.Key() != upper {
			e.add(yamldoc.Rename(v, upper).Of(ruleEnvCase.At(v.KeyPlace(), fmt.Sprintf("the environment variable %q is not in upper case", v.Key()), "")))
		}
	}
}

// upperCase is the full upper case form, in which ß is SS.
func upperCase(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return cases.Upper(language.Und).String(s)
		}
	}
	return strings.ToUpper(s)
}

func (e *evaluation) ports(list *yamldoc.Value) {
	for _, p := range list.Items() {
		switch name := p.Get("name"); {
		case p.Missing("name"):
			e.add(rulePortName.At(p.Under("name"), p.Path()+".name is missing; expected up to 15 lower case letters, digits and dashes", ""))
		case name.Good() && !portName.MatchString(name.Text()):
			e.fault(rulePortName, name, fmt.Sprintf("%s is %q; expected up to 15 lower case letters, digits and dashes", name.Path(), name.Text()), "")
		}
		for _, key := range []string{"port", "servicePort"} {
			e.portRange(p.Get(key))
		}
	}
}

// container judges what all kinds of container share.
func (e *evaluation) container(v *yamldoc.Value) {
	e.probe(v.Get("readinessProbe"), ruleContainerProbe)
	e.probe(v.Get("livenessProbe"), ruleContainerProbe)
	switch name := v.Get("name"); {
	case v.Missing("name"):
		e.add(ruleContainerName.At(v.Under("name"), v.Path()+".name is missing", "name every container"))
	case name.Good() && !containerName.MatchString(name.Text()):
		e.fault(ruleContainerName, name, fmt.Sprintf("%s is %q; expected up to 50 lower case letters, digits and dashes", name.Path(), name.Text()), "")
	}
	e.imageFits(v.Get("image"), v.Get("version"))
	e.tagFits(v.Get("version"))
	e.resources(v.Get("resources"))
	e.envKeys(v.Get("env"))
	e.ports(v.Get("ports"))
	e.mounts(v.Get("volumeMounts"))
}

// probe judges how a probe asks; r is the rule that it breaks otherwise.
func (e *evaluation) probe(v *yamldoc.Value, r verdict.Rule) {
	if !v.Good() {
		return
	}
	http, exec, tcp := v.Get("httpGet"), v.Get("exec"), v.Get("tcpSocket")
	switch {
	case http == nil && exec == nil && tcp == nil:
		e.fault(r, v, v.Path()+" has none of httpGet, exec and tcpSocket", "give one of them")
	case http != nil && (exec != nil || tcp != nil):
		e.fault(r, v, v.Path()+" has httpGet and another way to probe", "keep one of them")
	}
}

func (e *evaluation) workers() {
	for _, w := range e.m.Get("workers").Items() {
		e.scalingBounds(w.Get("autoScaling"), ruleWorkerScaling)
		e.container(w)
		if w.Missing("replicaCount") {
			e.add(ruleWorkerReplicas.At(w.Under("replicaCount"), w.Path()+".replicaCount is missing", "a worker does not inherit it; say how many replicas run"))
		}
	}
}

func (e *evaluation) scalingBounds(v *yamldoc.Value, r verdict.Rule) {
	least, ok := v.Number("minReplicas")
	most, ok2 := v.Number("maxReplicas")
	if ok && ok2 && least > most {
		e.fault(r, v.Get("minReplicas"), fmt.Sprintf("%s is %d, above maxReplicas, which is %d", v.Get("minReplicas").Path(), least, most), "")
	}
}

func (e *evaluation) sidecars() {
	for _, c := range e.m.Get("sidecars").Items() {
		e.container(c)
	}
}

func (e *evaluation) initContainers() {
	for _, c := range e.m.Get("initContainers").Items() {
		e.container(c)
		if c.Missing("image") {
			e.add(ruleInitImage.At(c.Under("image"), c.Path()+".image is missing", "an init container does not inherit the service's image"))
		}
	}
}

func (e *evaluation) cronJobs() {
	for _, j := range e.m.Get("cronJobs").Items() {
		e.container(j)
		e.jobImage(j)
		switch s := j.Get("schedule"); {
		case j.Missing("schedule"):
			e.add(ruleCronSchedule.At(j.Under("schedule"), j.Path()+".schedule is missing", "such as \"0 4 * * *\""))
		case s.Good():
			e.cronSyntax(s)
		}
	}
}

func (e *evaluation) jobImage(j *yamldoc.Value) {
	for _, pair := range [][2]string{{"image", "version"}, {"version", "image"}} {
		if v := j.Get(pair[0]); v != nil && j.Missing(pair[1]) {
			e.fault(ruleCronImage, v, fmt.Sprintf("%s is set without %s", v.Path(), pair[1]), "set both, or neither to run the service's image")
		}
	}
}

// What shipcat asks of containers while it builds a manifest, whether the service is external
// or not: environment, ports, workers, sidecars, init containers and cron jobs.
var (
	ruleEnvCase = define(verdict.Rule{Code: "M322", Name: "env-case", Severity: verdict.Error,
		Summary: "environment variables are in upper case",
		Good:    "env: {LOG_LEVEL: debug}\n", Bad: "env: {logLevel: debug} # want 7 `the environment variable \"logLevel\" is not in upper case`\n"})
	rulePortName = define(verdict.Rule{Code: "M323", Name: "port-name", Severity: verdict.Error,
		Summary: "ports have names of up to 15 lower case letters, digits and dashes",
		Good:    "ports: [{name: admin, port: 8081}]\n", Bad: "ports: [{port: 8081}] # want 9 \"ports[0].name is missing\"\n"})
	ruleContainerName = define(verdict.Rule{Code: "M324", Name: "container-name", Severity: verdict.Error,
		Summary: "containers have names of up to 50 lower case letters, digits and dashes",
		Good:    "sidecars: [{name: redis}]\n", Bad: "sidecars: [{name: Redis}] # want 19 `name is \"Redis\"`\n"})
	ruleContainerProbe = define(verdict.Rule{Code: "M325", Name: "container-probe", Severity: verdict.Error,
		Summary: "a probe of a container probes in one way",
		Doc:     "exec and tcpSocket together pass, as in shipcat.",
		Good:    "sidecars: [{name: s, readinessProbe: {tcpSocket: {port: redis}}}]\n", Bad: "sidecars: [{name: s, readinessProbe: {}}] # want 38 \"sidecars[0].readinessProbe has none of httpGet, exec and tcpSocket\"\n"})
	ruleWorkerScaling = define(verdict.Rule{Code: "M326", Name: "worker-scaling", Severity: verdict.Error,
		Summary: "minReplicas of a worker is at most maxReplicas",
		Good:    "workers: [{name: w, replicaCount: 1, autoScaling: {minReplicas: 1, maxReplicas: 2, metrics: []}}]\n",
		Bad:     "workers: [{name: w, replicaCount: 1, autoScaling: {minReplicas: 3, maxReplicas: 2, metrics: []}}] # want 65 \"workers[0].autoScaling.minReplicas is 3, above maxReplicas\"\n"})
	ruleWorkerReplicas = define(verdict.Rule{Code: "M327", Name: "worker-replicas", Severity: verdict.Error,
		Summary: "a worker has a replicaCount",
		Good:    "workers: [{name: w, replicaCount: 0}]\n", Bad: "workers: [{name: w}] # want 11 \"workers[0].replicaCount is missing\"\n"})
	ruleInitImage = define(verdict.Rule{Code: "M328", Name: "init-container-image", Severity: verdict.Error,
		Summary: "an init container has an image",
		Good:    "initContainers: [{name: i, image: busybox}]\n", Bad: "initContainers: [{name: i}] # want 18 \"initContainers[0].image is missing\"\n"})
	ruleCronSchedule = define(verdict.Rule{Code: "M329", Name: "cron-schedule", Severity: verdict.Error,
		Summary: "a cron job has a schedule",
		Good:    "cronJobs: [{name: c, schedule: \"0 4 * * *\"}]\n", Bad: "cronJobs: [{name: c}] # want 12 \"cronJobs[0].schedule is missing\"\n"})
	ruleCronImage = define(verdict.Rule{Code: "M330", Name: "cron-image", Severity: verdict.Error,
		Summary: "a cron job sets image and version together",
		Good:    "cronJobs: [{name: c, schedule: \"0 4 * * *\", image: a, version: 1.0.0}]\n",
		Bad:     "cronJobs: [{name: c, schedule: \"0 4 * * *\", image: a}] # want 52 \"cronJobs[0].image is set without version\"\n"})
)
