package worker

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/tasks"
)

// maxRecipes is how many recipes a worker remembers.
const maxRecipes = 16

// recipes are those of the last tasks, for tasks of a run have few. They are safe for concurrent use.
type recipes struct {
	mu     sync.Mutex
	recent []*recipe // the last used ones last
}

// recipe is one with what its units were.
type recipe struct {
	*cache.Recipe
	of      ingredients
	regions []string

	folders, files atomic.Bool // there was one
}

// ingredients are what a recipe is made of beside the regions that a task asks about.
type ingredients struct {
	opening  int64 // of the checks
	shared   id.Digest
	limit    time.Duration
	maxBytes int
}

// of is the recipe of a task whose checks are open.
func (r *recipes) of(all check.All, t tasks.Task) *recipe {
	of := ingredients{all.Opening(), t.Shared, t.Timeout(), t.Cache.MaxBytes}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.recent, func(known *recipe) bool { return known.of == of && slices.Equal(known.regions, t.Regions) })
	if at >= 0 {
		known := r.recent[at]
		r.recent = append(slices.Delete(r.recent, at, at+1), known)
		return known
	}
	if len(r.recent) >= maxRecipes {
		r.recent = slices.Delete(r.recent, 0, 1)
	}
	made := &recipe{Recipe: cache.NewRecipe(all.Facts(), t.Shared, t.Regions, t.Timeout(), t.Cache.MaxBytes), of: of, regions: t.Regions}
	r.recent = append(r.recent, made)
	return made
}

// note says whether a unit was one file, and no folder.
func (r *recipe) note(file bool) {
	if was := r.was(file); !was.Load() {
		was.Store(true)
	}
}

func (r *recipe) was(file bool) *atomic.Bool {
	if file {
		return &r.files
	}
	return &r.folders
}

// mayBe says whether the next unit may be one file, or a folder: as those before, which mostly are all the same.
func (r *recipe) mayBe(file bool) bool { return r.was(file).Load() || !r.was(!file).Load() }
