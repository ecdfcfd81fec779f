package preflight

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// fullPercent is how much of Redis's memory may be used before runs pause. What is left
// lets workers go on: a full Redis cannot even be emptied.
const fullPercent = 80

// NearlyFull says whether a run has to pause. A limit of 0 is none.
func NearlyFull(used, limit int64) bool {
	return limit > 0 && used > limit/100*fullPercent
}

// Memory is how full a Redis is.
type Memory struct {
	Used, Limit int64 // bytes; a Limit of 0 is none, or Redis does not tell
	// Evicts says that Redis makes room by itself when it is full, where what is to go has a time to live.
	Evicts bool
}

// MemoryUse is how many bytes Redis uses and how many it may (maxmemory). The
// limit is 0 when there is none or Redis does not tell; used is then 0, too,
// where it does not tell. It is one short round trip, cheap enough for once a
// second. An error means that Redis did not answer.
func MemoryUse(ctx context.Context, client redis.UniversalClient) (used, limit int64, err error) {
	m, err := MemoryOf(ctx, client)
	return m.Used, m.Limit, err
}

// MemoryOf is MemoryUse, and says what Redis does when it is full.
func MemoryOf(ctx context.Context, client redis.UniversalClient) (Memory, error) {
	info, err := client.Info(ctx, "memory").Result()
	switch {
	case err == nil:
		used, limit := memory(info)
		policy, ok := field(info, "maxmemory_policy")
		return Memory{Used: used, Limit: limit, Evicts: ok && policy != noEviction}, nil
	case answered(err):
		return Memory{}, nil
	}
	return Memory{}, fmt.Errorf("ask Redis for its use of memory: %w", err)
}

// memory reads the section of INFO; a value that is not there or not a number is
// 0.
func memory(info string) (used, limit int64) {
	number := func(name string) int64 {
		text, _ := field(info, name)
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	return number("used_memory"), number("maxmemory")
}

// field finds a line of INFO, "name:value" with CRLF at its end.
func field(info, name string) (value string, ok bool) {
	for line := range strings.Lines(info) {
		if rest, found := strings.CutPrefix(line, name); found && strings.HasPrefix(rest, ":") {
			return strings.TrimRight(rest[1:], "\r\n"), true
		}
	}
	return "", false
}
