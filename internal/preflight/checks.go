package preflight

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

// noEviction is the policy of a Redis that refuses writes when it is full.
const noEviction = "noeviction"

// The oldest Redis that has the commands in use.
const oldestMajor, oldestMinor = 6, 2

// field reads one field of INFO, or notes that what cannot be looked at.
func (r *Report) field(info *redis.StringCmd, name, what string) (string, bool) {
	if d := acl.Denied(info.Err()); d != nil {
		r.once(Warn, fmt.Sprintf("cannot see the version, the role, persistence and memory of Redis: %v", d))
		return "", false
	}
	if info.Err() != nil {
		r.add(Unseen, "cannot see %s: %s", what, refusal("INFO", info.Err()))
		return "", false
	}
	value, ok := field(info.Val(), name)
	if !ok {
		r.add(Unseen, "cannot see %s: INFO does not hold %s", what, name)
	}
	return value, ok
}

// server judges what does not depend on the run: version, loading, role.
func (r *Report) server(info *redis.StringCmd) {
	if v, ok := r.field(info, "redis_version", "the version"); ok {
		r.version(v)
	}
	if mode, _ := field(info.Val(), "redis_mode"); mode == "cluster" {
		r.add(Refuse, "Redis is a cluster, whose nodes part the keys that a run needs together: give the address of a Redis that is none")
	}
	if loading, ok := r.field(info, "loading", "whether Redis is loading"); ok && loading != "0" {
		done, _ := field(info.Val(), "loading_loaded_perc")
		r.add(Refuse, "Redis is still reading its data from disk (%.10q percent done): start again when it has finished", done)
	}
	if role, ok := r.field(info, "role", "the role"); ok && role != "master" {
		host, _ := field(info.Val(), "master_host")
		port, _ := field(info.Val(), "master_port")
		r.add(Refuse, "Redis is a replica and takes no writes, want the master: give the address of %.260q, "+
			"or a redis-sentinel URL, which finds it", host+":"+port)
	}
}

func (r *Report) version(v string) {
	var major, minor int
	if _, err := fmt.Sscanf(v, "%d.%d", &major, &minor); err != nil {
		r.add(Unseen, "cannot see the version: Redis calls it %.40q", v)
		return
	}
	if major < oldestMajor || major == oldestMajor && minor < oldestMinor {
		r.add(Refuse, "Redis is version %d.%d, want %d.%d or newer: update it", major, minor, oldestMajor, oldestMinor)
	}
}

// clock compares Redis's time with the middle of the round trip that asked for
// it. What the round trip leaves open is taken in the machine's favour.
func (r *Report) clock(before, after, redis time.Time, leases bool) {
	doubt := after.Sub(before) / 2
	skew := before.Add(doubt).Sub(redis)
	direction := "ahead of"
	if skew < 0 {
		skew, direction = -skew, "behind"
	}
	if skew-doubt <= MaxSkew {
		return
	}
	level := Warn
	if leases {
		level = Refuse
	}
	r.add(level, "this machine's clock is %s %s that of Redis, want %s at most: synchronize both with NTP",
		skew.Round(time.Second), direction, MaxSkew)
}

func (r *Report) persistence(info *redis.StringCmd) {
	if aof, ok := r.field(info, "aof_enabled", "persistence"); ok && aof == "0" {
		r.add(Warn, "Redis does not log its writes (appendonly no): when it restarts, tasks and verdicts since its last snapshot are lost "+
			"and the runs under way end incomplete: CONFIG SET appendonly yes")
	}
}

func (r *Report) memory(info *redis.StringCmd, need Need) {
	if policy, ok := r.field(info, "maxmemory_policy", "maxmemory-policy"); ok && policy != noEviction {
		r.add(Warn, "Redis deletes keys when it is full (maxmemory-policy %.40q), tasks and verdicts among them, want \"noeviction\": "+
			"CONFIG SET maxmemory-policy noeviction", policy)
	}
	if _, ok := r.field(info, "maxmemory", "the limit of memory"); !ok {
		return
	}
	if used, limit := memory(info.Val()); limit > 0 {
		r.room(used, limit, need)
	}
}

// eviction judges what a cache's Redis does when it is full. All that a cache has ends by itself, but for the
// salts of domains, without which what was disowned would be trusted again.
func (r *Report) eviction(info *redis.StringCmd) {
	const want = "CONFIG SET maxmemory-policy volatile-lfu"
	if limit, ok := r.field(info, "maxmemory", "the limit of memory"); ok && limit == "0" {
		r.add(Warn, "the cache's Redis has no limit of memory, and grows until entries end: CONFIG SET maxmemory, about 1 KiB for each unit and version that is to be remembered")
	}
	switch policy, ok := r.field(info, "maxmemory_policy", "maxmemory-policy"); {
	case ok && policy == noEviction:
		r.add(Warn, "the cache's Redis evicts nothing (maxmemory-policy noeviction), so that nothing new is kept once it is more than half full: "+want)
	case ok && strings.HasPrefix(policy, "allkeys-"):
		r.add(Warn, "the cache's Redis may evict the salts of domains (maxmemory-policy %.40q), and then trusts again what was disowned: "+want, policy)
	}
}

// room compares what is left of the memory with what is needed.
func (r *Report) room(used, limit int64, need Need) {
	var bytes int64
	if need.Bytes != nil {
		bytes = need.Bytes()
	}
	switch {
	case bytes > 0 && bytes > limit-used:
		r.add(Refuse, "Redis has %s left of its %s, and this run needs about %s: raise maxmemory, or wait until earlier runs have expired, a day after their end",
			size(max(limit-used, 0)), size(limit), size(bytes))
	case NearlyFull(used, limit):
		r.add(Warn, "Redis is nearly full: it uses %s of its %s; above %d percent runs pause, and when it is full workers stop, too: raise maxmemory",
			size(used), size(limit), fullPercent)
	case NearlyFull(used+bytes, limit):
		r.add(Warn, "Redis uses %s of its %s, and this run needs about %s; above %d percent runs pause, and when it is full workers stop, too: raise maxmemory",
			size(used), size(limit), size(bytes), fullPercent)
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	const mebi = 1 << 20
	if n < 10*mebi {
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n/mebi, 10) + " MiB"
}
