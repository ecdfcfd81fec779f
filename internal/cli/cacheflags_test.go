package cli

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/cache/rediscache"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/test/redistest"
)

// parseCache reads flags as a command does that has all of an enqueuer's.
func parseCache(args ...string) (f CacheFlags, err error) {
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return f.Check() }, SilenceErrors: true, SilenceUsage: true}
	f.AddUse(cmd)
	f.AddDomains(cmd)
	f.AddRedis(cmd)
	f.AddDir(cmd)
	cmd.SetArgs(args)
	return f, cmd.Execute()
}

func TestCacheDomains(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                              "main",
		"--cache-domain=pr,main":        "pr,main",
		"--cache-domain=":               "",
		"--cache-domain=pr,pr":          "--cache-domain names pr twice",
		"--cache-domain=Main":           `--cache-domain: cache domain "Main": want 1 to 32`,
		"--cache-domain=main, pr":       `--cache-domain: cache domain " pr": want`,
		"--cache-domain=muster:salt:pr": "--cache-domain: cache domain",
	} {
		var given []string
		if args != "" {
			given = []string{args}
		}
		f, err := parseCache(given...)
		got := strings.Join(f.Domains, ",")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
}

func TestWhatACacheIsUsedFor(t *testing.T) {
	t.Parallel()
	for word, want := range map[CacheUse][2]bool{CacheAuto: {true, true}, CacheOff: {}, CacheRead: {true, false}, CacheRefresh: {false, true}} {
		if word == CacheAuto && (!CacheUse("").Reads() || !CacheUse("").Writes()) {
			t.Error("what is not said is not auto")
		}
		if f, err := parseCache("--cache", string(word)); err != nil || f.Use.Reads() != want[0] || f.Use.Writes() != want[1] {
			t.Errorf("%s reads: %t, writes: %t (%v)", word, f.Use.Reads(), f.Use.Writes(), err)
		}
	}
}

// TestCacheIn: the Redis of the runs has a cache where no other is named.
func TestCacheIn(t *testing.T) {
	t.Parallel()
	runs, own := redistest.Mini(t), redistest.Process(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru").URL()
	item := cache.Item{Key: cache.Key{1}, Value: []byte("v")}
	for _, tt := range []struct {
		name, url string
		beside    bool
		life      time.Duration
		log       string
		err       string
	}{
		{"none named", "", true, rediscache.LifeBesideRuns, "", ""},
		{"the same one", runs, true, rediscache.LifeBesideRuns, "", ""},
		{"its own", own, false, rediscache.LifeAlone, "may evict the salts of domains", ""},
		{"one that does not answer", "redis://127.0.0.1:1", false, rediscache.LifeAlone, "the cache's Redis does not answer", ""},
		{"no address", "localhost:6379", false, 0, "", "--cache-redis: redis address has no scheme"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, err := redisconn.Parse(runs)
			if err != nil {
				t.Fatal(err)
			}
			r := Program{}.Dial(target, "test")
			t.Cleanup(func() { r.Close() })
			var log bytes.Buffer
			c, err := Program{}.CacheIn(t.Context(), CacheFlags{Redis: tt.url}, r, redisconn.Files{}, "test", slog.New(slog.NewTextHandler(&log, nil)))
			if tt.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
					t.Errorf("CacheIn: %v", err)
				}
				return
			}
			if err != nil || c.Life != tt.life || c.BesideRuns != tt.beside || !strings.Contains(log.String(), tt.log) || tt.log == "" && log.Len() > 0 {
				t.Fatalf("CacheIn = %+v, %v, and it said %s", c, err, log.String())
			}
			if err := c.Put(t.Context(), cache.Verdicts, "main", []cache.Item{item}); (err != nil) != strings.Contains(tt.log, "does not answer") {
				t.Errorf("Put: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCacheDir(t *testing.T) {
	home := t.TempDir()
	discard := slog.New(slog.DiscardHandler)
	for _, tt := range []struct{ xdg, want string }{{"", ".cache/muster"}, {"relative", ".cache/muster"}, {filepath.Join(home, "xdg"), "xdg/muster"}} {
		t.Setenv("HOME", home)
		t.Setenv("XDG_CACHE_HOME", tt.xdg)
		c, err := (&CacheFlags{Use: CacheAuto}).CacheDir(discard)
		if err != nil || c.Store == nil || c.Life != 0 || c.Close() != nil {
			t.Errorf("%q: %+v, %v", tt.xdg, c, err)
		}
		if _, err := os.Stat(filepath.Join(home, tt.want)); err != nil {
			t.Errorf("%q: %v", tt.xdg, err)
		}
	}
	unsafe := filepath.Join(home, ".cache", "muster")
	t.Setenv("XDG_CACHE_HOME", "")
	if err := os.Chmod(unsafe, 0o777); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	said := slog.New(slog.NewTextHandler(&log, nil))
	if c, err := (&CacheFlags{}).CacheDir(said); err != nil || c.Store != nil || !strings.Contains(log.String(), "can be written by others") {
		t.Errorf("one that others write: %+v, %v, and it said %s", c, err, log.String())
	}
	if _, err := (&CacheFlags{Dir: unsafe}).CacheDir(discard); err == nil || !strings.HasPrefix(err.Error(), "--cache-dir: cache directory "+unsafe) {
		t.Errorf("one that is named: %v", err)
	}
	log.Reset()
	for name, value := range map[string]string{"HOME": "", "XDG_CACHE_HOME": "/proc/none"} {
		t.Setenv(name, value)
		if c, err := (&CacheFlags{Use: CacheAuto}).CacheDir(said); err != nil || c.Store != nil || log.Len() > 0 {
			t.Errorf("without %s: %+v, %v, and it said %s", name, c, err, log.String())
		}
	}
}
