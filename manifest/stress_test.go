package manifest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLargeManifestsAreDecidedSoon: an eighth of a megabyte of anything takes a
// second or so, whatever is in it.
func TestLargeManifestsAreDecidedSoon(t *testing.T) {
	t.Parallel()
	const most = 1 << 17
	numbered := func(head, line string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < most; i++ {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	secrets := numbered("env:\n", "  S%d: IN_VAULT\n")
	tests := map[string]string{
		"unknown keys":       numbered("", "key%d: x\n"),
		"custom metadata":    numbered("metadata:\n  team: sq\n", "  key%d: x\n"),
		"labels":             numbered("labels:\n", "  key%d: x\n"),
		"dependencies":       numbered("dependencies:\n", "- name: d%d\n"),
		"faulty templates":   numbered("env:\n", "  A%d: \"{{ nope }}\"\n"),
		"faults in one text": "env:\n  A: |\n" + strings.Repeat("    {{ nope }}\n", 7*most/16),
		"mounts":             numbered("volumeMounts:\n", "- {name: v%d, mountPath: /x}\n"),
		"an unclosed list":   numbered("command: [\n", "  a%d,\n"),
		"one long line":      "command: [" + strings.Repeat("a: ", most/3),
		"brackets":           "command: " + strings.Repeat("[", most),
		"containers, secret": secrets[:most/2] + "\nsidecars:\n- &s {name: s, preserveEnv: true}\n" + strings.Repeat("- *s\n", 2000),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := exampleRepo(t).lay(text)
			start := time.Now()
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if _, err := r.open(t).Check(ctx, r.unit(t, "svc"), []string{"dev-uk"}); err != nil {
				t.Error(err)
			}
			t.Log(time.Since(start))
		})
	}
}

// TestSessionServesSeveralAtOnce checks with one session from several
// goroutines, which share its templates and defaults.
func TestSessionServesSeveralAtOnce(t *testing.T) {
	t.Parallel()
	r := exampleRepo(t).lay("-- shipcat.conf --\ndefaults: {imagePrefix: a, chart: base, replicaCount: 1, env: {A: \"{{ nope }}\"}}\n" +
		"-- services/svc/manifest.yml --\n" + twoRegions + "configs: {mount: /c/, files: [{name: shared.j2, dest: a}]}\n")
	s, unit := r.open(t), r.unit(t, "svc")
	said := make([]string, 8)
	var all sync.WaitGroup
	for i := range said {
		all.Go(func() {
			d, err := s.Check(context.Background(), unit, s.Regions())
			said[i] = fmt.Sprintf("%s%v %v", say(d.Findings), d.Claims, err)
		})
	}
	all.Wait()
	for i, got := range said {
		if got != said[0] || !strings.Contains(got, ruleUndefined.Code) {
			t.Errorf("check %d said %s; the first said %s", i, got, said[0])
		}
	}
}
