//go:build amd64 || arm64

package sandbox

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// BenchmarkRun says what a job costs over a plain start of the same program: in time, and in
// CPU of this process and its children.
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
			before := cpu()
			for b.Loop() {
				run(b)
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

func cpu() (all time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		_ = syscall.Getrusage(who, &u)
		all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return all
}
