//go:build amd64 || arm64

package sandbox

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/fstest"
)

// TestASpawnerIsKilled: its job is run once more by another one, whatever it was about to do; under a job that
// loses that one, too, there is an error; and the next job knows nothing of it.
func TestASpawnerIsKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		kills int
		want  error
	}{
		{"never", 0, nil},
		{"once", 1, nil},
		{"twice", 2, errLost},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			if !b.means.namespaces {
				return // it has none
			}
			mustExit(t, b, job("/bin/true"))
			before := spawnerOf(b)
			ended := make(chan error, 1)
			go func() {
				r, err := b.Run(context.Background(), with(job("/bin/sh", "-c", "sleep 2; cat unit/a"), fstest.MapFS{"unit/a": {Data: []byte("text")}}))
				if err == nil && (r.Ending != Exited || string(r.Stdout) != "text") {
					t.Errorf("%+v", r)
				}
				ended <- err
			}()
			killed := 0
			for range test.kills {
				within(t, "the program runs", func() bool {
					now := spawnerOf(b)
					return now != killed && len(descendants(now)) > 2
				})
				killed = spawnerOf(b)
				all := descendants(killed)
				_ = syscall.Kill(killed, syscall.SIGKILL)
				for _, pid := range all {
					within(t, "its program ends", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) })
				}
			}
			if err := <-ended; !errors.Is(err, test.want) {
				t.Errorf("%v; want %v", err, test.want)
			}
			mustExit(t, b, job("/bin/true"))
			if now := spawnerOf(b); (now == before) != (test.kills == 0) {
				t.Errorf("the spawner %d has become %d", before, now)
			}
		})
	}
}

// TestASpawnerIsKilledBetweenJobs: nobody hears of it.
func TestASpawnerIsKilledBetweenJobs(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if !b.means.namespaces {
		return
	}
	for range 20 {
		mustExit(t, b, job("/bin/true"))
		_ = syscall.Kill(spawnerOf(b), syscall.SIGKILL)
	}
}

// spawnerOf is the process that starts the programs of a box.
func spawnerOf(b *Box) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.spawners[false]; s != nil {
		return s.process.Pid
	}
	return 0
}

// TestManyAtOnce get what is theirs from one spawner.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				r := mustExit(t, b, with(job("/bin/sh", "-c", "cat *; echo $0 >&2", name), fstest.MapFS{name: {Data: []byte(name + "\n")}}))
				if want := name + "\n"; string(r.Stdout) != want || string(r.Stderr) != want {
					t.Fatalf("%q, %q", r.Stdout, r.Stderr)
				}
			}
		})
	}
}
