package sandbox

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	play() // where this process is a program in the sandbox
	goleak.VerifyTestMain(m)
}

// newBox is a box that the test closes.
func newBox(t testing.TB) *Box {
	t.Helper()
	b, err := New(Options{Base: base(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// job is one that runs a program of the machine.
func job(argv ...string) Job {
	return Job{
		Argv: argv, Env: []string{"PATH=/usr/bin:/bin"}, Read: DefaultRead(),
		Limits: Limits{Time: 20 * time.Second, Memory: 256 << 20, Disk: 8 << 20, Output: 1 << 20, Processes: 32},
	}
}

// with is a job with files in its folder.
func with(j Job, files fstest.MapFS) Job {
	var names []string
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	j.Files = append(j.Files, Tree{Files: files, Names: names})
	return j
}

func mustExit(t testing.TB, b *Box, j Job) Result {
	t.Helper()
	r, err := b.Run(context.Background(), j)
	if err != nil || r.Ending != Exited || r.Exit != 0 {
		t.Fatalf("%q: %+v, %v\n%s%s", j.Argv, r, err, r.Stdout, r.Stderr)
	}
	return r
}

func base(t testing.TB) string { return "" }
func play()                    {}
