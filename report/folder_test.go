package report

import (
	"strings"
	"testing"
)

// TestFilesAreThoseOfThePlatform: what a platform reads names files as its checkout has them,
// and what people and our own programs read as the repository does.
func TestFilesAreThoseOfThePlatform(t *testing.T) {
	t.Parallel()
	const own, theirs = "services/billing/manifest.yml", "deploy/a fleet/services/billing/manifest.yml"
	want := map[string]string{
		"github": "file=" + theirs + ",line=14,", "azure": "sourcepath=" + theirs + ";linenumber=14;",
		"sarif": `"uri":"deploy/a%20fleet/` + own + `"`, "gitlab": `"path":"` + theirs + `"`, "rdjson": `"path":"` + theirs + `"`,
		"checkstyle": `name="` + theirs + `"`, "junit": `file="` + theirs + `"`,
	}
	for _, f := range Formats() {
		got := strings.ReplaceAll(string(written(t, f, kinds(), Options{Folder: "deploy/a fleet"})), `": "`, `":"`)
		switch part, reads := want[f.Name]; {
		case reads && !strings.Contains(got, part):
			t.Errorf("%s lacks %q:\n%s", f.Name, part, got)
		case !reads && strings.Contains(got, theirs):
			t.Errorf("%s names files as the platform does", f.Name)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("there are no formats %v", want)
	}
}
