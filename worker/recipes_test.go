package worker

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/tasks"
)

func opened(t *testing.T, m *memory) check.All {
	t.Helper()
	all, err := check.OpenAll(m.kinds, pack(t, "muster.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTasksShareARecipe that differ in nothing that decisions depend on, and others do not.
func TestTasksShareARecipe(t *testing.T) {
	t.Parallel()
	m := newMemory(t, check.Kinds{fact{name: "all", engine: "all-1"}}, "values.yaml")
	all, r := opened(t, m), &recipes{}
	first := r.of(all, m.task)
	if r.of(all, m.task) != first {
		t.Error("the same task has another recipe")
	}
	if r.of(opened(t, m), m.task) == first {
		t.Error("checks that were opened again have the recipe of those before")
	}
	for name, change := range map[string]func(*tasks.Task){
		"shared":  func(t *tasks.Task) { t.Shared = "0f" },
		"regions": func(t *tasks.Task) { t.Regions = []string{"north"} },
		"limit":   func(t *tasks.Task) { t.TimeoutMS++ },
		"bytes":   func(t *tasks.Task) { c := *t.Cache; c.MaxBytes++; t.Cache = &c },
	} {
		other := m.task
		if change(&other); r.of(all, other) == first {
			t.Errorf("a task of other %s has the same recipe", name)
		}
	}
	for range 2 * maxRecipes {
		r.of(opened(t, m), m.task)
	}
	if len(r.recent) != maxRecipes {
		t.Errorf("%d recipes are remembered", len(r.recent))
	}
}

// TestUnitsAreAskedForAsThoseBefore: as folders where there were no others. One that is something else is found
// all the same.
func TestUnitsAreAskedForAsThoseBefore(t *testing.T) {
	t.Parallel()
	var decided atomic.Int64
	kinds := check.Kinds{fact{name: "all", engine: "all-1", decided: &decided}}
	folder, file := newMemory(t, kinds, "values.yaml"), newMemory(t, kinds, "services/billing")
	file.store = &folder.Memory
	for _, m := range []*memory{folder, file} {
		if err := m.process(t); err != nil {
			t.Fatal(err)
		}
	}
	k := startKeeper(t.Context(), &CacheOptions{Store: &folder.Memory, Domain: "main"}, "w", nil, slog.New(slog.DiscardHandler))
	defer k.close(time.Second)
	all := opened(t, folder)
	for i, c := range []struct {
		*memory
		asked int
	}{{folder, 2}, {folder, 1}, {file, 1}, {file, 2}, {folder, 2}} {
		q := k.inquire(c.task)
		q.open(all)
		q.begin(t.Context())
		q.learn(t.Context(), c.files)
		if len(q.asked) != c.asked || !q.knows([]string{"all"}) {
			t.Errorf("task %d: %d keys were asked for before its files were there, want %d; known is %v", i, len(q.asked), c.asked, q.known)
		}
	}
}
