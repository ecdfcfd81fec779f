package manifest

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

var maxVolume = big.NewRat(16<<40, 1)

// storage judges volumes and where files are put.
func (e *evaluation) storage() {
	for _, v := range e.m.Get("persistentVolumes").Items() {
		e.persistentVolume(v)
	}
	e.configs()
	e.mounts(e.m.Get("volumeMounts"))
}

func (e *evaluation) persistentVolume(v *yamldoc.Value) {
	if s := v.Get("size"); s.Good() {
		a := memoryUnits.amount(s.Text())
		switch {
		case a.number == nil:
			e.offer(ruleVolumeSize, s, fmt.Sprintf("%s is %q: %s", s.Path(), yamldoc.Shorten(s.Text()), a.message), a.help(s))
		case a.number.Cmp(maxVolume) > 0:
			e.fault(ruleVolumeSize, s, fmt.Sprintf("%s is %s; expected at most 16Ti", s.Path(), s.Text()), "")
		}
	}
	if p := v.Get("mountPath"); p.Good() && (!strings.HasPrefix(p.Text(), "/") || strings.HasSuffix(p.Text(), "/")) {
		e.fault(ruleVolumePath, p, fmt.Sprintf("%s is %q; expected a path that starts with a slash and does not end with one", p.Path(), p.Text()), "")
	}
}

func (e *evaluation) configs() {
	v := e.m.Get("configs")
	if !v.Good() {
		return
	}
	if m := v.Get("mount"); m.Good() {
		switch {
		case m.Text() == "" || strings.HasPrefix(m.Text(), "~"):
			e.fault(ruleConfigMount, m, fmt.Sprintf("%s is %q; expected a directory, without ~", m.Path(), m.Text()), "")
		case !strings.HasSuffix(m.Text(), "/"):
			e.offer(ruleConfigMount, m, fmt.Sprintf("%s is %q; expected a slash at the end", m.Path(), m.Text()), yamldoc.Rewrite(m, m.Text()+"/"))
		}
	}
	for _, f := range v.Get("files").Items() {
		if d := f.Get("dest"); d.Good() && d.Text() == "" {
			e.fault(ruleConfigDest, d, d.Path()+" is empty", "name the file as the service reads it")
		}
		if n := f.Get("name"); n.Good() && !strings.HasSuffix(n.Text(), templateSuffix) {
			e.fault(ruleConfigName, n, fmt.Sprintf("%s is %q; expected a name that ends in %s", n.Path(), n.Text(), templateSuffix), "")
		}
	}
}

// Shipcat's verification of persistentVolumes and configs.
var (
	ruleVolumeSize = define(verdict.Rule{Code: "M441", Name: "volume-size", Severity: verdict.Error,
		Summary: "a persistent volume has a size of up to 16Ti",
		Good:    "persistentVolumes: [{name: v, mountPath: /v, size: 10Gi}]\n", Bad: "persistentVolumes: [{name: v, mountPath: /v, size: 10GB}] # want 52 `size is \"10GB\"`\n"})
	ruleVolumePath = define(verdict.Rule{Code: "M442", Name: "volume-path", Severity: verdict.Error,
		Summary: "a persistent volume is mounted at an absolute path without a slash at the end",
		Good:    "persistentVolumes: [{name: v, mountPath: /v, size: 10Gi}]\n", Bad: "persistentVolumes: [{name: v, mountPath: /v/, size: 10Gi}] # want 42 `mountPath is \"/v/\"`\n"})
	ruleConfigMount = define(verdict.Rule{Code: "M443", Name: "config-mount", Severity: verdict.Error,
		Summary: "config files are mounted at a directory that ends in a slash",
		Good:    "configs: {mount: /config/, files: []}\n", Bad: "configs: {mount: /config, files: []} # want 18 `mount is \"/config\"`\n"})
	ruleConfigName = define(verdict.Rule{Code: "M444", Name: "config-name", Severity: verdict.Error,
		Summary: "templates of config files end in .j2",
		Good:    "configs: {mount: /config/, files: [{name: shared.j2, dest: a}]}\n", Bad: "configs: {mount: /config/, files: [{name: shared.txt, dest: a}]} # want 43 `name is \"shared.txt\"`\n"})
	ruleConfigDest = define(verdict.Rule{Code: "M445", Name: "config-dest", Severity: verdict.Error,
		Summary: "config files have a destination",
		Good:    "configs: {mount: /config/, files: [{name: shared.j2, dest: a}]}\n", Bad: "configs: {mount: /config/, files: [{name: shared.j2, dest: \"\"}]} # want 60 \"configs.files[0].dest is empty\"\n"})
)
