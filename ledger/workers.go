package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
)

// Capacity is what a worker can do, and with what. A worker of a version that does not
// tell a field leaves it out, and one that does not know it passes over it.
type Capacity struct {
	Slots   int               `json:"slots"`             // checks at once; 0 for a worker that stops
	Queues  []string          `json:"queues"`            // from which it takes tasks
	Version string            `json:"version,omitempty"` // of its program
	Engines map[string]string `json:"engines,omitempty"` // check → its engine
	// Detached: the worker pushes the tasks of detached runs.
	Detached bool `json:"detached,omitempty"`
	// Offers are the commands that it runs, sorted by name, and CommandSlots how many of them at
	// once, whatever they are; these slots come beside Slots.
	Offers       []Offer `json:"offers,omitempty"`
	CommandSlots int     `json:"commandSlots,omitempty"`
	// Lanes are those of commands that it serves, sorted.
	Lanes []string `json:"lanes,omitempty"`
	// CacheDomain is the domain in which it keeps decisions, "" where it keeps none.
	CacheDomain string `json:"cacheDomain,omitempty"`
}

// Offer is a command that a worker runs.
type Offer struct {
	Name    string   `json:"name"`
	Engine  string   `json:"engine"`            // the digest of all that decides
	Version string   `json:"version,omitempty"` // as the program tells it
	Walls   []string `json:"walls"`             // that stand around it
	Pure    bool     `json:"pure,omitempty"`
	Slots   int      `json:"slots"` // at once
}

// SlotsOf counts how many tasks of a lane a worker can work on at once: 0 where it does not serve
// the lane's queue, or lacks a command that the lane needs.
func (c Capacity) SlotsOf(lane string) int {
	queue, needs := id.ParseLane(lane)
	if !slices.Contains(c.Queues, queue) {
		return 0
	}
	if len(needs) == 0 {
		return c.Slots
	}
	n := c.CommandSlots
	for _, need := range needs {
		i := slices.IndexFunc(c.Offers, func(o Offer) bool { return o.Name == need })
		if i < 0 {
			return 0
		}
		n = min(n, c.Offers[i].Slots)
	}
	return n
}

// workerKeys are the two keys that one version of this program keeps workers under.
type workerKeys struct{ heartbeats, capacity string }

// allWorkerKeys are those of the version before and of this one. Where both tell of a
// worker, the later ones stand.
var allWorkerKeys = [2]workerKeys{
	{prefix + "workers", prefix + "capacity"},
	{prefix + "{muster}:workers", prefix + "{muster}:capacity"},
}

// Heartbeat records that a worker is alive, and what it can do. A worker must call it
// every second.
func (l *Ledger) Heartbeat(ctx context.Context, worker string, c Capacity) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	var sent [len(allWorkerKeys)]*redis.Cmd
	_, _ = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, k := range allWorkerKeys {
			sent[i] = heartbeatScript.EvalSha(ctx, p, []string{k.heartbeats, k.capacity}, worker, l.seconds(), body)
		}
		return nil
	}) // each reply tells its own error
	for i, k := range allWorkerKeys {
		err := orEval(ctx, l.plain, sent[i], heartbeatScript, []string{k.heartbeats, k.capacity}, worker, l.seconds(), body).Err()
		if err != nil {
			return fmt.Errorf("beat of worker %s: %w", worker, err)
		}
	}
	return nil
}

// Deregister forgets a worker that stops.
func (l *Ledger) Deregister(ctx context.Context, worker string) error {
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range allWorkerKeys {
			p.ZRem(ctx, k.heartbeats, worker)
			p.HDel(ctx, k.capacity, worker)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rest of worker %s: %w", worker, err)
	}
	return nil
}

// Worker is a worker that the ledger knows.
type Worker struct {
	Name    string
	Silence time.Duration // since its last heartbeat
	Capacity
}

// Workers lists the workers whose last heartbeat is no older than silence, by their names.
// Ages are by Redis's clock. It takes one round trip, however many workers there are.
func (l *Ledger) Workers(ctx context.Context, silence time.Duration) ([]Worker, error) {
	var heartbeats heartbeatReads
	var capacities [len(allWorkerKeys)]*redis.MapStringStringCmd
	var clock *redis.TimeCmd
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		heartbeats, clock = readHeartbeats(ctx, p), p.Time(ctx)
		for i, k := range allWorkerKeys {
			capacities[i] = p.HGetAll(ctx, k.capacity)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	var all []Worker
	for name, last := range heartbeats.last() {
		w := Worker{Name: name, Silence: clock.Val().Sub(last)}
		text := cmp.Or(capacities[1].Val()[name], capacities[0].Val()[name])
		if json.Unmarshal([]byte(text), &w.Capacity) == nil && w.Silence <= silence {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b Worker) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Slots counts how many tasks of a lane can be worked on at once by the workers whose
// last heartbeat is no older than silence.
func (l *Ledger) Slots(ctx context.Context, lane string, silence time.Duration) (int, error) {
	workers, err := l.Workers(ctx, silence)
	n := 0
	for _, w := range workers {
		n += w.SlotsOf(lane)
	}
	return n, err
}

// heartbeatReads are the replies about all workers' heartbeats, one for each of
// allWorkerKeys.
type heartbeatReads [len(allWorkerKeys)]*redis.ZSliceCmd

func readHeartbeats(ctx context.Context, p redis.Pipeliner) (reads heartbeatReads) {
	for i, k := range allWorkerKeys {
		reads[i] = p.ZRangeWithScores(ctx, k.heartbeats, 0, -1)
	}
	return reads
}

// last is when each worker sent its last heartbeat.
func (h heartbeatReads) last() map[string]time.Time {
	all := map[string]time.Time{}
	for _, reply := range h {
		for _, z := range reply.Val() {
			if worker, ok := z.Member.(string); ok {
				all[worker] = time.UnixMilli(int64(z.Score))
			}
		}
	}
	return all
}

// Attempt is an attempt in progress: it has begun and not ended.
type Attempt struct {
	Unit    id.Unit
	Number  int
	Worker  string
	Age     time.Duration // since it was begun
	Silence time.Duration // since its worker's last heartbeat; NeverSeen if there is none
}

// NeverSeen is the silence of a worker that has sent no heartbeat for an hour, or ever.
const NeverSeen = time.Duration(1<<63 - 1)

// InProgress lists the attempts of a run that are in progress. Ages and silences are by
// Redis's clock.
func (l *Ledger) InProgress(ctx context.Context, run id.Run) ([]Attempt, error) {
	var begun *redis.MapStringStringCmd
	var heartbeats heartbeatReads
	var clock *redis.TimeCmd
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		begun, heartbeats, clock = p.HGetAll(ctx, keysOf(run).begun), readHeartbeats(ctx, p), p.Time(ctx)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is under way in run %s: %w", run, err)
	}
	now, last := clock.Val(), heartbeats.last()
	var all []Attempt
	for unit, text := range begun.Val() {
		if a, ok := parseAttempt(id.Unit(unit), text, now); ok {
			if heartbeat, ok := last[a.Worker]; ok {
				a.Silence = now.Sub(heartbeat)
			}
			all = append(all, a)
		}
	}
	return all, nil
}

// parseAttempt reads "milliseconds attempt worker#count".
func parseAttempt(unit id.Unit, text string, now time.Time) (Attempt, bool) {
	f := strings.SplitN(text, " ", 3)
	if len(f) != 3 {
		return Attempt{}, false
	}
	n, err := strconv.Atoi(f[1])
	worker, ok := id.Delivery(f[2]).Worker()
	if err != nil || !ok {
		return Attempt{}, false
	}
	return Attempt{Unit: unit, Number: n, Worker: worker, Age: now.Sub(milli(f[0])), Silence: NeverSeen}, true
}

// maxSoloDeaths is the number of workers that must die of a unit that is a suspect already
// before it is poisoned. The death that made it one proves nothing, because other units
// ran in the same process.
const maxSoloDeaths = 2

// Next is the answer of Reissue: Again, Alone, Poisoned, Taken, Decided or Ended. Number
// is the attempt to push, the attempt that another process has got, or for Poisoned how
// many workers died.
type Next struct {
	Answer Answer
	Number int
}

// Reissue says that an attempt is lost and asks for the next one. Of all calls about the
// same attempt, one gets it. died says that the attempt's worker died.
func (l *Ledger) Reissue(ctx context.Context, run id.Run, unit id.Unit, attempt int, died bool) (Next, error) {
	k, flag := keysOf(run), 0
	if died {
		flag = 1
	}
	word, detail, err := answer(reissueScript.Run(ctx, l.plain, []string{k.run, k.decided, k.begun, k.attempts},
		string(unit), attempt, flag, maxSoloDeaths, l.seconds(), newToken()))
	if err != nil {
		return Next{}, fmt.Errorf("re-issue %q in run %s: %w", unit, run, err)
	}
	n, _ := strconv.Atoi(detail)
	return Next{word, n}, nil
}

// Attempts reads the current attempts of the units that are beyond their first one.
func (l *Ledger) Attempts(ctx context.Context, run id.Run) (map[id.Unit]int, error) {
	all, err := l.plain.HGetAll(ctx, keysOf(run).attempts).Result()
	if err != nil {
		return nil, fmt.Errorf("read the attempts of run %s: %w", run, err)
	}
	attempts := make(map[id.Unit]int, len(all))
	for unit, text := range all {
		number, _, _ := strings.Cut(text, " ")
		if n, err := strconv.Atoi(number); err == nil {
			attempts[id.Unit(unit)] = n
		}
	}
	return attempts, nil
}
