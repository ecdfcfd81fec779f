package preflight

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/test/redistest"
)

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.MaxRetries, o.DialerRetries = -1, 1
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

// telling starts a Redis that knows INFO and TIME alone and answers INFO with
// these lines.
func telling(t *testing.T, lines ...string) *redis.Client {
	t.Helper()
	s, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for name, f := range map[string]server.Cmd{
		"INFO": func(c *server.Peer, _ string, _ []string) { c.WriteBulk(strings.Join(lines, "\r\n") + "\r\n") },
		"TIME": func(c *server.Peer, _ string, _ []string) { c.WriteStrings([]string{"1767326645", "500000"}) },
	} {
		if err := s.Register(name, f); err != nil {
			t.Fatal(err)
		}
	}
	return client(t, "redis://"+s.Addr().String())
}

// then is the time that a telling Redis shows.
var then = time.Unix(1767326645, 500_000_000)

// fine is what a Redis without fault tells.
var fine = []string{"# Server", "redis_version:7.2.4", "# Persistence", "loading:0", "aof_enabled:1", "# Replication", "role:master",
	"# Memory", "used_memory:52428800", "used_memory_human:50.00M", "maxmemory:0", "maxmemory_policy:noeviction"}

// but is fine with other values.
func but(changes ...string) []string {
	lines := append([]string(nil), fine...)
	for _, change := range changes {
		name, _, _ := strings.Cut(change, ":")
		for i, line := range lines {
			if strings.HasPrefix(line, name+":") {
				lines = append(lines[:i], lines[i+1:]...)
				break
			}
		}
		if strings.Contains(change, ":") {
			lines = append(lines, change)
		}
	}
	return lines
}

func stores(bytes int64) Need { return Need{Bytes: func() int64 { return bytes }} }

func TestCheck(t *testing.T) {
	t.Parallel()
	const mebi = 1 << 20
	for _, tt := range []struct {
		name string
		info []string
		need Need
		want []Finding
	}{
		{"nothing wrong", fine, Need{Leases: true}, nil},
		{"oldest version", but("redis_version:6.2.0"), Need{}, nil},
		{"too old", but("redis_version:6.0.16"), Need{},
			[]Finding{{Refuse, "Redis is version 6.0, want 6.2 or newer: update it"}}},
		{"another major", but("redis_version:5.9"), Need{},
			[]Finding{{Refuse, "Redis is version 5.9, want 6.2 or newer: update it"}}},
		{"odd version", but("redis_version:unstable"), Need{},
			[]Finding{{Unseen, `cannot see the version: Redis calls it "unstable"`}}},
		{"loading", but("loading:1", "loading_loaded_perc:37.50"), Need{},
			[]Finding{{Refuse, `Redis is still reading its data from disk ("37.50" percent done): start again when it has finished`}}},
		{"replica", but("role:slave", "master_host:10.0.0.7", "master_port:6379"), Need{},
			[]Finding{{Refuse, `Redis is a replica and takes no writes, want the master: give the address of "10.0.0.7:6379", or a redis-sentinel URL, which finds it`}}},
		{"no append-only file", but("aof_enabled:0"), Need{},
			[]Finding{{Warn, "Redis does not log its writes (appendonly no): when it restarts, tasks and verdicts since its last snapshot are lost and the runs under way end incomplete: CONFIG SET appendonly yes"}}},
		{"no append-only file, and none wanted", but("aof_enabled:0"), Need{Fleeting: true}, nil},
		{"evicting", but("maxmemory_policy:allkeys-lru"), Need{},
			[]Finding{{Warn, `Redis deletes keys when it is full (maxmemory-policy "allkeys-lru"), tasks and verdicts among them, want "noeviction": CONFIG SET maxmemory-policy noeviction`}}},
		{"room enough", but("maxmemory:104857600"), stores(30 * mebi), nil},
		{"little room", but("maxmemory:104857600"), stores(31 * mebi),
			[]Finding{{Warn, "Redis uses 50 MiB of its 100 MiB, and this run needs about 31 MiB; above 80 percent runs pause, and when it is full workers stop, too: raise maxmemory"}}},
		{"no room", but("maxmemory:104857600"), stores(51 * mebi),
			[]Finding{{Refuse, "Redis has 50 MiB left of its 100 MiB, and this run needs about 51 MiB: raise maxmemory, or wait until earlier runs have expired, a day after their end"}}},
		{"beyond its limit", but("maxmemory:52428799"), stores(1),
			[]Finding{{Refuse, "Redis has 0 KiB left of its 49 MiB, and this run needs about 0 KiB: raise maxmemory, or wait until earlier runs have expired, a day after their end"}}},
		{"beyond its limit, with nothing to store", but("maxmemory:52428799"), Need{Leases: true},
			[]Finding{{Warn, "Redis is nearly full: it uses 50 MiB of its 49 MiB; above 80 percent runs pause, and when it is full workers stop, too: raise maxmemory"}}},
		{"silent", []string{"# Clients", "connected_clients:1"}, Need{}, []Finding{
			{Unseen, "cannot see the version: INFO does not hold redis_version"},
			{Unseen, "cannot see whether Redis is loading: INFO does not hold loading"},
			{Unseen, "cannot see the role: INFO does not hold role"},
			{Unseen, "cannot see persistence: INFO does not hold aof_enabled"},
			{Unseen, "cannot see maxmemory-policy: INFO does not hold maxmemory_policy"},
			{Unseen, "cannot see the limit of memory: INFO does not hold maxmemory"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := check(t.Context(), telling(t, tt.info...), tt.need, func() time.Time { return then })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	const behind = "this machine's clock is 11s behind that of Redis, want 10s at most: synchronize both with NTP"
	for _, tt := range []struct {
		name          string
		before, after time.Duration // of the question and of the answer, against Redis's time
		leases        bool
		want          []Finding
	}{
		{"the same", 0, 0, true, nil},
		{"just within", 10 * time.Second, 10 * time.Second, true, nil},
		{"behind", -11 * time.Second, -11 * time.Second, true, []Finding{{Refuse, behind}}},
		{"behind, without leases", -11 * time.Second, -11 * time.Second, false, []Finding{{Warn, behind}}},
		{"ahead", 600 * time.Second, 602 * time.Second, true,
			[]Finding{{Refuse, "this machine's clock is 10m1s ahead of that of Redis, want 10s at most: synchronize both with NTP"}}},
		{"slow answer, perhaps the same", 0, 30 * time.Second, true, nil},
		{"slow answer, perhaps ten seconds", 9 * time.Second, 20 * time.Second, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			times := []time.Duration{tt.before, tt.after}
			now := func() time.Time {
				d := times[0]
				times = times[1:]
				return then.Add(d)
			}
			got, err := check(t.Context(), telling(t, fine...), Need{Leases: tt.leases}, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckOfRealServers shows that what a real Redis tells is understood.
func TestCheckOfRealServers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want []string // level and beginning of each finding
	}{
		{"as it should be", []string{"--appendonly", "yes"}, nil},
		{"everything wrong", []string{"--maxmemory-policy", "volatile-ttl", "--maxmemory", "1mb", "--replicaof", "127.0.0.1 1"}, []string{
			`refuse: Redis is a replica and takes no writes, want the master: give the address of "127.0.0.1:1"`,
			"warn: Redis does not log its writes (appendonly no)",
			`warn: Redis deletes keys when it is full (maxmemory-policy "volatile-ttl")`,
			"refuse: Redis has ",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := client(t, redistest.Process(t, tt.args...).URL())
			need := stores(1 << 30)
			need.Leases = true
			r, err := Check(t.Context(), c, need)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, r, tt.want)
		})
	}
}

// expect compares the beginnings of the findings.
func expect(t *testing.T, r Report, want []string) {
	t.Helper()
	var got []string
	for i, f := range r.Findings {
		line := [...]string{"unseen: ", "warn: ", "refuse: "}[f.Level] + f.Text
		if i < len(want) && strings.HasPrefix(line, want[i]) {
			line = want[i]
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// as makes a user who may do everything but these commands, and connects as that.
func as(t *testing.T, url string, but ...any) *redis.Client {
	t.Helper()
	if err := client(t, url).Do(t.Context(), append([]any{"acl", "setuser", "ada", "on", ">s3same", "~*", "+@all"}, but...)...).Err(); err != nil {
		t.Fatal(err)
	}
	return client(t, strings.Replace(url, "unix://", "unix://ada:s3same@", 1))
}

// TestWhatIsForbiddenIsNamed: INFO is for looking only, and nothing works without TIME and
// scripts.
func TestWhatIsForbiddenIsNamed(t *testing.T) {
	t.Parallel()
	const info = "warn: cannot see the version, the role, persistence and memory of Redis: the Redis user may not run INFO: see docs/acl"
	for _, tt := range []struct {
		name string
		but  []any
		keys []string
		want []string
	}{
		{"information", []any{"-info", "-config"}, nil, []string{info}},
		{"time", []any{"-info", "-time"}, nil, []string{"refuse: the Redis user may not run TIME: see docs/acl", info}},
		{"scripts", []any{"-info", "-evalsha"}, []string{"k"}, []string{"refuse: the Redis user may not run EVALSHA: see docs/acl", info}},
		{"keys", []any{"-info", "resetkeys", "~mine"}, []string{"k", "mine", "l"}, []string{"refuse: the Redis user may not use one of the keys: see docs/acl", info}},
		{"no key is missing", []any{"-info", "resetkeys", "~mine"}, []string{"mine"}, []string{info}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := as(t, redistest.Server(t), tt.but...)
			r, err := Check(t.Context(), c, Need{Leases: true, Keys: tt.keys})
			if err != nil {
				t.Fatal(err)
			}
			expect(t, r, tt.want)
			if used, limit, err := MemoryUse(t.Context(), c); used != 0 || limit != 0 || err != nil {
				t.Errorf("MemoryUse = %d, %d, %v", used, limit, err)
			}
		})
	}
}

func TestMiniredisIsNotRefused(t *testing.T) {
	t.Parallel()
	r, err := Check(t.Context(), client(t, redistest.Mini(t)), Need{Leases: true, Fleeting: true})
	if err != nil || r.Err() != nil {
		t.Errorf("%v, refused for %v", err, r.Err())
	}
}

func TestNoAnswerIsAnError(t *testing.T) {
	t.Parallel()
	c := client(t, "redis://127.0.0.1:1")
	if _, err := Check(t.Context(), c, Need{}); err == nil || !strings.HasPrefix(err.Error(), "look at Redis before the start: ") {
		t.Errorf("Check: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := MemoryUse(ctx, c); err == nil {
		t.Error("MemoryUse: no error")
	}
}

func TestBytesAreAskedOnlyUnderALimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limit string
		asked bool
	}{{"maxmemory:0", false}, {"maxmemory:104857600", true}} {
		asked := false
		if _, err := Check(t.Context(), telling(t, but(tt.limit)...), Need{Bytes: func() int64 { asked = true; return 0 }}); err != nil {
			t.Fatal(err)
		}
		if asked != tt.asked {
			t.Errorf("%s: asked %t", tt.limit, asked)
		}
	}
}

func TestLogAndErr(t *testing.T) {
	t.Parallel()
	r := Report{[]Finding{{Unseen, "u"}, {Warn, "w"}, {Refuse, "r1"}, {Refuse, "r2"}}}
	if err := r.Err(); err == nil || err.Error() != "r1; r2" {
		t.Errorf("Err() = %v", err)
	}
	if err := (Report{r.Findings[:2]}).Err(); err != nil {
		t.Errorf("Err() without a refusal = %v", err)
	}
	var b bytes.Buffer
	r.Log(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})))
	if want := "level=DEBUG msg=u\nlevel=WARN msg=w\n"; b.String() != want {
		t.Errorf("logged %q, want %q", b.String(), want)
	}
}

func TestCheckCache(t *testing.T) {
	t.Parallel()
	limited := "maxmemory:104857600"
	for _, tt := range []struct {
		name string
		info []string
		want []string
	}{
		{"as it should be", but(limited, "maxmemory_policy:volatile-lfu", "aof_enabled:0", "role:slave"), nil},
		{"as Redis is by default", fine, []string{
			"warn: the cache's Redis has no limit of memory",
			"warn: the cache's Redis evicts nothing (maxmemory-policy noeviction)"}},
		{"salts may go", but(limited, "maxmemory_policy:allkeys-lfu"), []string{`warn: the cache's Redis may evict the salts of domains (maxmemory-policy "allkeys-lfu")`}},
		{"a cluster of an old version", but(limited, "maxmemory_policy:volatile-lru", "redis_version:6.0.1", "redis_mode:cluster"), []string{
			"refuse: Redis is version 6.0, want 6.2 or newer", "refuse: Redis is a cluster"}},
		{"silent", []string{"# Clients"}, []string{"unseen: cannot see the version", "unseen: cannot see the limit of memory", "unseen: cannot see maxmemory-policy"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := CheckCache(t.Context(), telling(t, tt.info...))
			if err != nil {
				t.Fatal(err)
			}
			expect(t, r, tt.want)
		})
	}
	if _, err := CheckCache(t.Context(), client(t, "redis://127.0.0.1:1")); err == nil {
		t.Error("a Redis that is not there has been looked at")
	}
}
