package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// probePorts warns of probes that ask a port which no container names. A container
// that lists no ports may have some that the chart gives it; there only a name near
// one that is listed is a mistake for certain.
func (e *evaluation) probePorts() {
	e.portsOf(e.m)
	for _, kind := range containerKinds {
		for _, c := range e.m.Get(kind).Items() {
			e.portsOf(c)
		}
	}
}

func (e *evaluation) portsOf(container *yamldoc.Value) {
	for _, p := range []*yamldoc.Value{container.Get("readinessProbe"), container.Get("livenessProbe")} {
		e.probePort(p.Get("httpGet").Get("port"), container)
		e.probePort(p.Get("tcpSocket").Get("port"), container)
	}
}

// chartPort is the port that charts give to the container that serves HTTP.
const chartPort = "http"

func (e *evaluation) probePort(port, container *yamldoc.Value) {
	switch {
	case !port.Good() || port.Text() == chartPort:
	case isDecimal(port.Text()):
		if n, err := strconv.ParseUint(port.Text(), 10, 64); err != nil || n < 1 || n > maxPort {
			e.fault(rulePortRange, port, fmt.Sprintf("%s is %q; expected 1 to %d", port.Path(), yamldoc.Shorten(port.Text()), maxPort), "")
		}
	default:
		e.namedPort(port, container)
	}
}

// isDecimal says that a text is digits alone.
func isDecimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (e *evaluation) namedPort(port, container *yamldoc.Value) {
	all := append(e.portNames(), chartPort)
	if slices.Contains(all, port.Text()) {
		return
	}
	if listed := len(container.Get("ports").Items()) > 0; listed || yamldoc.Nearest(port.Text(), all) != "" {
		e.offer(ruleProbePort, port, fmt.Sprintf("%s is %q, which is the name of no port", port.Path(), port.Text()), yamldoc.Meant(port.Text(), all, nil, port.Retold))
	}
}

// portNames are the names of all containers' ports.
func (e *evaluation) portNames() []string {
	lists := []*yamldoc.Value{e.m.Get("ports")}
	for _, kind := range containerKinds {
		for _, c := range e.m.Get(kind).Items() {
			lists = append(lists, c.Get("ports"))
		}
	}
	var names []string
	for _, l := range lists {
		for _, p := range l.Items() {
			if n := p.Get("name"); n.Good() {
				names = append(names, n.Text())
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
