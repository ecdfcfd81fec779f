//go:build unix

package redistest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/test/redistest"
)

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.ContextTimeoutEnabled = true
	o.MaxRetries, o.DialerRetries = -1, 1
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestEachGivesAFreshServer(t *testing.T) {
	t.Parallel()
	for range 2 {
		redistest.Each(t, func(t *testing.T, url string) {
			c := client(t, url)
			if n, err := c.DBSize(t.Context()).Result(); n != 0 || err != nil {
				t.Errorf("%d keys at the start, %v", n, err)
			}
			if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestProcessKeepsWhatItsFlagsSave(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing by default", nil, ""},
		{"append-only file", []string{"--appendonly", "yes", "--appendfsync", "always"}, "v"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := redistest.Process(t, tt.args...)
			c := client(t, p.URL())
			if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
				t.Fatal(err)
			}
			url := p.URL()
			p.Kill()
			if err := c.Ping(t.Context()).Err(); err == nil {
				t.Error("a killed server answers")
			}
			p.Restart()
			if p.URL() != url {
				t.Errorf("URL after a restart = %s, was %s", p.URL(), url)
			}
			if got := afterLoading(t, c); got != tt.want {
				t.Errorf("k = %q after a restart, want %q", got, tt.want)
			}
		})
	}
}

// afterLoading reads k, asking again while the server reads its files.
func afterLoading(t *testing.T, c *redis.Client) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		got, err := c.Get(t.Context(), "k").Result()
		if err == nil || errors.Is(err, redis.Nil) {
			return got
		}
		if !strings.HasPrefix(err.Error(), "LOADING") || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestRestartOfARunningServer(t *testing.T) {
	t.Parallel()
	p := redistest.Process(t)
	p.Restart()
	if err := client(t, p.URL()).Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}

func TestFreezeAndThaw(t *testing.T) {
	t.Parallel()
	p := redistest.Process(t)
	c := client(t, p.URL())
	p.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("a frozen server answers")
	}
	p.Thaw()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Errorf("after Thaw: %v", err)
	}
}
