package manifest

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var wanted = regexp.MustCompile(`# want (\d+) (\S+)$`)

// TestTwelveMistakes: a service with twelve different mistakes has twelve
// findings, each at its place. The file says beside each mistake at which column
// which rule finds it.
func TestTwelveMistakes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/twelve/manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		line         int
		column, rule string
	}
	var want, got []place
	for i, line := range strings.Split(string(text), "\n") {
		if m := wanted.FindStringSubmatch(line); m != nil {
			want = append(want, place{i + 1, m[1], m[2]})
		}
	}
	if len(want) != 12 {
		t.Fatalf("the file marks %d mistakes, want 12", len(want))
	}
	r := exampleRepo(t)
	r["services/svc/manifest.yml"] = string(text)
	for _, f := range r.check(t, "svc").Findings {
		if f.File != "services/svc/manifest.yml" || f.Message == "" || f.Path == "" {
			t.Errorf("the finding %+v does not say what is wrong and where", f)
		}
		got = append(got, place{f.Line, strconv.Itoa(f.Column), f.Name})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(place{})); diff != "" {
		t.Errorf("findings (-marked +found):\n%s", diff)
	}
}
