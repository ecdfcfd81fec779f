package rediscache_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keyOf(n int) (k cache.Key) {
	binary.BigEndian.PutUint32(k[:], uint32(n))
	return k
}

// TestItemsArrive: more of them than travel at once, in their order, each in its space and domain alone.
func TestItemsArrive(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		c := redistest.Dial(t, url)
		s := rediscache.New(c.Plain(), time.Hour)
		const n = 4321
		var items []cache.Item
		var keys []cache.Key
		for i := range n {
			if keys = append(keys, keyOf(i)); i%3 > 0 {
				items = append(items, cache.Item{Key: keyOf(i), Value: fmt.Appendf(nil, "\x00value %d\xff", i)})
			}
		}
		must(t, s.Put(t.Context(), cache.Verdicts, "main", items))
		values, err := s.Get(t.Context(), cache.Verdicts, "main", keys)
		must(t, err)
		for i, v := range values {
			if want := fmt.Sprintf("\x00value %d\xff", i); i%3 == 0 && v != nil || i%3 > 0 && string(v) != want {
				t.Fatalf("item %d is %q", i, v)
			}
		}
		for _, other := range []struct {
			space  cache.Space
			domain string
		}{{cache.Contents, "main"}, {cache.Verdicts, "pr"}, {cache.Verdicts, "mai"}} {
			values, err := s.Get(t.Context(), other.space, other.domain, keys[1:3])
			if must(t, err); values[0] != nil || values[1] != nil {
				t.Errorf("%s of %s: %q", other.space, other.domain, values)
			}
		}
		names, err := c.Plain().Keys(t.Context(), "muster:verdict:main:*").Result()
		must(t, err)
		if ttl := c.Plain().TTL(t.Context(), names[0]).Val(); len(names) != len(items) || ttl <= 0 || ttl > time.Hour || s.Life() != time.Hour {
			t.Errorf("%d keys, the first for %s", len(names), ttl)
		}
	})
}

func TestNothingIsAskedForNothing(t *testing.T) {
	t.Parallel()
	s := rediscache.New(redistest.Dial(t, "redis://127.0.0.1:1").Plain(), time.Hour)
	if values, err := s.Get(t.Context(), cache.Verdicts, "main", nil); err != nil || len(values) != 0 {
		t.Errorf("Get: %q, %v", values, err)
	}
	if err := s.Put(t.Context(), cache.Verdicts, "main", nil); err != nil {
		t.Error(err)
	}
}

// TestARedisThatIsAwayIsAnError: whoever asks has to know that nothing was asked.
func TestARedisThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	s := rediscache.New(redistest.Dial(t, "redis://127.0.0.1:1").Plain(), time.Hour)
	_, get := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{{}})
	_, salt := s.Salt(t.Context(), "main")
	put := s.Put(t.Context(), cache.Verdicts, "main", []cache.Item{{}})
	for call, err := range map[string]error{"Get": get, "Put": put, "Salt": salt} {
		if err == nil || !strings.Contains(err.Error(), "cache domain main") {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// TestRoomForRuns: where Redis evicts nothing, what runs need is left alone.
func TestRoomForRuns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		args   []string
		filler int // MiB that are there
		full   bool
	}{
		{"no limit", nil, 30, false},
		{"room", []string{"--maxmemory", "100mb"}, 30, false},
		{"runs need it", []string{"--maxmemory", "100mb"}, 70, true},
		{"Redis evicts", []string{"--maxmemory", "100mb", "--maxmemory-policy", "volatile-lfu"}, 70, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := redistest.Dial(t, redistest.Process(t, tt.args...).URL())
			for i := range tt.filler {
				must(t, c.Plain().Set(t.Context(), fmt.Sprint("filler ", i), bytes.Repeat([]byte{'x'}, 1000<<10), 0).Err())
			}
			s := rediscache.New(c.Plain(), time.Hour)
			item := cache.Item{Key: keyOf(1), Value: []byte("v")}
			err := s.Put(t.Context(), cache.Verdicts, "main", []cache.Item{item})
			if tt.full != errors.Is(err, cache.ErrFull) || !tt.full && err != nil {
				t.Errorf("Put: %v", err)
			}
			if values, err := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{keyOf(1)}); err != nil || (values[0] == nil) != tt.full {
				t.Errorf("Get: %q, %v", values, err)
			}
		})
	}
}

// as makes a user with further rights, and connects as that.
func as(t *testing.T, url string, rights ...any) *redisconn.Conn {
	t.Helper()
	must(t, redistest.Dial(t, url).Plain().Do(t.Context(), append([]any{"acl", "setuser", "ada", "on", ">s3same", "+@all"}, rights...)...).Err())
	return redistest.Dial(t, strings.Replace(url, "unix://", "unix://ada:s3same@", 1))
}

// TestMissingRightsAreNamed: they are no miss.
func TestMissingRightsAreNamed(t *testing.T) {
	t.Parallel()
	s := rediscache.New(as(t, redistest.Server(t), "%R~muster:verdict:pr:*").Plain(), time.Hour)
	_, get := s.Get(t.Context(), cache.Verdicts, "main", []cache.Key{keyOf(1)})
	put := s.Put(t.Context(), cache.Verdicts, "pr", []cache.Item{{Key: keyOf(1)}})
	for call, err := range map[string]error{"Get": get, "Put": put} {
		if err == nil || !strings.Contains(err.Error(), "the Redis user may not use one of the keys: see docs/acl") {
			t.Errorf("%s: %v", call, err)
		}
	}
	if _, err := s.Get(t.Context(), cache.Verdicts, "pr", []cache.Key{keyOf(1)}); err != nil {
		t.Error(err)
	}
}

func TestSalt(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		c := redistest.Dial(t, url)
		s := rediscache.New(c.Plain(), time.Hour)
		if salt, err := s.Salt(t.Context(), "main"); salt != "" || err != nil {
			t.Errorf("before: %q, %v", salt, err)
		}
		must(t, s.Disown(t.Context(), "main"))
		first, err := s.Salt(t.Context(), "main")
		must(t, err)
		must(t, s.Disown(t.Context(), "main"))
		second, err := s.Salt(t.Context(), "main")
		must(t, err)
		if first == "" || first == second {
			t.Errorf("the salts are %q and %q", first, second)
		}
		if salt, err := s.Salt(t.Context(), "pr"); salt != "" || err != nil {
			t.Errorf("of another domain: %q, %v", salt, err)
		}
		if ttl := c.Plain().TTL(t.Context(), "muster:salt:main").Val(); ttl >= 0 {
			t.Errorf("the salt is kept for %s, and has to outlive all entries", ttl)
		}
	})
}

func TestEachAndRemove(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, url string) {
		c := redistest.Dial(t, url)
		s := rediscache.New(c.Plain(), time.Hour)
		const n = 2500
		var items []cache.Item
		for i := range n {
			items = append(items, cache.Item{Key: keyOf(i), Value: fmt.Appendf(nil, "%d", i)})
		}
		must(t, s.Put(t.Context(), cache.Verdicts, "main", items))
		must(t, s.Put(t.Context(), cache.Contents, "pr", items[:10]))
		must(t, s.Disown(t.Context(), "main"))
		for _, name := range []string{"muster:{r}:run", "muster:verdict:main:short", "muster:verdict:", "muster:voice:main:" + strings.Repeat("A", 43), "other"} {
			must(t, c.Plain().Set(t.Context(), name, "not the cache's", 0).Err())
		}
		count := func() map[string]int {
			seen, counts := map[string]bool{}, map[string]int{}
			must(t, s.Each(t.Context(), func(f cache.Found) error {
				id := fmt.Sprint(f.Space, f.Domain, f.Key)
				if text := fmt.Sprint(binary.BigEndian.Uint32(f.Key[:])); text != string(f.Value) {
					t.Errorf("item %s has the value %q", text, f.Value)
				}
				if age := time.Since(f.Written); f.Bytes < len(f.Value) || age < -2*time.Second || age > time.Minute {
					t.Errorf("it takes %d bytes and is %s old", f.Bytes, age)
				}
				if !seen[id] {
					counts[string(f.Space)+" of "+f.Domain]++
				}
				seen[id] = true
				return nil
			}))
			return counts
		}
		if got := count(); got["verdict of main"] != n || got["content of pr"] != 10 || len(got) != 2 {
			t.Errorf("there are %v", got)
		}
		gone, err := s.Remove(t.Context(), func(f cache.Found) bool { return f.Domain == "main" && string(f.Value) != "7" })
		if got := count(); err != nil || gone != n-1 || got["verdict of main"] != 1 || got["content of pr"] != 10 {
			t.Errorf("%d are gone and there are %v (%v)", gone, got, err)
		}
		if left, err := c.Plain().DBSize(t.Context()).Result(); err != nil || left != 11+1+5 {
			t.Errorf("%d keys are left (%v)", left, err)
		}
		stop := errors.New("stop")
		if err := s.Each(t.Context(), func(cache.Found) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("Each: %v", err)
		}
	})
}

// BenchmarkRead reads what a warm run of a fleet of 10,000 units has to.
func BenchmarkRead(b *testing.B) {
	s := rediscache.New(redistest.Dial(b, redistest.Server(b)).Plain(), time.Hour)
	const fleet = 10000
	var items []cache.Item
	var keys []cache.Key
	for i := range fleet {
		keys = append(keys, keyOf(i))
		items = append(items, cache.Item{Key: keyOf(i), Value: bytes.Repeat([]byte{'x'}, 300)})
	}
	if err := s.Put(b.Context(), cache.Verdicts, "main", items); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if values, err := s.Get(b.Context(), cache.Verdicts, "main", keys); err != nil || values[fleet-1] == nil {
			b.Fatal(err)
		}
	}
}
