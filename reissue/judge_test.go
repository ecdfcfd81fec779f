package reissue

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed306eabeb/muster/tasks"
)

// TestJudge: of a task that no worker has begun, look after look, a second apart.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		looks []tasks.State
		lost  int // the look at which nobody will begin it; 0 for none
	}{
		{"it waits", []tasks.State{tasks.Pending, tasks.Pending, tasks.Retry, tasks.Pending}, 0},
		{"asynq does not have it", []tasks.State{tasks.Absent}, 1},
		{"asynq has given it up", []tasks.State{tasks.Pending, tasks.Archived}, 2},
		{"fetched, and not begun for long", []tasks.State{tasks.Active, tasks.Active, tasks.Active}, 3},
		{"fetched, and then begun or gone back", []tasks.State{tasks.Active, tasks.Active, tasks.Pending}, 0},
		{"fetched again after it had gone back", []tasks.State{tasks.Active, tasks.Active, tasks.Pending, tasks.Active, tasks.Active}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, a, lost := New(Options{Timing: Timing{Idle: 2 * time.Second}}), Attempt{"a", 1}, 0
				for i, s := range c.looks {
					idle, nobody := r.judge(a, s)
					if nobody && lost == 0 {
						lost = i + 1
					}
					if want := s == tasks.Active && !nobody; idle != want {
						t.Errorf("look %d: idle %v, want %v", i+1, idle, want)
					}
					time.Sleep(time.Second)
				}
				if lost != c.lost {
					t.Errorf("lost at look %d, want %d", lost, c.lost)
				}
			})
		})
	}
}
