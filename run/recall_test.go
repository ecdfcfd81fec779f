package run_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/seed306eabeb/muster/blob"
	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/cachetest"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/test/lines"
	"github.com/seed306eabeb/muster/test/redistest"
)

// stamped is a source whose stamps are the digests of what was read.
type stamped struct{ *counting }

func (s stamped) Stamp(ctx context.Context, unit id.Unit) (bundle.Bundle, int, []byte, error) {
	files, kind, err := s.Unit(ctx, unit)
	return files, kind, []byte(files.Digest()), err
}

func (s stamped) Unchanged(unit id.Unit, lies []byte) (int, bool) {
	files, kind, err := s.Fleet.Unit(context.Background(), unit)
	return kind, err == nil && string(files.Digest()) == string(lies)
}

// It could know git's names, and has none.
func (stamped) Files(context.Context, id.Unit) ([]blob.File, int, bool) { return nil, 0, false }
func (stamped) Format() blob.Format                                     { return blob.SHA256 }

// beside is a store that lies beside all folders; "" lies beside none.
type beside struct {
	*cachetest.Memory
	name string
}

func (b beside) Beside(string) (string, bool) { return b.name, b.name != "" }

// forgetful knows no verdicts.
type forgetful struct{ beside }

func (f forgetful) Get(ctx context.Context, s cache.Space, domain string, keys []cache.Key) ([][]byte, error) {
	if s == cache.Verdicts {
		return make([][]byte, len(keys)), nil
	}
	return f.beside.Get(ctx, s, domain, keys)
}

// TestValidateReadsNothingTwice that it recalls, and says the same.
func TestValidateReadsNothingTwice(t *testing.T) {
	t.Parallel()
	const units, unreadable = 10, 4
	const all, warm = units + unreadable, 2 * unreadable // what cannot be read is tried before it is asked about, and once more
	s := severalKinds(t)
	plain, from := s, &counting{Fleet: s.Fleet}
	s.Fleet = stamped{from}
	var memory cachetest.Memory
	auto := run.Cache{Store: beside{&memory, "here"}, Domains: []string{"main"}, Read: true, Write: true}
	readOnly, refresh, reverify, copied, elsewhere, forgotten := auto, auto, auto, auto, auto, auto
	readOnly.Write, refresh.Read, reverify.Reverify = false, false, 0.01
	copied.Store, elsewhere.Store, forgotten.Store = beside{&memory, "there"}, beside{&memory, ""}, forgetful{beside{&memory, "here"}}
	c := filepath.Join(s.Fleet.Dir(), "rules/c.yml")
	for _, step := range []struct {
		name  string
		use   run.Cache
		text  string // of a file that is written before; "" for none
		known int    // from before
		reads int64  // units that are read
	}{
		{"cold, kept by nobody", readOnly, "", 0, all},
		{"cold", auto, "", 0, all},
		{"warm", auto, "", units - unreadable, warm},
		{"warm, kept by nobody", readOnly, "", units - unreadable, warm},
		{"one has changed", auto, "good\ngood\n", units - unreadable - 1, warm + 1},
		{"and is as it was, which another has read last", auto, "good", units - unreadable, warm + 1},
		{"from then on it is recalled", auto, "", units - unreadable, warm},
		{"what was decided is forgotten", forgotten, "", 0, warm + units - unreadable},
		{"a copy of the store", copied, "", units - unreadable, all},
		{"a store elsewhere", elsewhere, "", units - unreadable, all},
		{"decided anew", refresh, "", 0, units},
	} {
		if step.text != "" {
			write(t, c, step.text)
		}
		from.read.Store(0)
		got := validatedWith(t, s, step.use)
		if got.Cached.Units != step.known || from.read.Load() != step.reads {
			t.Errorf("%s: %d units are from before, and %d were read; want %d and %d", step.name, got.Cached.Units, from.read.Load(), step.known, step.reads)
		}
		if n := memory.Len(cache.Contents); n > 0 && step.use.Read {
			t.Errorf("%s: %d names are kept for whom nobody asks", step.name, n)
		}
		got.Cached = run.Cached{}
		same(t, step.name+" differs", validatedWith(t, plain, run.Cache{}), got)
	}
	if from.read.Store(0); validatedWith(t, s, reverify).Cached.Units == 0 || from.read.Load() < all {
		t.Errorf("%d units were read to test what is known", from.read.Load())
	}
}

// narrowLines reads files of one name alone.
type narrowLines struct {
	check.Kind
	check.Session
}

func (n narrowLines) Open(shared fs.FS) (check.Session, error) {
	var err error
	n.Session, err = n.Kind.Open(shared)
	return n, err
}

func (narrowLines) Reads() func(string) bool {
	return func(file string) bool { return file == "a.txt" }
}
func (narrowLines) Shared() id.Digest { return "none" }

// TestWhatNarrowChecksReadIsRead: of the files that they read no stamp tells the digest.
func TestWhatNarrowChecksReadIsRead(t *testing.T) {
	t.Parallel()
	s := severalKinds(t)
	s.Checks = check.Kinds{narrowLines{Kind: lines.New()}}
	want, from := validatedWith(t, s, run.Cache{}), &counting{Fleet: s.Fleet}
	s.Fleet = stamped{from}
	var memory cachetest.Memory
	for _, step := range []string{"cold", "warm"} {
		from.read.Store(0)
		got := validatedWith(t, s, run.Cache{Store: beside{&memory, "here"}, Domains: []string{"main"}, Read: true, Write: true})
		got.Cached = run.Cached{}
		same(t, step+" differs", want, got)
		if n := memory.Len(cache.Stamps); n > 0 || from.read.Load() < 10 {
			t.Errorf("%s: %d stamps are kept, and %d units were read", step, n, from.read.Load())
		}
	}
}

// TestAWarmRunReadsNothingTwice that it recalls by a store beside the checkout, and says the same. One whose verdicts
// are not known is decided.
func TestAWarmRunReadsNothingTwice(t *testing.T) {
	t.Parallel()
	const units, unreadable = 10, 4
	w := newWorld(t, redistest.Server(t))
	s, store, local := severalKinds(t), &cachetest.Memory{}, &cachetest.Memory{}
	w.workCached(store, lines.New())
	want, from := w.run(w.options(s)), &counting{Fleet: s.Fleet}
	s.Fleet = stamped{from}
	w.warm(s, store, units-unreadable)
	for _, step := range []struct {
		name   string
		store  cache.Store
		change func(*run.Cache)
		known  int
		reads  int64
	}{
		{"first", store, func(*run.Cache) {}, units - unreadable, units + unreadable},
		{"second", store, func(*run.Cache) {}, units - unreadable, 2 * unreadable},
		{"kept by nobody", store, func(c *run.Cache) { c.Write = false }, units - unreadable, 2 * unreadable},
		{"to test it", store, func(c *run.Cache) { c.Reverify = 0.01 }, 4, units + unreadable},
		{"without verdicts", forgetful{beside{store, ""}}, func(*run.Cache) {}, 0, units + unreadable},
	} {
		o := w.cached(s, step.store)
		o.Cache.Local = beside{local, "here"}
		step.change(&o.Cache)
		from.read.Store(0)
		got := w.run(o)
		same(t, step.name+" differs", want, got)
		if got.Cached.Units != step.known || from.read.Load() != step.reads {
			t.Errorf("%s: %d units are from before, and %d were read; want %d and %d", step.name, got.Cached.Units, from.read.Load(), step.known, step.reads)
		}
	}
	if n := local.Len(cache.Stamps); n != units-unreadable || store.Len(cache.Stamps) > 0 {
		t.Errorf("%d stamps are kept beside the checkout, and %d with the verdicts", n, store.Len(cache.Stamps))
	}
}
