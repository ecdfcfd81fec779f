package manifest

import (
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// twoBytes is an ASCII text in UTF-16, the lower byte first.
func twoBytes(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteByte(text[i])
		b.WriteByte(0)
	}
	return b.String()
}

// TestEveryFileIsText: the rule is one for all files that are read.
func TestEveryFileIsText(t *testing.T) {
	t.Parallel()
	const uses = "-- services/svc/manifest.yml --\nconfigs: {mount: /c/, files: [{name: a.j2, dest: a}]}\n"
	template := uses + "-- services/svc/a.j2 --\nx\n"
	shared := uses + "-- templates/a.j2 --\nx\n"
	for file, example := range map[string]string{
		"services/svc/manifest.yml": "{}\n",
		"services/svc/dev.yml":      "-- services/svc/dev.yml --\n{}\n",
		"services/svc/dev-uk.yml":   "-- services/svc/dev-uk.yml --\n{}\n",
		"services/svc/a.j2":         template,
		"templates/a.j2":            shared,
		"shipcat.conf":              "{}\n",
		"teams.yml":                 "{}\n",
	} {
		for name, text := range map[string]string{
			"Latin-1":      "# caf\xe9 {{ nope }}\n",
			"UTF-16":       "\xff\xfe" + twoBytes("# {{ nope }}\n"),
			"UTF-16 alone": twoBytes("# {{ nope }}\n"),
		} {
			r := exampleRepo(t).lay(example)
			r[file] = text
			s := r.open(t)
			found := s.Findings()
			if !verdict.HasError(found) {
				found = r.check(t, "svc").Findings
			}
			if got := say(found); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "M108 "+file+":1:") {
				t.Errorf("%s in %s: got %q", file, name, got)
			}
		}
	}
}
