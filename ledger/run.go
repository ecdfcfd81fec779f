package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/verdict"
)

// State is the phase of a run.
type State string

// The states. A run goes from Open (names are being listed) to Sealed (all names are
// listed), and from either to Closed (the report is written), perhaps by way of Cancelled
// (its verdicts are not wanted any more).
const (
	Open      State = "open"
	Sealed    State = "sealed"
	Cancelled State = "cancelled"
	Closed    State = "closed"
)

// Plan is what a run checks. Two enqueuers may share a run ID only if their plans are
// equal.
type Plan struct {
	Queue     string    `json:"queue"`
	Checker   string    `json:"checker"`
	Shared    id.Digest `json:"shared"`  // digest of the shared bundle
	Regions   []string  `json:"regions"` // selected, resolved
	Selection string    `json:"selection"`
	Whole     bool      `json:"whole"` // every folder is selected
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64 `json:"timeoutMs"`
}

// Header is the state of a run in Redis.
type Header struct {
	ID         id.Run
	Generation string // differs for each run that was opened under the ID
	Plan       Plan
	State      State
	Times
	Total   int // expected units; -1 until the run is sealed
	Listed  int // expected units that are recorded so far
	Decided int // units with a verdict
	Kinds   map[verdict.Kind]int
	Final   Final
	Reason  string // why it was cancelled

	AllPushed bool // all tasks were pushed
	Detached  bool // the run needs no followers
	// Abandoned: the enqueuer fell silent before it had pushed all tasks. Only another
	// enqueuer can finish the run.
	Abandoned bool
	Tallies
}

// Times are the times of a run, by Redis's clock.
type Times struct {
	Started  time.Time
	EndedAt  time.Time // zero until the run ends
	Owned    time.Time // when the enqueuer was last alive
	Followed time.Time // when any follower was last alive
	Now      time.Time // when the header was read
}

// Tallies count the verdicts that did not become the verdict of their unit, and those
// that were dropped.
type Tallies struct {
	Duplicates     int // the same verdict, recorded again
	Contradictions int // another verdict about the same bytes
	Stale          int // verdicts about bytes that are not expected
	Late           int // verdicts after the end of the run
	Dropped        int // verdicts taken back, when the run was resumed
}

// Ended says whether the run takes no more verdicts.
func (h Header) Ended() bool { return h.State == Closed || h.State == Cancelled }

// Final is the result with which a run is closed.
type Final struct {
	OK       int    `json:"ok"`
	Errs     int    `json:"errs"`
	Complete bool   `json:"complete"`
	Reason   string `json:"reason,omitempty"` // why it is not complete
}

// Open makes the run, or finds the one of the same ID. created is false for a run that
// was there before; the caller then compares the plans.
func (l *Ledger) Open(ctx context.Context, run id.Run, plan Plan) (h Header, created bool, err error) {
	if err := run.Check(); err != nil {
		return Header{}, false, err
	}
	b, err := json.Marshal(plan)
	if err != nil {
		return Header{}, false, err
	}
	k, generation := keysOf(run), newToken()
	reply, err := stringMap(openScript.Run(ctx, l.plain, []string{k.run}, generation, l.seconds(),
		"format", format, "state", string(Open), "plan", b, "shared", string(plan.Shared)))
	if err != nil {
		return Header{}, false, fmt.Errorf("open run %s: %w", run, err)
	}
	if h, err = parseHeader(run, reply); err != nil {
		return Header{}, false, err
	}
	_, err = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, runsKey, redis.Z{Score: float64(h.Started.UnixMilli()), Member: string(run)})
		p.Expire(ctx, runsKey, l.ttl)
		return nil
	})
	if err != nil {
		return Header{}, false, fmt.Errorf("open run %s: %w", run, err)
	}
	return h, h.Generation == generation, nil
}

// Header reads the header of a run. Its error wraps ErrGone if the run is not in Redis.
func (l *Ledger) Header(ctx context.Context, run id.Run) (Header, error) {
	if err := run.Check(); err != nil {
		return Header{}, err
	}
	hs, errs, err := l.headers(ctx, []id.Run{run})
	if err != nil {
		return Header{}, fmt.Errorf("read run %s: %w", run, err)
	}
	return hs[0], errs[0]
}

// Server is the name of the Redis process that answers. Another name means that Redis was
// restarted, or that another Redis has taken over. The name is "" where Redis does not
// tell it.
func (l *Ledger) Server(ctx context.Context) (string, error) {
	info, err := l.plain.Info(ctx, "server").Result()
	if refused := (redis.Error)(nil); errors.As(err, &refused) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask Redis for its name: %w", err)
	}
	for line := range strings.Lines(info) {
		if name, ok := strings.CutPrefix(line, "run_id:"); ok {
			return strings.TrimSpace(name), nil
		}
	}
	return "", nil
}

// Runs lists the runs in Redis, newest first, without those of another format. It removes
// runs whose keys have expired from the index.
func (l *Ledger) Runs(ctx context.Context) ([]Header, error) {
	names, err := l.plain.ZRevRange(ctx, runsKey, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	runs := make([]id.Run, len(names))
	for i, name := range names {
		runs[i] = id.Run(name)
	}
	all, errs, err := l.headers(ctx, runs)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var there []Header
	var gone []any
	for i, err := range errs {
		switch {
		case err == nil:
			there = append(there, all[i])
		case errors.Is(err, ErrGone):
			gone = append(gone, names[i])
		case !errors.Is(err, ErrFormat):
			return nil, err
		}
	}
	if len(gone) > 0 {
		err = l.plain.ZRem(ctx, runsKey, gone...).Err()
	}
	if acl.Denied(err) != nil { // somebody who may write does it
		err = nil
	}
	return there, err
}

// headers reads several runs in one round trip, and returns what is wrong with each of
// them; ErrGone if it is not there.
func (l *Ledger) headers(ctx context.Context, runs []id.Run) ([]Header, []error, error) {
	type reads struct {
		run             *redis.MapStringStringCmd
		listed, decided *redis.IntCmd
	}
	all := make([]reads, len(runs))
	var now *redis.TimeCmd
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		now = p.Time(ctx)
		for i, run := range runs {
			k := keysOf(run)
			all[i] = reads{p.HGetAll(ctx, k.run), p.HLen(ctx, k.expect), p.HLen(ctx, k.decided)}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	hs, errs := make([]Header, len(runs)), make([]error, len(runs))
	for i, r := range all {
		if len(r.run.Val()) == 0 {
			errs[i] = fmt.Errorf("run %s: %w", runs[i], ErrGone)
			continue
		}
		h, err := parseHeader(runs[i], r.run.Val())
		h.Listed, h.Decided, h.Now = int(r.listed.Val()), int(r.decided.Val()), now.Val().UTC()
		h.Abandoned = !h.Ended() && !h.AllPushed && h.Now.Sub(h.Owned) > l.timing.OwnerSilence
		hs[i], errs[i] = h, err
	}
	return hs, errs, nil
}

// Seal records that all names are listed: total of them. Sealing again with the same
// total is no error, with another one it is ErrOtherTotal. ErrGone means that the run is
// not in Redis, or that Redis has lost names.
func (l *Ledger) Seal(ctx context.Context, run id.Run, total int) error {
	k := keysOf(run)
	word, detail, err := answer(sealScript.Run(ctx, l.plain, []string{k.run, k.expect, k.events}, total, l.seconds()))
	switch {
	case err != nil:
		return fmt.Errorf("seal run %s: %w", run, err)
	case word == Gone:
		return fmt.Errorf("seal run %s: %w", run, ErrGone)
	case word == "different":
		return fmt.Errorf("seal run %s: it was sealed with %s services, not %d: %w", run, detail, total, ErrOtherTotal)
	case word == "unequal":
		return fmt.Errorf("seal run %s: Redis has %s names of %d: it has lost data: %w", run, detail, total, ErrGone)
	}
	return nil
}

// Close ends the run with the result of its report: no attempt begins any more, and later
// verdicts are dropped. The result that comes first stands.
func (l *Ledger) Close(ctx context.Context, run id.Run, f Final) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	k := keysOf(run)
	return l.tellState(run, "close", closeScript.Run(ctx, l.plain, []string{k.run, k.events, k.begun}, b, l.seconds()))
}

// Cancel ends the run before it is decided: no attempt begins any more, and later
// verdicts are dropped. A run that has ended stays as it is.
func (l *Ledger) Cancel(ctx context.Context, run id.Run, reason string) error {
	k := keysOf(run)
	return l.tellState(run, "cancel", cancelScript.Run(ctx, l.plain, []string{k.run, k.events, k.begun}, reason, l.seconds()))
}

// Reopen makes a run go on that has ended, or that its enqueuer has left.
func (l *Ledger) Reopen(ctx context.Context, run id.Run) error {
	k := keysOf(run)
	return l.tellState(run, "reopen", reopenScript.Run(ctx, l.plain, []string{k.run, k.events}, l.seconds()))
}

// Presence is the way in which a process is alive for a run.
type Presence string

// The presences. All but Follower are the enqueuer's.
const (
	Follower  Presence = "followed" // a process waits for the verdicts
	Owner     Presence = "owned"    // the enqueuer runs
	AllPushed Presence = "handed"   // the enqueuer has pushed all tasks
	Detached  Presence = "detached" // the enqueuer has left the run, which needs no followers
)

// MarkAlive records that a process is alive for the run. Followers and owners must call
// it about once a second.
func (l *Ledger) MarkAlive(ctx context.Context, run id.Run, as ...Presence) error {
	fields := make([]any, len(as))
	for i, a := range as {
		fields[i] = string(a)
	}
	return l.tellState(run, "attend", markAliveScript.Run(ctx, l.plain, []string{keysOf(run).run}, fields...))
}

// Supersede makes the run the newest of a key, and returns the one before, "" if there
// was none.
func (l *Ledger) Supersede(ctx context.Context, key string, run id.Run) (before id.Run, err error) {
	_, name, err := answer(supersedeScript.Run(ctx, l.plain, []string{prefix + "newest:" + key}, string(run), l.seconds()))
	if err != nil {
		return "", fmt.Errorf("supersede the runs of %q: %w", key, err)
	}
	return id.Run(name), nil
}

// tellState returns the error of a step: Redis's own, or ErrGone if the script answers
// Gone.
func (l *Ledger) tellState(run id.Run, verb string, cmd *redis.Cmd) error {
	word, _, err := answer(cmd)
	if err == nil && word == Gone {
		err = ErrGone
	}
	if err != nil {
		return fmt.Errorf("%s run %s: %w", verb, run, err)
	}
	return nil
}

// Touch renews the time to live of everything that Redis keeps of the run.
func (l *Ledger) Touch(ctx context.Context, run id.Run) error {
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range append(keysOf(run).all(), runsKey) {
			p.Expire(ctx, k, l.ttl)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep run %s alive: %w", run, err)
	}
	return nil
}

// newToken makes a text that tells one call from all others.
func newToken() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// stringMap reads a script's HGETALL reply.
func stringMap(cmd *redis.Cmd) (map[string]string, error) {
	list, err := cmd.StringSlice()
	if err != nil {
		return nil, err
	}
	m := make(map[string]string, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m, nil
}

func parseHeader(run id.Run, m map[string]string) (Header, error) {
	if m["format"] != strconv.Itoa(format) {
		return Header{}, fmt.Errorf("run %s: %w: its format is %q, this program reads %d", run, ErrFormat, m["format"], format)
	}
	h := Header{ID: run, Generation: m["generation"], State: State(m["state"]), Total: -1, Kinds: map[verdict.Kind]int{}}
	if err := json.Unmarshal([]byte(m["plan"]), &h.Plan); err != nil {
		return Header{}, fmt.Errorf("run %s: read its plan: %w", run, err)
	}
	if f := m["final"]; f != "" {
		if err := json.Unmarshal([]byte(f), &h.Final); err != nil {
			return Header{}, fmt.Errorf("run %s: read its result: %w", run, err)
		}
	}
	h.Started, h.EndedAt = milli(m["started"]), milli(m["ended"])
	h.Owned, h.Followed, h.Reason = milli(m["owned"]), milli(m["followed"]), m["reason"]
	h.AllPushed, h.Detached = m["handed"] != "", m["detached"] != ""
	if t, err := strconv.Atoi(m["total"]); err == nil {
		h.Total = t
	}
	for field, n := range map[string]*int{"duplicates": &h.Duplicates, "contradictions": &h.Contradictions, "stale": &h.Stale, "late": &h.Late, "dropped": &h.Dropped} {
		*n, _ = strconv.Atoi(m[field])
	}
	for field, v := range m {
		if kind, ok := cutKind(field); ok {
			h.Kinds[verdict.Kind(kind)], _ = strconv.Atoi(v)
		}
	}
	return h, nil
}

func milli(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
