//go:build amd64 || arm64

package sandbox

import (
	"context"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
)

// TestProcessorsAreShared: a program is told how many processors are its own, by how many jobs run when it begins.
func TestProcessorsAreShared(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.shared.all = func() int { return 8 }
	told := func() string {
		j := job("/bin/sh", "-c", `echo "$JOBS of $ALL"`)
		j.Env = append(j.Env, "JOBS="+ProcessorsPlace, "ALL={all}")
		return string(mustExit(t, b, j).Stdout)
	}
	var held sync.WaitGroup
	var release []chan struct{}
	for _, want := range []string{"8", "4", "2", "2", "1", "1", "1", "1", "1", "1"} {
		if got := told(); got != want+" of {all}\n" {
			t.Errorf("beside %d jobs: %q, want %s", len(release), got, want)
		}
		gate := gated{MapFS: fstest.MapFS{"a": {}}, reached: make(chan struct{}), open: make(chan struct{})}
		release = append(release, gate.open)
		j := job("/bin/true")
		j.Files = []Tree{{Files: gate, Names: []string{"a"}}}
		held.Go(func() {
			if _, err := b.Run(context.Background(), j); err != nil {
				t.Error(err)
			}
		})
		<-gate.reached
	}
	for _, open := range release {
		close(open)
	}
	held.Wait()
	if got := told(); got != "8 of {all}\n" {
		t.Errorf("when the others have ended: %q", got)
	}
}

// gated are files of a job that begins and goes on only when it may.
type gated struct {
	fstest.MapFS
	reached, open chan struct{}
}

func (g gated) Open(name string) (fs.File, error) {
	select {
	case <-g.open:
	case g.reached <- struct{}{}:
		<-g.open
	}
	return g.MapFS.Open(name)
}

func (g gated) Stat(name string) (fs.FileInfo, error) {
	file, err := g.Open(name)
	if err != nil {
		return nil, err
	}
	return file.Stat()
}
