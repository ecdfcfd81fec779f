package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
)

// probePorts warns of probes that ask a port which no container names. A container
// that lists no ports may have some that the chart gives it; there only a name near
// one that is listed is a mistake for certain.
func (e *evaluation) probePorts() {
	e.portsOf(e.m)
	for _, kind := range containerKinds {
		for _, c := range e.m.get(kind).list() {
			e.portsOf(c)
		}
	}
}

func (e *evaluation) portsOf(container *value) {
	for _, p := range []*value{container.get("readinessProbe"), container.get("livenessProbe")} {
		e.probePort(p.get("httpGet").get("port"), container)
		e.probePort(p.get("tcpSocket").get("port"), container)
	}
}

// chartPort is the port that charts give to the container that serves HTTP.
const chartPort = "http"

func (e *evaluation) probePort(port, container *value) {
	switch {
	case !port.good() || port.text == chartPort:
	case isDecimal(port.text):
		if n, err := strconv.ParseUint(port.text, 10, 64); err != nil || n < 1 || n > maxPort {
			e.fault(rulePortRange, port, fmt.Sprintf("%s is %q; expected 1 to %d", port.path(), shorten(port.text), maxPort), "")
		}
	default:
		e.namedPort(port, container)
	}
}

// isDecimal says that a text is digits alone.
func isDecimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (e *evaluation) namedPort(port, container *value) {
	all := append(e.portNames(), chartPort)
	if slices.Contains(all, port.text) {
		return
	}
	if listed := len(container.get("ports").list()) > 0; listed || nearest(port.text, all) != "" {
		e.offer(ruleProbePort, port, fmt.Sprintf("%s is %q, which is the name of no port", port.path(), port.text), meant(port.text, all, nil, port.retold))
	}
}

// portNames are the names of all containers' ports.
func (e *evaluation) portNames() []string {
	lists := []*value{e.m.get("ports")}
	for _, kind := range containerKinds {
		for _, c := range e.m.get(kind).list() {
			lists = append(lists, c.get("ports"))
		}
	}
	var names []string
	for _, l := range lists {
		for _, p := range l.list() {
			if n := p.get("name"); n.good() {
				names = append(names, n.text)
			}
		}
	}
	return names
}

var ruleProbePort = define(verdict.Rule{Code: "M720", Name: "probe-port", Severity: verdict.Warning,
	Summary: "a probe asks a port that a container has",
	Doc:     "Of a container that lists no ports, only a name near that of another port is told: its chart may know the port.",
	Good:    "ports: [{name: admin, port: 8081}]\nreadinessProbe: {httpGet: {path: /, port: admin}}\n",
	Bad:     "ports: [{name: admin, port: 8081}]\nreadinessProbe: {httpGet: {path: /, port: amdin}} # want 43 `port is \"amdin\"`\n"})
