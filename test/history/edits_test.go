package history

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/test/genhistory"
	"github.com/seed306eabeb/muster/verdict"
)

var edits = flag.Int("edits", 80, "random edits in all, of which each dialect gets its share; 5000 for a proof")

// inEach is how many units a repository has that is edited at random: enough for each kind of them.
const inEach = 10

// TestWhatIsKeptIsWhatWouldBeMade: after each edit, of each class, and each change of what else a
// verdict depends on, the verdict about each unit that is put together from what was kept is byte for
// byte the one that is made anew. A key that forgets a component gives another one, sooner or later.
func TestWhatIsKeptIsWhatWouldBeMade(t *testing.T) {
	t.Parallel()
	for _, d := range genhistory.Dialects() {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%s %d", d, seed), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, genhistory.Options{Dialect: d, Units: inEach, Bad: 0.2, Seed: seed})
				for range *edits / 4 {
					w.step(t)
					if t.Failed() {
						return
					}
				}
				w.account(t, d)
			})
		}
	}
}

// world is a repository in a folder that is edited, with what was kept of it.
type world struct {
	*genhistory.Repository
	dir    string
	laid   genhistory.Tree
	rng    *rand.Rand
	set    settings
	later  bool // the engine is a later one
	kept   *kept
	plants []*plant

	seen    map[genhistory.Class]int // edits after which something could be verified
	nothing int                      // edits after which nothing could be verified
}

func newWorld(t *testing.T, o genhistory.Options) *world {
	t.Helper()
	r, err := genhistory.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Repository: r, dir: t.TempDir(), rng: rand.New(rand.NewPCG(o.Seed, 17)), kept: newKept(), seen: map[genhistory.Class]int{}}
	w.set.limit = time.Minute
	w.plants = plants()
	return w
}

// step makes one edit, or now and then another change, and judges what there is then.
func (w *world) step(t *testing.T) {
	t.Helper()
	what := w.change(t)
	if err := genhistory.Lay(w.dir, w.laid, w.Tree()); err != nil {
		t.Fatal(err)
	}
	w.laid = w.Tree()
	f, err := open(t.Context(), w.dir, w.set)
	if usage := (*scope.UsageError)(nil); errors.As(err, &usage) && len(w.set.regions) > 0 {
		w.set.regions = nil // the region is gone
		f, err = open(t.Context(), w.dir, w.set)
	}
	if errors.Is(err, errNothing) {
		w.nothing++
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer closed(t, f)
	w.seen[what.Class]++
	all, err := f.read(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := w.judge(t, f, all); err != nil {
		t.Fatalf("%v: %v", what, err)
	}
}

// change makes an edit, or changes what else a verdict depends on.
func (w *world) change(t *testing.T) genhistory.Edit {
	switch w.rng.IntN(24) {
	case 0:
		w.later = !w.later
		if w.set.engine = nil; w.later {
			w.set.engine = func(k check.Kind) check.Kind { return bumped{k} }
		}
		return genhistory.Edit{Class: "engine"}
	case 1:
		w.set.regions = nil
		if some := w.regions(t); len(some) > 0 && w.rng.IntN(2) == 0 {
			w.set.regions = some[:1+w.rng.IntN(len(some))]
		}
		return genhistory.Edit{Class: "regions"}
	case 2:
		w.set.limit = 3*time.Minute - w.set.limit
		return genhistory.Edit{Class: "limit"}
	}
	return w.Edit()
}

// regions are all of the repository as it is laid out, in some order.
func (w *world) regions(t *testing.T) (all []string) {
	t.Helper()
	f, err := open(t.Context(), w.dir, settings{limit: time.Minute})
	if err != nil {
		return nil // the step tells
	}
	defer closed(t, f)
	all = slices.Clone(f.Regions)
	w.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// judge compares what was kept of each unit with the verdict that is made anew, and keeps that. So
// do the plants.
func (w *world) judge(t *testing.T, f *fleetOf, all []unit) error {
	t.Helper()
	lookup, err := w.kept.lookup(t)
	if err != nil {
		return err
	}
	for _, u := range all {
		digests, err := w.kept.digests(t.Context(), lookup, u)
		if err != nil {
			return err
		}
		byName := digests
		if w.rng.IntN(8) == 0 {
			byName = nil // as of a file that git does not know
		}
		v, err := w.kept.judge(t, f, lookup, u, byName)
		if err != nil {
			return err
		}
		for _, p := range w.plants {
			p.judge(t, f, u, digests, v)
		}
	}
	return nil
}

// account tells what the edits have shown, and fails where they have shown too little.
func (w *world) account(t *testing.T, d genhistory.Dialect) {
	t.Helper()
	k := w.kept
	t.Logf("%s; after %d edits nothing could be verified", k, w.nothing)
	if k.byNames < k.judged/4 || k.byBytes == 0 || k.partly == 0 || k.anew == 0 || w.nothing > 5+*edits/20 {
		t.Error("too few verdicts were known, or all")
	}
	if *edits < 5000 {
		return
	}
	for _, c := range append(genhistory.Classes(d), "engine", "regions", "limit") {
		if w.seen[c] == 0 {
			t.Errorf("no verdict was made after an edit of class %s", c)
		}
	}
	for _, p := range w.plants {
		if !p.shown && (d == genhistory.Muster || !slices.Contains(p.forgets, "MaxBytes")) { // which a shipcat.conf cannot set
			t.Errorf("a key that forgets %s gives no other verdict", strings.Join(p.forgets, " and "))
		}
	}
}

// plant is a cache whose keys forget components.
type plant struct {
	forgets []string // fields of cache.Components
	kept    map[cache.Key]string
	shown   bool // it has told something else than what is so
}

// plants forget what makes a difference to the checks that there are: of a unit the name and the
// path are one, and the check is one with its engine. TestEachComponentMatters has all.
func plants() (all []*plant) {
	for _, f := range [][]string{{"Engine"}, {"Content"}, {"Shared"}, {"Regions"}, {"MaxBytes"}, {"Unit", "Path"}} {
		all = append(all, &plant{forgets: f, kept: map[cache.Key]string{}})
	}
	return all
}

// key is that of components without what is forgotten.
func (p *plant) key(c cache.Components) cache.Key {
	fields := reflect.ValueOf(&c).Elem()
	for _, name := range p.forgets {
		fields.FieldByName(name).SetZero()
	}
	return c.Key()
}

// judge says whether what is kept is what a verdict says, and keeps that. digests are those to which
// the unit's names lead.
func (p *plant) judge(t *testing.T, f *fleetOf, u unit, digests []id.Digest, v verdict.Verdict) {
	t.Helper()
	if p.shown {
		return
	}
	if digests == nil && u.err == nil {
		digests = f.recipes[u.kind].Digests(u.files)
	}
	if digests == nil {
		return
	}
	parts := map[string]string{}
	for _, part := range v.Parts {
		parts[part.Check] = told(t, verdict.Verdict{Parts: []verdict.Part{part}})
	}
	domain := cache.Domain{Name: "main"}
	for _, c := range f.recipes[u.kind].Components(f.ask(u, digests).Unit, domain) {
		k := p.key(c)
		if kept, ok := p.kept[k]; ok && kept != parts[c.Check] {
			p.shown = true
			return
		}
		if u.err == nil {
			p.kept[k] = parts[c.Check]
		}
	}
}
