package yamldoc

import (
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	keys := []string{"name", "image", "imageSize", "replicaCount", "env", "health", "httpPort", "sidecars", "version", "chart", "command", "labels", "metadata"}
	tests := []struct {
		got        string
		candidates []string
		want       string
	}{
		{"replicacount", keys, `did you mean "replicaCount"?`},
		{"replicas", keys, `did you mean "replicaCount"?`},
		{"http_port", keys, `did you mean "httpPort"?`},
		{"enviro", keys, ""},
		{"sidecar", keys, `did you mean "sidecars"?`},
		{"xyz", keys, ""},
		{"helath", keys, `did you mean "health"?`},
		{"nmae", []string{"name", "path"}, `did you mean "name"?`},
		{"devuk", []string{"dev-uk", "dev-us"}, `did you mean "dev-uk"?`},
		{"prod", []string{"dev-uk", "dev-us"}, "one of dev-uk, dev-us"},
		{"", []string{"a", "b"}, "one of a, b"},
		{"a", nil, ""},
	}
	for _, tt := range tests {
		p := Meant(tt.got, tt.candidates, nil, func(best string) *verdict.Fix { return &verdict.Fix{New: best} })
		if help := p.Of(verdict.Finding{}).Help; help != tt.want {
			t.Errorf("%q: got %q; expected %q", tt.got, help, tt.want)
		}
	}
}
