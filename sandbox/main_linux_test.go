//go:build amd64 || arm64

package sandbox

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// base is a folder into which every user may look.
func base(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// play is what this process does as a program in the sandbox.
func play() {
	if len(os.Args) < 2 {
		return
	}
	switch os.Args[1] {
	case "try":
		tried(os.Args[2])
	case "memory":
		actMemory(os.Args[2])
	case "worker":
		actWorker(os.Args[2], os.Args[3])
	case "full":
		actFull(os.Args[2])
	case "whoami":
		fmt.Println(os.Geteuid())
		os.Exit(0)
	}
}
