package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/yamldoc"
)

// TestLayersAreNamed: of what holds in a region one can tell which layer has set it, and
// what that has overridden.
func TestLayersAreNamed(t *testing.T) {
	t.Parallel()
	r := exampleRepo(t).lay("-- shipcat.conf --\ndefaults: {imagePrefix: a, chart: base, replicaCount: 1, env: {A: all, B: all}}\n" +
		"-- services/svc/manifest.yml --\nreplicaCount: 2\nenv: {A: own}\n" +
		"-- services/svc/dev.yml --\nreplicaCount: 3\n" +
		"-- services/svc/dev-uk.yml --\nreplicaCount: 4\nenv: {A: uk}\n")
	s := r.open(t)
	c := &inspection{session: s, ctx: t.Context(), unit: r.unit(t, "svc"), scope: auditScope}
	if err := c.loadManifest(); err != nil {
		t.Fatal(err)
	}
	m, ok, err := c.merge(s.conf.byName["dev-uk"])
	if !ok || err != nil {
		t.Fatalf("the layers cannot be merged: %v", err)
	}
	for path, want := range map[string]string{
		"replicaCount": "services/svc/dev-uk.yml 4, services/svc/dev.yml 3, services/svc/manifest.yml 2, the defaults of shipcat.conf 1",
		"env.A":        "services/svc/dev-uk.yml uk, services/svc/manifest.yml own, the defaults of shipcat.conf all",
		"env.B":        "the defaults of shipcat.conf all",
		"name":         "services/svc/manifest.yml svc",
	} {
		o, _ := m.OriginOf(path)
		if got := layersOf(o); got != want {
			t.Errorf("%s: got %s; expected %s", path, got, want)
		}
	}
}

// layersOf is an origin and what it has overridden, the last first.
func layersOf(o yamldoc.Origin) string {
	var layers []string
	for next := &o; next != nil; next = next.Overrode {
		layers = append(layers, fmt.Sprintf("%s %s", next.Layer, next.Text))
	}
	return strings.Join(layers, ", ")
}
