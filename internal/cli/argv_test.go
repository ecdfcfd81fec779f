//go:build unix

package cli

import (
	"strings"
	"testing"
)

func TestCutURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args, rest, url string
		found           bool
	}{
		{"enqueue run", "enqueue run", "", false},
		{"enqueue run --redis redis://h/0 -q", "enqueue run -q", "redis://h/0", false},
		{"enqueue run --redis redis://:pw@h/0 -q", "enqueue run -q", "redis://:pw@h/0", true},
		{"enqueue run --redis=redis://ada:pw@h/0 -q", "enqueue run -q", "redis://ada:pw@h/0", true},
		{"enqueue --redis unix://ada:pw@/run/redis.sock run a b", "enqueue run a b", "unix://ada:pw@/run/redis.sock", true},
		{"enqueue run --redis redis://:p%zw@h", "enqueue run", "redis://:p%zw@h", true},
		{"enqueue run --redis redis-sentinel://h/0?master=m&sentinel_password=pw", "enqueue run",
			"redis-sentinel://h/0?master=m&sentinel_password=pw", true},
		{"worker --redis redis://:pw@h --redis redis://i", "worker", "redis://i", true},
		{"worker --redis redis://h --redis redis://:pw@i", "worker", "redis://:pw@i", true},
		{"enqueue run -- --redis redis://:pw@h", "enqueue run -- --redis redis://:pw@h", "", false},
		{"enqueue run --redis redis://:pw@h -- --redis b", "enqueue run -- --redis b", "redis://:pw@h", true},
		{"enqueue run --redis", "enqueue run --redis", "", false},
		{"enqueue run --cache-redis redis://:pw@h/0", "enqueue run --cache-redis redis://:pw@h/0", "", false},
		{"enqueue run --redistribute a@b", "enqueue run --redistribute a@b", "", false},
	} {
		rest, url, found := cutURL("redis", strings.Fields(tt.args))
		if got := strings.Join(rest, " "); got != tt.rest || url != tt.url || found != tt.found {
			t.Errorf("cutURL(%s) = %q, %q, %t; want %q, %q, %t", tt.args, got, url, found, tt.rest, tt.url, tt.found)
		}
	}
}
