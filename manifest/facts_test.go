package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed306eabeb/muster/verdict"
)

// decided is the decision about the service of the example repository with other files in it. A
// text that begins with + is added to the file.
func decided(t *testing.T, files map[string]string) verdict.Decision {
	t.Helper()
	r := exampleRepo(t)
	for name, text := range files {
		if more, added := strings.CutPrefix(text, "+"); added {
			text = r[name] + more
		}
		r[name] = text
	}
	if found := r.open(t).Findings(); len(found) > 0 {
		t.Fatal(found)
	}
	return r.check(t, "svc")
}

func marksOf(d verdict.Decision) string {
	var all []string
	for _, m := range d.Marks {
		all = append(all, fmt.Sprintf("%s:%d %s %d-%d %s", m.Place.File, m.Line, strings.Join(m.Rules, ","), m.First, m.Last, m.Path))
	}
	return strings.Join(all, "\n")
}

// TestMarksOfWhatIsRead: a service has the marks of its own files, and those of the shared ones
// in which a finding of it stands.
func TestMarksOfWhatIsRead(t *testing.T) {
	t.Parallel()
	d := decided(t, map[string]string{
		"services/svc/manifest.yml": "+" + `configs: {mount: /config/, files: [{name: own.j2, dest: a}, {name: broken.j2, dest: b}, {name: fine.j2, dest: c}]}
# muster:ignore M704 the job is paused
cronJobs:
- name: nightly
  schedule: never
`,
		"services/svc/dev-uk.yml": "# muster:ignore-file M7* a trial\nenv: {A: b}\n",
		"services/svc/own.j2":     "{# muster:ignore M502 set by hand #}\n{{ nothing }}\n",
		"services/svc/unused.j2":  "{# muster:ignore M502 nobody reads this #}\n{{ nothing }}\n",
		"templates/broken.j2":     "{{ nothing }} {# muster:ignore M502 set by hand #}\n",
		"templates/fine.j2":       "{# muster:ignore M502 nothing is found here #}\nfine\n",
	})
	want := "services/svc/dev-uk.yml:1 M7* 0-0 \nservices/svc/manifest.yml:9 M704 10-12 cronJobs\nservices/svc/own.j2:1 M502 2-2 \ntemplates/broken.j2:1 M502 1-1 "
	if got := marksOf(d); got != want {
		t.Errorf("%s\nwant\n%s\n%v", got, want, d.Findings)
	}
}

// TestMarksOfABrokenManifest: what cannot be read says all the same what it wants hidden.
func TestMarksOfABrokenManifest(t *testing.T) {
	t.Parallel()
	d := decided(t, map[string]string{"services/svc/manifest.yml": "a: [1 # muster:ignore M101 in work\nb: 2\n"})
	if got := marksOf(d); got != "services/svc/manifest.yml:1 M101 1-1 " || len(d.Findings) == 0 {
		t.Errorf("%s, of %v", got, d.Findings)
	}
}

// TestMarksOfSharedConfiguration: a service is judged by its inherited settings, at their place.
func TestMarksOfSharedConfiguration(t *testing.T) {
	t.Parallel()
	text := strings.Replace(exampleRepo(t)[confFile], "  replicaCount: 2\n", "  env: {A: \"{{ nothing }}\"} # muster:ignore M502 set by hand\n", 1)
	with, without := decided(t, map[string]string{confFile: text}), decided(t, map[string]string{confFile: strings.Replace(text, "{{ nothing }}", "x", 1)})
	if got := marksOf(with); !strings.HasPrefix(got, confFile) || !strings.HasSuffix(got, " defaults.env") || len(without.Marks) > 0 {
		t.Errorf("%s, and without a finding %s", got, marksOf(without))
	}
}

// TestItemsAreFoundByName: findings in each layer are known by the names of what they are about.
func TestItemsAreFoundByName(t *testing.T) {
	t.Parallel()
	d := decided(t, map[string]string{
		"services/svc/manifest.yml": "+" + "cronJobs:\n- {name: nightly, schedule: never}\nhostAliases: [{ip: 10.0.0.01, hostnames: [a]}]\n",
		"services/svc/dev-uk.yml":   "dependencies: [{name: other, api: x}]\n",
	})
	got := map[string]string{}
	for _, f := range d.Findings {
		if f.Named != "" {
			got[f.Rule+" "+f.File+" "+f.Path] = f.Named
		}
	}
	for at, want := range map[string]string{
		"M704 services/svc/manifest.yml cronJobs[0].schedule": "cronJobs[name=nightly].schedule",
		"M432 services/svc/manifest.yml hostAliases[0].ip":    "hostAliases[].ip",
		"M431 services/svc/dev-uk.yml dependencies[0].api":    "dependencies[name=other].api",
	} {
		if got[at] != want {
			t.Errorf("%s is named %q, want %q", at, got[at], want)
		}
	}
	if t.Failed() {
		t.Logf("%+v", d.Findings)
	}
}

// TestIdentities: items of lists of texts, and variables of templates, are known by their text.
func TestIdentities(t *testing.T) {
	t.Parallel()
	d := decided(t, map[string]string{
		"services/svc/manifest.yml": "+" + "configs: {mount: /config/, files: [{name: own.j2, dest: a}]}\n",
		"services/svc/own.j2":       "{{ one }}\n{{ two }}\n{{ region | shout }}\n",
	})
	got := map[string]bool{}
	for _, f := range d.Findings {
		got[f.Rule+" "+f.Identity] = true
	}
	for _, want := range []string{"M502 one", "M502 two", "M503 shout"} {
		if !got[want] {
			t.Errorf("no finding is known as %s: %v", want, got)
		}
	}
	d = decided(t, map[string]string{"services/svc/manifest.yml": strings.Replace(exampleRepo(t)["services/svc/manifest.yml"], "regions: [", "regions: [mars, ", 1)})
	if len(d.Findings) != 1 || d.Findings[0].Identity != "mars" || d.Findings[0].Named != "regions[]" {
		t.Errorf("%+v", d.Findings)
	}
}

// TestOwner: a service belongs to the team that its manifest names, whether or not teams.yml has it.
func TestOwner(t *testing.T) {
	t.Parallel()
	for team, want := range map[string]string{"sq": "sq", "nobody": "nobody", "[x]": "", "\"\"": ""} {
		text := strings.Replace(exampleRepo(t)["services/svc/manifest.yml"], "team: sq", "team: "+team, 1)
		if got := decided(t, map[string]string{"services/svc/manifest.yml": text}).Owner; got != want {
			t.Errorf("team: %s belongs to %q, want %q", team, got, want)
		}
	}
}
