//go:build amd64 || arm64

package sandbox

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
	"testing/fstest"
)

// BenchmarkRun says what a job costs over a plain start of the same program. What it takes of CPU says
// `perf stat -e task-clock`: nobody adds up what forked cells have taken.
func BenchmarkRun(b *testing.B) {
	box := newBox(b)
	thirty := fstest.MapFS{}
	for i := range 30 {
		thirty[fmt.Sprintf("templates/%02d.yaml", i)] = &fstest.MapFile{Data: make([]byte, 3<<10)}
	}
	for name, run := range map[string]func(b *testing.B){
		"plain": func(*testing.B) { _ = exec.Command("/bin/true").Run() },
		"walls": func(b *testing.B) { mustExit(b, box, job("/bin/true")) },
		"files": func(b *testing.B) { mustExit(b, box, with(job("/bin/true"), thirty)) },
		"without namespaces": func(b *testing.B) {
			m := box.means
			m.namespaces = false
			if r, err := box.run(context.Background(), job("/bin/true"), m); err != nil || r.Ending != Exited {
				b.Fatal(r, err)
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run(b)
			}
		})
	}
}
