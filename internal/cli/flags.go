package cli

import (
	"cmp"
	"os"
	"slices"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/verdict"
)

// RedisEnv names the environment variable that --redis defaults to.
const RedisEnv = "MUSTER_REDIS"

// Embedded as --redis means a private Redis that lives as long as the process.
const Embedded = "embedded"

// UnitLimit is the most bytes that a service's files may have together, for
// enqueuers and workers alike.
const UnitLimit = 1 << 20

// Checkers are the checkers that a released program knows, the default first.
func Checkers() check.Checkers { return check.Checkers{manifest.New()} }

// Rules are all the rules that a report may name, sorted by code.
func Rules() []verdict.Rule {
	return slices.SortedFunc(slices.Values(append(manifest.Rules(), fleet.Rules()...)), func(a, b verdict.Rule) int {
		return cmp.Compare(a.Code, b.Code)
	})
}

// RedisDefault is the default of --redis.
func RedisDefault() string {
	if url := os.Getenv(RedisEnv); url != "" {
		return url
	}
	return Embedded
}

// ParseRedis reads --redis where a shared Redis is needed.
func ParseRedis(url, what string) (redisconn.Target, error) {
	if url == Embedded {
		return redisconn.Target{}, Usagef("%s needs a Redis that other processes reach: set %s or pass --redis", what, RedisEnv)
	}
	t, err := redisconn.Parse(url)
	if err != nil {
		return t, Usagef("--redis: %v", err)
	}
	return t, nil
}
