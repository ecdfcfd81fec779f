package directory_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/directory"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keyOf is a key that is as even as a digest.
func keyOf(n int) (k cache.Key) {
	binary.BigEndian.PutUint64(k[:], uint64(n)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(k[8:], uint64(n))
	return k
}

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, dir string, o directory.Options) *directory.Store {
	t.Helper()
	s, err := directory.Open(dir, o)
	must(t, err)
	return s
}

func items(from, to int, text string) (all []cache.Item) {
	for i := from; i < to; i++ {
		all = append(all, cache.Item{Key: keyOf(i), Value: fmt.Appendf(nil, "%d %s", i, text)})
	}
	return all
}

// keep puts items in a process of its own.
func keep(t testing.TB, dir string, o directory.Options, all []cache.Item) {
	t.Helper()
	s := open(t, dir, o)
	must(t, s.Put(t.Context(), cache.Verdicts, "main", all))
	must(t, s.Close())
}

// known counts which of the first n items a process finds, and holds each to its text.
func known(t testing.TB, dir string, o directory.Options, n int, text string) (count int) {
	t.Helper()
	s := open(t, dir, o)
	defer func() { must(t, s.Close()) }()
	return knownBy(t, s, n, text)
}

func knownBy(t testing.TB, s *directory.Store, n int, text string) (count int) {
	t.Helper()
	keys := make([]cache.Key, n)
	for i := range keys {
		keys[i] = keyOf(i)
	}
	values, err := s.Get(t.Context(), cache.Verdicts, "main", keys)
	must(t, err)
	for i, v := range values {
		if v == nil {
			continue
		}
		if count++; string(v) != fmt.Sprintf("%d %s", i, text) {
			t.Errorf("item %d is %.40q", i, v)
		}
	}
	return count
}

func segments(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.segment"))
	must(t, err)
	return names
}

func TestItemsArrive(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "cache")
	s := open(t, dir, directory.Options{})
	must(t, s.Put(t.Context(), cache.Verdicts, "main", items(0, 3000, "a")))
	if n := knownBy(t, s, 3001, "a"); n != 3000 {
		t.Errorf("its own process knows %d of 3000", n)
	}
	must(t, s.Close())
	keep(t, dir, directory.Options{}, items(3000, 3500, "a"))
	if n := known(t, dir, directory.Options{}, 3501, "a"); n != 3500 {
		t.Errorf("another process knows %d of 3500", n)
	}
	s = open(t, dir, directory.Options{})
	for _, other := range []struct {
		space  cache.Space
		domain string
	}{{cache.Contents, "main"}, {cache.Verdicts, "pr"}} {
		values, err := s.Get(t.Context(), other.space, other.domain, []cache.Key{keyOf(1)})
		if must(t, err); values[0] != nil {
			t.Errorf("%s of %s has %q", other.space, other.domain, values)
		}
	}
	must(t, s.Close())
	for _, path := range append(segments(t, dir), dir) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v, %v", filepath.Base(path), info.Mode(), err)
		}
	}
}

func TestTheLastOneStands(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	for _, text := range []string{"first", "second"} {
		keep(t, dir, directory.Options{Now: c.Now}, items(0, 10, text))
		c.pass(time.Second)
	}
	if n := known(t, dir, directory.Options{Now: c.Now}, 10, "second"); n != 10 {
		t.Errorf("%d of 10 are known", n)
	}
}

// TestMuchIsWrittenBeforeTheEnd: a process that is killed has kept what it gathered before, and does not
// keep a fleet in memory.
func TestMuchIsWrittenBeforeTheEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, directory.Options{})
	text := strings.Repeat("x", 1000)
	must(t, s.Put(t.Context(), cache.Verdicts, "main", items(0, 10000, text)))
	if n := known(t, dir, directory.Options{}, 10000, text); n < 5000 {
		t.Errorf("%d of 10000 are known while the process that keeps them goes on", n)
	}
	if n := knownBy(t, s, 10000, text); n != 10000 {
		t.Errorf("it knows %d itself", n)
	}
	must(t, s.Close())
}

// TestWhatIsBrokenIsNotThere: no cut, no flip of a bit in what the directory itself says is an error, or
// leads to another item. Values have a checksum of their own.
func TestWhatIsBrokenIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keep(t, dir, directory.Options{}, items(0, 20, "a"))
	path := segments(t, dir)[0]
	whole, err := os.ReadFile(path)
	must(t, err)
	for cut := range whole {
		must(t, os.WriteFile(path, whole[:cut], 0o600))
		if n := known(t, dir, directory.Options{ReadOnly: true}, 20, "a"); n != 0 {
			t.Errorf("the first %d of %d bytes know %d items", cut, len(whole), n)
		}
	}
	for i := range whole {
		broken := append([]byte(nil), whole...)
		broken[i] ^= 0x10
		must(t, os.WriteFile(path, broken, 0o600))
		s := open(t, dir, directory.Options{ReadOnly: true})
		keys := make([]cache.Key, 20)
		for n := range keys {
			keys[n] = keyOf(n)
		}
		values, err := s.Get(t.Context(), cache.Verdicts, "main", keys)
		must(t, err)
		for n, v := range values {
			if want := fmt.Sprintf("%d a", n); v != nil && string(v) != want && (len(v) != len(want) || differ(string(v), want) != 1) {
				t.Errorf("with byte %d changed, item %d is %q", i, n, v)
			}
		}
		must(t, s.Close())
	}
	must(t, os.WriteFile(path, whole, 0o600))
	if n := known(t, dir, directory.Options{}, 20, "a"); n != 20 {
		t.Errorf("as it was, %d of 20 are known", n)
	}
}

// differ is by how many bytes.
func differ(a, b string) (n int) {
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestStrangeFilesAreNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "0.segment"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "1.segment"), []byte("x"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "README"), []byte("x"), 0o600))
	must(t, os.Symlink("nowhere", filepath.Join(dir, "2.segment")))
	keep(t, dir, directory.Options{}, items(0, 5, "a"))
	if n := known(t, dir, directory.Options{}, 5, "a"); n != 5 {
		t.Errorf("%d of 5 are known", n)
	}
}

// TestSegmentsAreMerged: their number stays small, nothing is lost, and what ended in the middle is
// removed.
func TestSegmentsAreMerged(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	o := directory.Options{Now: c.Now}
	abandoned := filepath.Join(dir, "unfinished-x.segment")
	must(t, os.WriteFile(abandoned, nil, 0o600))
	must(t, os.Chtimes(abandoned, time.Time{}, time.Now().Add(-2*time.Hour)))
	reader := open(t, dir, o) // has the segments open that go
	defer reader.Close()
	const n = 70
	for i := range n {
		keep(t, dir, o, items(i*10, i*10+15, "a"))
		c.pass(time.Second)
		if i == 10 && knownBy(t, reader, 10*n, "a") != 115 {
			t.Error("the reader does not know what there is")
		}
	}
	if names := segments(t, dir); len(names) > 20 {
		t.Errorf("there are %d segments", len(names))
	}
	if got := known(t, dir, o, 10*n+5, "a"); got != 10*n+5 {
		t.Errorf("%d of %d items are known", got, 10*n+5)
	}
	if got := knownBy(t, reader, 115, "a"); got != 115 {
		t.Errorf("who has read before knows %d of 115 items", got)
	}
	if _, err := os.Stat(abandoned); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was abandoned is there: %v", err)
	}
}

// TestBound: the oldest go.
func TestBound(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	o := directory.Options{Now: c.Now, Bytes: 100 << 10}
	text := strings.Repeat("x", 1000)
	for i := range 40 {
		keep(t, dir, o, items(i*10, i*10+10, text))
		c.pass(time.Second)
	}
	total := int64(0)
	for _, path := range segments(t, dir) {
		info, err := os.Stat(path)
		must(t, err)
		total += info.Size()
	}
	if total > o.Bytes {
		t.Errorf("there are %d bytes, and may be %d", total, o.Bytes)
	}
	s := open(t, dir, o)
	defer s.Close()
	values, err := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{keyOf(0), keyOf(399)})
	if must(t, err); values[0] != nil || values[1] == nil {
		t.Errorf("the oldest is known: %t; the newest: %t", values[0] != nil, values[1] != nil)
	}
}

// TestLife: what nobody asks for ends, and what is used lives on.
func TestLife(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	o := directory.Options{Now: c.Now, Life: 10 * time.Hour}
	keep(t, dir, o, items(0, 10, "a"))
	for range 5 {
		c.pass(6 * time.Hour)
		if n := known(t, dir, o, 5, "a"); n != 5 {
			t.Errorf("%d of 5 used ones are known", n)
		}
	}
	if n := known(t, dir, o, 10, "a"); n != 5 {
		t.Errorf("%d of 10 are known, and 5 were used", n)
	}
	c.pass(6 * time.Hour)
	keep(t, dir, o, items(20, 21, "a"))
	c.pass(6 * time.Hour)
	keep(t, dir, o, items(20, 21, "a"))
	if names := segments(t, dir); len(names) != 2 {
		t.Errorf("there are %d segments, and 2 have something that lives", len(names))
	}
}

// TestReadOnly: nothing is written, not even what is old.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), newClock()
	keep(t, dir, directory.Options{Now: c.Now}, items(0, 10, "a"))
	c.pass(directory.Life * 3 / 4)
	o := directory.Options{Now: c.Now, ReadOnly: true}
	keep(t, dir, o, items(10, 20, "a"))
	if n := known(t, dir, o, 20, "a"); n != 10 || len(segments(t, dir)) != 1 {
		t.Errorf("%d items are known, in %d segments", n, len(segments(t, dir)))
	}
	missing := filepath.Join(dir, "missing")
	if n := known(t, missing, o, 1, "a"); n != 0 {
		t.Error("something is known where there is nothing")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("who reads alone has made the directory")
	}
}

// TestDirectoriesThatOthersWrite are refused.
func TestDirectoriesThatOthersWrite(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o777, 0o770, 0o702} {
		dir := t.TempDir()
		must(t, os.Chmod(dir, mode))
		var unsafe *directory.UnsafeError
		if _, err := directory.Open(dir, directory.Options{}); !errors.As(err, &unsafe) || unsafe.Dir != dir {
			t.Errorf("%v: %v", mode, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := directory.Open(file, directory.Options{ReadOnly: true}); err == nil {
		t.Error("a file is taken for a directory")
	}
}

// TestWhereNothingCanBeWritten the run goes on, and hears of it once.
func TestWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	keep(t, dir, directory.Options{}, items(0, 10, "a"))
	s := open(t, dir, directory.Options{})
	if n := knownBy(t, s, 10, "a"); n != 10 {
		t.Errorf("%d of 10 are known", n)
	}
	must(t, os.RemoveAll(dir)) // nor is there room on a full disk
	must(t, s.Put(t.Context(), cache.Verdicts, "main", items(10, 9000, strings.Repeat("x", 1500))))
	must(t, s.Put(t.Context(), cache.Verdicts, "main", items(0, 1, "a")))
	if n := knownBy(t, s, 10, "a"); n != 10 {
		t.Errorf("afterwards, %d of 10 are known", n)
	}
	if err := s.Close(); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Close: %v", err)
	}
}

// TestManyProcesses keep, ask and tidy up at once.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	const processes, rounds = 4, 15
	for p := range processes {
		all.Go(func() {
			for r := range rounds {
				from := (p*rounds + r) * 10
				s, err := directory.Open(dir, directory.Options{})
				if err == nil {
					_ = s.Put(t.Context(), cache.Verdicts, "main", items(from, from+10, "a"))
					knownBy(t, s, processes*rounds*10, "a")
					err = s.Close()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := known(t, dir, directory.Options{}, processes*rounds*10, "a"); n != processes*rounds*10 {
		t.Errorf("%d of %d are known", n, processes*rounds*10)
	}
}

// TestOneStoreForManyGoroutines keeps and asks at once.
func TestOneStoreForManyGoroutines(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), directory.Options{})
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 30 {
				from := (g*30 + i) * 100
				_ = s.Put(t.Context(), cache.Verdicts, "main", items(from, from+100, strings.Repeat("x", 1000)))
				values, err := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{keyOf(from), keyOf(from + 99)})
				if err != nil || values[0] == nil || values[1] == nil {
					t.Errorf("what was kept is not known: %v", err)
				}
			}
		})
	}
	all.Wait()
	must(t, s.Close())
}

func TestEachAndRemove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keep(t, dir, directory.Options{}, items(0, 10, "a"))
	keep(t, dir, directory.Options{}, items(5, 20, "a"))
	s := open(t, dir, directory.Options{})
	must(t, s.Put(t.Context(), cache.Contents, "pr", items(0, 3, "c")))
	must(t, s.Close())
	s = open(t, dir, directory.Options{})
	defer s.Close()
	count := func() map[string]int {
		counts := map[string]int{}
		must(t, s.Each(t.Context(), func(f cache.Found) error {
			counts[string(f.Space)+" of "+f.Domain]++
			if f.Bytes < len(f.Key)+len(f.Value) {
				t.Errorf("%d bytes of %d", f.Bytes, len(f.Key)+len(f.Value))
			}
			return nil
		}))
		return counts
	}
	if got := count(); got["verdict of main"] != 20 || got["content of pr"] != 3 || len(got) != 2 {
		t.Errorf("there are %v", got)
	}
	n, err := s.Remove(t.Context(), func(f cache.Found) bool { return f.Space == cache.Verdicts && f.Key[15] < 4 })
	if got := count(); err != nil || n != 4 || got["verdict of main"] != 16 || got["content of pr"] != 3 {
		t.Errorf("%d are removed and there are %v: %v", n, got, err)
	}
	if n, err := s.Remove(t.Context(), func(cache.Found) bool { return true }); err != nil || n != 19 || len(segments(t, dir)) != 0 {
		t.Errorf("%d are removed, %d segments left: %v", n, len(segments(t, dir)), err)
	}
	stop := errors.New("stop")
	keep(t, dir, directory.Options{}, items(0, 10, "a"))
	if err := s.Each(t.Context(), func(cache.Found) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Each: %v", err)
	}
}

// What a warm and a cold run of a fleet of 10,000 units have to read and to write.
const fleet = 10000

var fleetText = strings.Repeat("x", 300)

func BenchmarkRead(b *testing.B) {
	for _, segments := range []int{1, 16} {
		b.Run(fmt.Sprintf("segments=%d", segments), func(b *testing.B) {
			dir := b.TempDir()
			for i := range segments {
				keep(b, dir, directory.Options{}, items(i*fleet/segments, (i+1)*fleet/segments, fleetText))
			}
			var keys []cache.Key
			for i := range fleet {
				keys = append(keys, keyOf(i))
			}
			for b.Loop() {
				s := open(b, dir, directory.Options{})
				for from := 0; from < fleet; from += 250 {
					values, err := s.Get(b.Context(), cache.Verdicts, "main", keys[from:from+250])
					if err != nil || values[0] == nil {
						b.Fatal(err)
					}
				}
				must(b, s.Close())
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	all := items(0, fleet, fleetText)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		b.StartTimer()
		s := open(b, dir, directory.Options{})
		for from := 0; from < fleet; from += 10 {
			must(b, s.Put(b.Context(), cache.Verdicts, "main", all[from:from+10]))
		}
		must(b, s.Close())
	}
}
