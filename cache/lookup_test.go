package cache_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/verdict"
)

func pack(t *testing.T, files ...string) bundle.Bundle {
	t.Helper()
	var all []bundle.Entry
	for _, f := range files {
		name, text, _ := strings.Cut(f, "=")
		all = append(all, bundle.Entry{Path: name, Data: []byte(text)})
	}
	b, err := bundle.New(all)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// facts are those of a check that reads all and of one that reads the chart alone.
func facts() []check.Facts {
	return []check.Facts{
		{Check: "all", Engine: "all-1", Shared: "shared", Regions: []string{"north", "south"}},
		{Check: "chart", Engine: "chart-1", Shared: "none", Reads: func(file string) bool { return strings.HasPrefix(file, "chart/") }},
	}
}

func recipe(all []check.Facts) *cache.Recipe {
	return cache.NewRecipe(all, "shared", []string{"south"}, time.Second, 1<<20)
}

// world is a store, whoever writes in its domain main, and a unit.
type world struct {
	store  cachetest.Memory
	writer cache.Writer
	now    time.Time
}

func newWorld() *world {
	w := &world{now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	w.writer = cache.Writer{Store: &w.store, By: "worker-1", Domain: func() cache.Domain { return cache.Domain{Name: "main"} }}
	return w
}

func question(r *cache.Recipe, files bundle.Bundle) cache.Question {
	return cache.Question{Recipe: r, Unit: cache.Unit{Unit: "billing", Path: "services/billing", Digests: r.Digests(files)}}
}

// decided is a verdict in which each check has decided.
func decided(q cache.Question) verdict.Verdict {
	var parts []verdict.Part
	for _, c := range q.Checks {
		parts = append(parts, verdict.Part{Check: c.Check, Engine: c.Engine, Decision: verdict.Decision{Regions: []string{}, Owner: "by " + c.Check}})
	}
	return q.Subject(q.Unit).Of(parts...)
}

// keep writes what is decided.
func (w *world) keep(t *testing.T, q cache.Question, v verdict.Verdict, known map[string]verdict.Part) (items []cache.Item) {
	t.Helper()
	items, err := w.writer.Made(q, v, known, map[string]time.Duration{"all": time.Millisecond}, w.now)
	if err == nil {
		err = w.writer.Keep(t.Context(), cache.Verdicts, items)
	}
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// ask looks one unit up in domains.
func (w *world) ask(t *testing.T, q cache.Question, domains ...string) cache.Hit {
	t.Helper()
	l, err := cache.NewLookup(t.Context(), &w.store, domains...)
	if err != nil {
		t.Fatal(err)
	}
	l.Bad = func(err error) { t.Error(err) }
	hits, err := l.Verdicts(t.Context(), []cache.Question{q})
	if err != nil {
		t.Fatal(err)
	}
	return hits[0]
}

func TestWhatWasDecidedIsKnown(t *testing.T) {
	t.Parallel()
	w, q := newWorld(), question(recipe(facts()), pack(t, "values.yaml=1", "chart/x=2"))
	v := decided(q)
	if w.ask(t, q, "main").Whole() {
		t.Fatal("it is known before it was decided")
	}
	w.keep(t, q, v, nil)
	hit := w.ask(t, q, "pr", "main")
	if !hit.Whole() || !hit.Oldest().Equal(w.now) || hit.Entries[0].Micros != 1000 || hit.Entries[0].By != "worker-1" {
		t.Fatalf("the hit is %+v", hit)
	}
	if diff := cmp.Diff(v, hit.Verdict(q)); diff != "" {
		t.Errorf("the verdict (-decided +known):\n%s", diff)
	}
	if w.ask(t, q, "pr").Whole() {
		t.Error("who does not trust the domain gets its entries")
	}
	w.store.Disown("main", "again")
	if w.ask(t, q, "main").Whole() {
		t.Error("it is known after the domain was disowned")
	}
}

// TestEachCheckIsKnownByItself: what one check does not read costs it nothing.
func TestEachCheckIsKnownByItself(t *testing.T) {
	t.Parallel()
	w, before := newWorld(), question(recipe(facts()), pack(t, "values.yaml=1", "chart/x=2"))
	w.keep(t, before, decided(before), nil)
	known := func(q cache.Question) (names []string) {
		for name := range w.ask(t, q, "main").Parts() {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	change := func(f func(all []check.Facts)) *cache.Recipe {
		all := facts()
		f(all)
		return recipe(all)
	}
	same := pack(t, "values.yaml=1", "chart/x=2")
	for name, c := range map[string]struct {
		q    cache.Question
		want []string
	}{
		"the same":          {question(recipe(facts()), same), []string{"all", "chart"}},
		"the values":        {question(recipe(facts()), pack(t, "values.yaml=2", "chart/x=2")), []string{"chart"}},
		"the chart":         {question(recipe(facts()), pack(t, "values.yaml=1", "chart/x=3")), nil},
		"shared files":      {question(change(func(all []check.Facts) { all[0].Shared = "others" }), same), []string{"chart"}},
		"an engine":         {question(change(func(all []check.Facts) { all[1].Engine = "chart-2" }), same), []string{"all"}},
		"no engine":         {question(change(func(all []check.Facts) { all[1].Engine = "" }), same), []string{"all"}},
		"impure":            {question(change(func(all []check.Facts) { all[0].Impure = true }), same), []string{"chart"}},
		"other regions":     {question(cache.NewRecipe(facts(), "shared", []string{"north"}, time.Second, 1<<20), same), []string{"chart"}},
		"another limit":     {question(cache.NewRecipe(facts(), "shared", []string{"south"}, time.Minute, 1<<20), same), nil},
		"more bytes":        {question(cache.NewRecipe(facts(), "shared", []string{"south"}, time.Second, 2<<20), same), nil},
		"an unknown region": {question(cache.NewRecipe(facts(), "shared", []string{"south", "moon"}, time.Second, 1<<20), same), []string{"all", "chart"}},
	} {
		if got := known(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: known are %q, want %q", name, got, c.want)
		}
	}
	after := question(recipe(facts()), pack(t, "values.yaml=2", "chart/x=2"))
	parts := w.ask(t, after, "main").Parts()
	if items := w.keep(t, after, decided(after), parts); len(items) != 1 {
		t.Errorf("%d decisions are kept of one that was made", len(items))
	}
}

func TestOnlyWhatWasDecidedIsKept(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*verdict.Part){
		"failed":         func(p *verdict.Part) { p.Failure = "it took too long" },
		"impure":         func(p *verdict.Part) { p.Impure = true },
		"another engine": func(p *verdict.Part) { p.Engine = "all-0" },
		"another check":  func(p *verdict.Part) { p.Check = "none" },
	} {
		w, q := newWorld(), question(recipe(facts()[:1]), pack(t, "f"))
		v := decided(q)
		change(&v.Parts[0])
		if items := w.keep(t, q, v, nil); len(items) != 0 {
			t.Errorf("%s: it is kept", name)
		}
	}
}

func TestContentsLeadToDigests(t *testing.T) {
	t.Parallel()
	w, r := newWorld(), recipe(facts())
	files := pack(t, "values.yaml=1", "chart/x=2")
	for _, f := range []blob.Format{blob.SHA1, blob.SHA256} {
		items, err := w.writer.ContentsOf(r, files, f)
		if err == nil {
			err = w.writer.Keep(t.Context(), cache.Contents, items)
		}
		if err != nil {
			t.Fatal(err)
		}
		named, err := blob.Of(files, f)
		if err != nil {
			t.Fatal(err)
		}
		l, err := cache.NewLookup(t.Context(), &w.store, "pr", "main")
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Contents(t.Context(), append(r.Names(named), cache.Key{}))
		want := []string{string(files.Digest()), string(r.Digests(files)[1]), ""}
		if err != nil || !slices.Equal(got, want) || got[0] == got[1] {
			t.Errorf("%s: the digests are %q, want %q (%v)", f, got, want, err)
		}
	}
}

// TestADisownedDomainKnowsNoContents: what leads to wrong bytes is as bad as a wrong decision.
func TestADisownedDomainKnowsNoContents(t *testing.T) {
	t.Parallel()
	w, r, files := newWorld(), recipe(facts()), pack(t, "f")
	salt := ""
	w.writer.Domain = func() cache.Domain { return cache.Domain{Name: "main", Salt: salt} }
	named, err := blob.Of(files, blob.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	keep := func() {
		items, err := w.writer.ContentsOf(r, files, blob.SHA1)
		if err == nil {
			err = w.writer.Keep(t.Context(), cache.Contents, items)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	knows := func(when string, want bool) {
		l, err := cache.NewLookup(t.Context(), &w.store, "main")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Contents(t.Context(), r.Names(named)); err != nil || (got[0] != "") != want {
			t.Errorf("%s: the contents are %q, %v", when, got, err)
		}
	}
	keep()
	knows("before", true)
	salt = "again"
	w.store.Disown("main", salt)
	knows("disowned", false)
	keep()
	knows("kept anew", true)
}

// TestBytesThatNobodyWroteAreTold: and are as if nothing were there.
func TestBytesThatNobodyWroteAreTold(t *testing.T) {
	t.Parallel()
	w, q := newWorld(), question(recipe(facts()), pack(t, "f"))
	items := w.keep(t, q, decided(q), nil)
	name := cache.Key{7}
	items[0].Value[len(items[0].Value)-1] ^= 1
	items[1].Key, items[1].Value = items[0].Key, items[1].Value[:9]
	for n, value := range [][]byte{items[0].Value, items[1].Value, {}} {
		err := w.store.Put(t.Context(), cache.Verdicts, "main", []cache.Item{{Key: items[0].Key, Value: value}})
		if err == nil {
			err = w.store.Put(t.Context(), cache.Contents, "main", []cache.Item{{Key: name, Value: value}})
		}
		l, lookupErr := cache.NewLookup(t.Context(), &w.store, "main")
		if err := errors.Join(err, lookupErr); err != nil {
			t.Fatal(err)
		}
		bad := 0
		l.Bad = func(error) { bad++ }
		hits, err := l.Verdicts(t.Context(), []cache.Question{q})
		digests, contentErr := l.Contents(t.Context(), []cache.Key{name})
		if err := errors.Join(err, contentErr); err != nil {
			t.Fatal(err)
		}
		if hits[0].Entries[0] != nil || digests[0] != "" || bad != 2 {
			t.Errorf("value %d: known is %v, the content %q, and told was %d times", n, hits[0].Entries[0], digests[0], bad)
		}
	}
}

// TestNobodyIsToldOfEntriesOfAnotherVersion: there may be one for each unit.
func TestNobodyIsToldOfEntriesOfAnotherVersion(t *testing.T) {
	t.Parallel()
	w, q := newWorld(), question(recipe(facts()), pack(t, "f"))
	items := w.keep(t, q, decided(q), nil)
	for i := range items {
		items[i].Value[0] = 1
	}
	err := w.store.Put(t.Context(), cache.Verdicts, "main", items)
	l, lookupErr := cache.NewLookup(t.Context(), &w.store, "main")
	if err := errors.Join(err, lookupErr); err != nil {
		t.Fatal(err)
	}
	l.Bad = func(err error) { t.Error(err) }
	if hits, err := l.Verdicts(t.Context(), []cache.Question{q}); err != nil || hits[0].Entries[0] != nil {
		t.Errorf("known is %v, %v", hits, err)
	}
}

// TestKeysAreThoseOfTheComponents, whatever other domains were asked for before.
func TestKeysAreThoseOfTheComponents(t *testing.T) {
	t.Parallel()
	q := question(recipe(facts()), pack(t, "f"))
	for _, d := range []cache.Domain{{Name: "main"}, {Name: "pr"}, {Name: "main", Salt: "s"}, {Name: "main"}} {
		for i, c := range q.Components(q.Unit, d) {
			if got := q.Keys(q.Unit, d)[i]; got != c.Key() {
				t.Errorf("check %d in %+v: the key is %x, want %x", i, d, got, c.Key())
			}
		}
	}
}

// away is a store that does not answer.
type away struct{ cachetest.Memory }

var errAway = errors.New("away")

func (*away) Get(context.Context, cache.Space, string, []cache.Key) ([][]byte, error) {
	return nil, errAway
}

func TestAStoreThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	l, err := cache.NewLookup(t.Context(), &away{}, "main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Verdicts(t.Context(), []cache.Question{question(recipe(facts()), pack(t, "f"))}); !errors.Is(err, errAway) {
		t.Errorf("verdicts: %v", err)
	}
	if _, err := l.Contents(t.Context(), []cache.Key{{}}); !errors.Is(err, errAway) {
		t.Errorf("contents: %v", err)
	}
}

func TestCheckDomain(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"main": true, "pr": true, "a-1": true, "": false, "Main": false, "a:b": false, "-a": false, "a-": false, "*": false, strings.Repeat("a", 33): false} {
		if err := cache.CheckDomain(name); (err == nil) != ok {
			t.Errorf("domain %q: %v", name, err)
		}
	}
}
