package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// lanesKey has the lanes that live runs have tasks in, by when that was last said.
const lanesKey = LanesKey

// LanesKey is the key of Announce, which its callers must have the right to.
const LanesKey = prefix + "{muster}:lanes"

// laneKept is for how long a lane counts as announced: longer than between two announcements of
// a run that somebody looks after.
const laneKept = 2 * time.Minute

// Announce says that a run has tasks in lanes, for the workers that can meet their needs to serve
// them. Who looks after a run says it again every few seconds. A lane without needs is served
// anyway, and passed over.
func (l *Ledger) Announce(ctx context.Context, lanes ...string) error {
	lanes = slices.DeleteFunc(slices.Clone(lanes), func(lane string) bool { return !id.IsLane(lane) })
	if len(lanes) == 0 {
		return nil
	}
	now, err := l.plain.Time(ctx).Result()
	if err != nil {
		return fmt.Errorf("announce lanes: %w", err)
	}
	all := make([]redis.Z, len(lanes))
	for i, lane := range lanes {
		all[i] = redis.Z{Score: float64(now.UnixMilli()), Member: lane}
	}
	_, err = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, lanesKey, all...)
		p.ZRemRangeByScore(ctx, lanesKey, "-inf", strconv.FormatInt(now.Add(-l.ttl).UnixMilli(), 10))
		p.Expire(ctx, lanesKey, l.ttl)
		return nil
	})
	if err != nil {
		return fmt.Errorf("announce lanes: %w", err)
	}
	return nil
}

// Announced are the lanes that were announced lately, sorted by when.
func (l *Ledger) Announced(ctx context.Context) ([]string, error) {
	var now *redis.TimeCmd
	var all *redis.ZSliceCmd
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		now = p.Time(ctx)
		all = p.ZRangeByScoreWithScores(ctx, lanesKey, &redis.ZRangeBy{Min: "-inf", Max: "+inf"})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look which lanes there are: %w", err)
	}
	from := float64(now.Val().Add(-laneKept).UnixMilli())
	var lanes []string
	for _, z := range all.Val() {
		if lane, ok := z.Member.(string); ok && z.Score >= from {
			lanes = append(lanes, lane)
		}
	}
	return lanes, nil
}
