package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

func detachedKey(queue string) string { return prefix + "detached:" + queue }

// laneSpan is how many units a lane may list. The scores of one lane follow those of the one before,
// so that those of a run with one lane are the numbers of its units.
const laneSpan = 1 << 40

// listing is a unit with its lane, as the plan counts them.
type listing struct {
	unit id.Unit
	lane int
}

// laneOf is the lane of a kind.
func (p Plan) laneOf(kind string) int { return max(0, slices.Index(p.Lanes(), p.Lane(kind))) }

// HandOver lists a unit of a kind whose task the workers are to push when its turn in its lane
// comes. Its digest must be expected and its bundle be in Redis. Those who call at about the same time
// share a round trip.
func (o *Owner) HandOver(ctx context.Context, unit id.Unit, kind string) error {
	word, err := o.hands.do(ctx, listing{unit, o.Header.Plan.laneOf(kind)})
	if err == nil {
		err = word.refusal()
	}
	if err != nil {
		return fmt.Errorf("hand over %q in run %s: %w", unit, o.run, err)
	}
	return nil
}

func (o *Owner) handOver(ctx context.Context, units []listing) ([]Answer, error) {
	return o.ledger.list(ctx, o.Header, units)
}

// list puts units into the list of a detached run, in the generation that the caller has seen.
func (l *Ledger) list(ctx context.Context, h Header, units []listing) ([]Answer, error) {
	k := keysOf(h.ID)
	args := make([]any, 2, 2+2*len(units))
	args[0], args[1] = h.Generation, l.seconds()
	for _, u := range units {
		args = append(args, string(u.unit), u.lane*laneSpan)
	}
	words, err := answers(handOverScript.Run(ctx, l.bulk, []string{k.run, k.waiting, k.claimed}, args...), len(units))
	if err != nil {
		return nil, err
	}
	replies := make([]Answer, len(words))
	for i, word := range words {
		replies[i] = Answer(word)
	}
	return replies, nil
}

// DetachedRuns lists the runs of which workers of these queues are to push tasks, those of
// each queue by their start.
func (l *Ledger) DetachedRuns(ctx context.Context, queues []string) ([]id.Run, error) {
	lists := make([]*redis.StringSliceCmd, len(queues))
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, q := range queues {
			lists[i] = p.ZRange(ctx, detachedKey(q), 0, -1)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the detached runs: %w", err)
	}
	var all []id.Run
	for _, list := range lists {
		for _, name := range list.Val() {
			all = append(all, id.Run(name))
		}
	}
	return all, nil
}

// EndDetached takes a run that was seen with a start out of the lists of DetachedRuns. A zero
// start is that of a run that is gone.
func (l *Ledger) EndDetached(ctx context.Context, queues []string, run id.Run, started time.Time) error {
	start := ""
	if !started.IsZero() {
		start = strconv.FormatInt(started.UnixMilli(), 10)
	}
	for _, q := range queues {
		if err := endDetachedScript.Run(ctx, l.plain, []string{detachedKey(q)}, string(run), start).Err(); err != nil {
			return fmt.Errorf("take run %s out of the detached ones: %w", run, err)
		}
	}
	return nil
}

// Relist lists units of a detached run again that are undecided and have neither a task nor a
// place in the list: a Redis that comes back may have lost either.
func (l *Ledger) Relist(ctx context.Context, h Header) error {
	var units []id.Unit
	err := l.EachExpected(ctx, h.ID, func(unit id.Unit, digest id.Digest) {
		if digest != "" {
			units = append(units, unit)
		}
	})
	if err == nil {
		units, err = l.Undecided(ctx, h.ID, units)
	}
	if err != nil {
		return err
	}
	lanes, err := l.LanesOf(ctx, h.ID, h.Plan, units)
	if err != nil {
		return err
	}
	all, names := make([]listing, len(units)), h.Plan.Lanes()
	for i, u := range units {
		all[i] = listing{u, max(0, slices.Index(names, lanes[u]))}
	}
	for some := range slices.Chunk(all, batchMax) {
		if _, err := l.list(ctx, h, some); err != nil {
			return fmt.Errorf("list units of run %s again: %w", h.ID, err)
		}
	}
	return nil
}

// Claim asks for units of a detached run that have no task yet.
type Claim struct {
	Worker string        // who asks
	Lease  time.Duration // how long nobody else may ask
	// Windows are how many undecided units may have tasks, of each lane of the plan.
	Windows []int
	Quiet   time.Duration // after which a task that was not begun is doubtful
	Most    int           // units in one reply, 1 to 1000
}

// Claimed is the reply to Claim: Granted; Held, Attached, Overdue, or an answer of any step.
// With Granted come units whose tasks the caller pushes, and those whose tasks it looks for.
type Claimed struct {
	Answer   Answer
	Held     time.Duration // for how long another worker has the lease, with Held
	Decided  int           // units with a verdict
	Tasks    []int         // undecided units with a task, of each lane
	Units    []ClaimedUnit
	Doubtful []ClaimedUnit // without a digest and a kind
}

// ClaimedUnit is a unit whose task is to be pushed or looked for.
type ClaimedUnit struct {
	Unit    id.Unit
	Digest  id.Digest
	Kind    string // of the unit, as the plan has it
	Attempt int
	Suspect bool // a worker died over it
}

// Claim makes the caller, which has seen the run's header, the one who pushes its tasks for the
// time of a lease, and gives it units to push. Whoever asks for them and dies leaves them to the
// next one, to which they are doubtful.
func (l *Ledger) Claim(ctx context.Context, h Header, c Claim) (Claimed, error) {
	k := keysOf(h.ID)
	words, err := claimScript.Run(ctx, l.plain, []string{k.run, k.expect, k.decided, k.begun, k.attempts, k.waiting, k.claimed, k.kinds},
		claimArgs(h, c, l.seconds())...).StringSlice()
	if err != nil {
		return Claimed{}, fmt.Errorf("claim units of run %s: %w", h.ID, err)
	}
	if len(words) > 3 {
		return parseClaimed(words, len(c.Windows))
	}
	claimed := Claimed{Answer: Answer(words[0])}
	if claimed.Answer == Held {
		ms, _ := strconv.ParseInt(words[1], 10, 64)
		claimed.Held = time.Duration(ms) * time.Millisecond
	}
	return claimed, nil
}

// claimArgs are the arguments of claimScript.
func claimArgs(h Header, c Claim, ttl int64) []any {
	args := []any{c.Worker, c.Lease.Milliseconds(), c.Quiet.Milliseconds(), ttl, c.Most, h.Generation, len(c.Windows)}
	for lane, size := range c.Windows {
		args = append(args, size, lane*laneSpan, (lane+1)*laneSpan)
	}
	for _, k := range h.Plan.All() {
		args = append(args, k.Kind, h.Plan.laneOf(k.Kind)+1)
	}
	return args
}

// parseClaimed reads the reply of claimScript about so many lanes.
func parseClaimed(words []string, lanes int) (c Claimed, err error) {
	var fresh int
	c.Answer, c.Tasks = Granted, make([]int, lanes)
	numbers := []*int{&c.Decided, &fresh}
	for i := range c.Tasks {
		numbers = append(numbers, &c.Tasks[i])
	}
	for i, n := range numbers {
		if *n, err = strconv.Atoi(words[1+i]); err != nil {
			return c, fmt.Errorf("read a claim: %w", err)
		}
	}
	rest := words[1+len(numbers):]
	for ; fresh > 0; fresh, rest = fresh-1, rest[4:] {
		u := ClaimedUnit{Unit: id.Unit(rest[0]), Digest: id.Digest(rest[1]), Kind: rest[2]}
		number, state, _ := strings.Cut(rest[3], " ")
		u.Attempt, _ = strconv.Atoi(number)
		u.Suspect = strings.HasPrefix(state, "1")
		c.Units = append(c.Units, u)
	}
	for ; len(rest) > 1; rest = rest[2:] {
		number, _ := strconv.Atoi(rest[1])
		c.Doubtful = append(c.Doubtful, ClaimedUnit{Unit: id.Unit(rest[0]), Attempt: number})
	}
	return c, nil
}

// SeenTo notes that the tasks of claimed units are where they should be.
func (l *Ledger) SeenTo(ctx context.Context, run id.Run, units []id.Unit) error {
	if len(units) == 0 {
		return nil
	}
	now, err := l.plain.Time(ctx).Result()
	if err == nil {
		all := make([]redis.Z, len(units))
		for i, u := range units {
			all[i] = redis.Z{Score: float64(now.UnixMilli()), Member: string(u)}
		}
		err = l.plain.ZAddXX(ctx, keysOf(run).claimed, all...).Err()
	}
	if err != nil {
		return fmt.Errorf("note what is under way in run %s: %w", run, err)
	}
	return nil
}

// Waiting says which of the units wait for their turn in the list of a detached run.
func (l *Ledger) Waiting(ctx context.Context, run id.Run, units []id.Unit) (map[id.Unit]bool, error) {
	if len(units) == 0 {
		return nil, nil
	}
	places, err := l.plain.ZMScore(ctx, keysOf(run).waiting, fields(units)...).Result()
	if err != nil {
		return nil, fmt.Errorf("read what waits in run %s: %w", run, err)
	}
	waiting := map[id.Unit]bool{}
	for i, place := range places {
		if place > 0 { // the first place is 1, and no place 0
			waiting[units[i]] = true
		}
	}
	return waiting, nil
}

// ClaimedUnits lists the units of a detached run that have tasks.
func (l *Ledger) ClaimedUnits(ctx context.Context, run id.Run) ([]id.Unit, error) {
	names, err := l.plain.ZRange(ctx, keysOf(run).claimed, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read what is under way in run %s: %w", run, err)
	}
	units := make([]id.Unit, len(names))
	for i, n := range names {
		units[i] = id.Unit(n)
	}
	return units, nil
}

// EndOverdue ends a detached run whose time is over. A run that has ended, is decided or has
// time left stays as it is.
func (l *Ledger) EndOverdue(ctx context.Context, run id.Run) error {
	h, err := l.Header(ctx, run)
	if err != nil {
		return err
	}
	ok, took := h.Kinds[verdict.OK], h.Deadline.Sub(h.Started)
	b, err := json.Marshal(Final{OK: ok, Errs: max(h.Listed, h.Total) - ok, Reason: fmt.Sprintf("not decided within %s", took)})
	if err != nil {
		return err
	}
	k := keysOf(run)
	return l.done(run, "end", deadlineScript.Run(ctx, l.plain, []string{k.run, k.events, k.begun, k.decided}, b, l.seconds()))
}
