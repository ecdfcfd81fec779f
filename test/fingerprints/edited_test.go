package fingerprints

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const repository = `-- muster.yaml --
muster: 1
units:
  app:
    at: apps/*/
    checks:
      - {schema: app.json, in: app.yaml}
      - {rule: self.cpu < 2, each: "workers[*]", in: app.yaml, id: app/cpu, help: take less}
      - {exists: "needs[*]", in: app.yaml, as: app}
-- app.json --
{"required": ["team"], "properties": {"port": {"type": "integer"}, "tags": {"items": {"type": "string"}}}}
-- apps/web/app.yaml --
port: x
workers:
- name: mail
  cpu: 4
- id: 7
  cpu: 3
- cpu: 2
tags:
- 1
needs: [nosuch]
`

// prints are the fingerprints of all that is found in a repository, sorted.
func prints(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	for _, f := range found(t, laid(t, txtar.Parse([]byte(text)))) {
		all = append(all, f.Fingerprint)
	}
	slices.Sort(all)
	return all
}

// TestWorkOnAFileKeepsFingerprints: whatever is done to files beside what was found in them, it
// is found again. Renaming the unit, or a rule, makes others of all, or of the rule's.
func TestWorkOnAFileKeepsFingerprints(t *testing.T) {
	t.Parallel()
	before := prints(t, repository)
	if len(before) != 7 {
		t.Fatalf("%d findings", len(before))
	}
	for _, tt := range []struct {
		name     string
		old, new string
		gone     int // of those before
		more     int // that were not there
	}{
		{"a comment at the top", "port: x", "# one\n\n# two\nport: x", 0, 0},
		{"comments in between", "  cpu: 4", "\n  # a mail is heavy\n  cpu: 4 # four", 0, 0},
		{"other keys above", "port: x", "a: 1\nb: {c: 1}\nport: x", 0, 0},
		{"a key that moves", "tags:\n- 1\nneeds: [nosuch]\n", "needs: [nosuch]\ntags:\n- 1\n", 0, 0},
		{"another layout", "- id: 7\n  cpu: 3\n", "- {cpu: 3, id: 7}\n", 0, 0},
		{"an item above", "workers:\n", "workers:\n- {name: db, cpu: 1}\n", 0, 0},
		{"items in another order", "- name: mail\n  cpu: 4\n- id: 7\n  cpu: 3\n", "- id: 7\n  cpu: 3\n- name: mail\n  cpu: 4\n", 0, 0},
		{"an item of a list of texts above", "tags:\n", "tags:\n- a\n", 0, 0},
		{"another need above", "needs: [nosuch]", "needs: [web, nosuch]", 0, 0},
		{"another value that is wrong", "port: x", "port: y", 0, 0},
		{"another help", "help: take less", "help: take fewer", 0, 0},
		{"another severity", "id: app/cpu,", "id: app/cpu, severity: warning,", 0, 0},
		{"one mistake more of a kind", "- cpu: 2\n", "- cpu: 2\n- cpu: 9\n", 0, 1},
		{"a mistake in a named item", "workers:\n", "workers:\n- {name: db, cpu: 8}\n", 0, 1},
		{"an item's name", "name: mail", "name: post", 1, 1},
		{"what is needed", "needs: [nosuch]", "needs: [nobody]", 1, 1},
		{"one that is mended", "port: x", "port: 1", 1, 0},
		{"the rule's id", "id: app/cpu", "id: app/load", 3, 3},
		{"the unit's name", "-- apps/web/", "-- apps/shop/", 7, 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			edited := strings.Replace(repository, tt.old, tt.new, 1)
			if edited == repository {
				t.Fatal("nothing is edited")
			}
			after := prints(t, edited)
			gone := slices.DeleteFunc(slices.Clone(before), func(p string) bool { return slices.Contains(after, p) })
			more := slices.DeleteFunc(slices.Clone(after), func(p string) bool { return slices.Contains(before, p) })
			if len(gone) != tt.gone || len(more) != tt.more {
				t.Errorf("%d of %d are gone, and %d are new; want %d and %d", len(gone), len(before), len(more), tt.gone, tt.more)
			}
		})
	}
}
