package kept

import (
	"slices"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/fleet/worktree"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/genfleet"
	"github.com/seed306eabeb/muster/test/redistest"
)

// mostBytes is what a kept verdict may take of Redis's memory in the middle of a fleet, with its key and
// all that Redis needs for it.
const mostBytes = 600

// TestWhatAVerdictTakes: Redis tells it of each verdict of a fleet that is like a real one.
func TestWhatAVerdictTakes(t *testing.T) {
	t.Parallel()
	services := 2000
	if testing.Short() {
		services = 200
	}
	dir := t.TempDir()
	_, err := genfleet.Write(dir, genfleet.Options{Services: services, Bad: 0.2, Seed: 1})
	must(t, err)
	what, err := config.Load(dir, config.Builtin())
	must(t, err)
	tree, err := worktree.Open(dir, what.Layout)
	must(t, err)
	defer tree.Close()
	s, err := scope.Scope{Fleet: tree, Checks: what.Checks, Mistakes: what.Findings, Locate: what.Locate}.Resolve(t.Context())
	must(t, err)
	conn := redistest.Dial(t, redistest.Server(t)).Plain()
	store := rediscache.New(conn, time.Hour)
	kind := s.Of(0)
	recipe := cache.NewRecipe(kind.Session.Facts(), kind.Shared.Digest(), s.Regions, 30*time.Second, fleet.MostUnit)
	writer := cache.Writer{Store: store, By: "ci-runner-4f6b9c-17-3f9a1c", Domain: func() cache.Domain { return cache.Domain{Name: "main"} }}
	now := time.Now()
	var questions []cache.Question
	for unit, err := range tree.Units(t.Context()) {
		must(t, err)
		files, _, err := tree.Unit(t.Context(), unit)
		must(t, err)
		path := what.Layout.Path(unit)
		v, err := kind.Session.Decide(t.Context(), check.Request{Unit: unit, Path: path, Files: files, Regions: s.Regions, Limit: time.Minute})
		must(t, err)
		q := cache.Question{Recipe: recipe, Unit: cache.Unit{Unit: unit, Path: path, Digests: recipe.Digests(files)}}
		items, err := writer.Made(q, v, nil, map[string]time.Duration{"manifest": 700 * time.Microsecond}, now)
		must(t, err)
		must(t, writer.Keep(t.Context(), cache.Verdicts, items))
		contents, err := writer.ContentsOf(recipe, files, blob.SHA1)
		must(t, err)
		must(t, writer.Keep(t.Context(), cache.Contents, contents))
		questions = append(questions, q)
	}
	var sizes []int
	total, content := 0, 0
	must(t, store.Each(t.Context(), func(f cache.Found) error {
		if f.Space == cache.Contents {
			content = f.Bytes // of which one is as large as the other
		} else {
			sizes, total = append(sizes, f.Bytes), total+f.Bytes
		}
		return nil
	}))
	slices.Sort(sizes)
	if len(sizes) != services {
		t.Fatalf("%d of %d verdicts are kept", len(sizes), services)
	}
	median := sizes[len(sizes)/2]
	t.Logf("a verdict takes %d B in the median, %d B at most in 99 of 100, %d B on average, and a content %d B", median, sizes[len(sizes)*99/100], total/len(sizes), content)
	if median > mostBytes {
		t.Errorf("a verdict takes %d B in the median, and may take %d", median, mostBytes)
	}
	l, err := cache.NewLookup(t.Context(), store, "main")
	must(t, err)
	l.Bad = func(err error) { t.Error(err) }
	begun := time.Now()
	hits, err := l.Verdicts(t.Context(), questions)
	must(t, err)
	t.Logf("all are looked up in %s", time.Since(begun).Round(time.Millisecond))
	for i, h := range hits {
		if !h.Whole() {
			t.Fatalf("that of %s is not known", questions[i].Unit.Unit)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
