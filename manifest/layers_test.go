package manifest

import (
	"strings"
	"testing"
)

// TestAFindingNamesTheLayersBelow: whoever mends a value has to know that another layer sets it,
// too, and to what.
func TestAFindingNamesTheLayersBelow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, layers, rule, want string }{
		{"a default of the configuration", "-- services/svc/manifest.yml --\nreplicaCount: 0\n",
			"replica-count", "shipcat.conf:31:55 defaults.replicaCount overrides what is set here: 1"},
		{"every layer", "-- services/svc/manifest.yml --\nreplicaCount: 2\n-- services/svc/dev.yml --\nreplicaCount: 3\n-- services/svc/dev-uk.yml --\nreplicaCount: 0\n",
			"replica-count", "services/svc/dev.yml:1:15 replicaCount overrides what is set here: 3; services/svc/manifest.yml:8:15 replicaCount overrides what is set here: 2; " +
				"shipcat.conf:31:55 defaults.replicaCount overrides what is set here: 1"},
		{"a part of what was replaced as a whole", "-- services/svc/manifest.yml --\nresources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}\n" +
			"-- services/svc/dev-uk.yml --\nresources: {requests: {cpu: 3, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}\n",
			"request-above-limit", "services/svc/manifest.yml:5:29 resources.requests.cpu overrides what is set here: 1"},
		{"no layer", "-- services/svc/manifest.yml --\nresources: {requests: {cpu: 3, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}\n", "request-above-limit", ""},
	} {
		r := exampleRepo(t).lay("-- shipcat.conf --\ndefaults: {imagePrefix: a, chart: base, replicaCount: 1}\n" + c.layers)
		var got []string
		for _, f := range r.check(t, "svc").Findings {
			if f.Name != c.rule {
				continue
			}
			var all []string
			for _, o := range f.Related {
				all = append(all, o.Place.String()+" "+o.Path+" "+o.Text)
			}
			got = append(got, strings.Join(all, "; "))
		}
		if strings.Join(got, " / ") != c.want {
			t.Errorf("%s: the finding speaks of %q, want %q", c.name, got, c.want)
		}
	}
}
