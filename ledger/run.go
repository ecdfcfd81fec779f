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
)

// State is where a run stands.
type State string

// The states. A run goes from Open (names are still being listed) to Sealed
// (all names are known), and from either to Closed (its report was written),
// perhaps by way of Cancelled (nobody wants it any more).
const (
	Open      State = "open"
	Sealed    State = "sealed"
	Cancelled State = "cancelled"
	Closed    State = "closed"
)

// Plan is what a run is about. Two enqueuers with the same run ID share the run
// only if their plans are equal.
type Plan struct {
	Queue     string   `json:"queue"`
	Checker   string   `json:"checker"`
	Shared    string   `json:"shared"`  // digest of the shared bundle
	Regions   []string `json:"regions"` // selected, resolved
	Selection string   `json:"selection"`
	Whole     bool     `json:"whole"` // every folder is selected
	// TimeoutMS is how long one check may take, in milliseconds.
	TimeoutMS int64 `json:"timeoutMs"`
}

// Header is a run as Redis knows it.
type Header struct {
	ID         string
	Generation string // made anew whenever a run is opened
	Plan       Plan
	State      State
	Started    time.Time // by Redis's clock
	EndedAt    time.Time // zero while the run lives
	Total      int       // expected services; -1 until the run is sealed
	Listed     int       // expected services so far
	Decided    int       // services with a verdict
	Kinds      map[string]int
	Final      Final
	Reason     string // why it was cancelled

	// By Redis's clock, as all times here: when its enqueuer and when anybody who
	// follows it was last alive, and when this was read.
	Owned, Followed, Now time.Time
	// AllPushed is set when all tasks are pushed, Detached when nobody need follow.
	AllPushed, Detached bool

	Duplicates     int // the same verdict, recorded again
	Contradictions int // another verdict for the same bytes
	Stale          int // verdicts about bytes that are not expected
	Late           int // verdicts after the end
	Dropped        int // verdicts taken back when the run was resumed
}

// Ended says whether the run takes no more verdicts.
func (h Header) Ended() bool { return h.State == Closed || h.State == Cancelled }

// ownerPatience is how long an enqueuer may be silent before it counts as dead.
const ownerPatience = 10 * time.Second

// Abandoned says whether the enqueuer is gone before it had pushed all tasks: only
// another one can finish the run.
func (h Header) Abandoned() bool {
	return !h.Ended() && !h.AllPushed && h.Now.Sub(h.Owned) > ownerPatience
}

// Final is what the closer of a run found.
type Final struct {
	OK       int    `json:"ok"`
	Errs     int    `json:"errs"`
	Complete bool   `json:"complete"`
	Reason   string `json:"reason,omitempty"` // why it is not complete
}

// Open makes the run, or finds the one of the same ID. It returns created=false
// for a run that was there before; the caller compares the plans.
func (l *Ledger) Open(ctx context.Context, id string, plan Plan) (h Header, created bool, err error) {
	if err := CheckRunID(id); err != nil {
		return Header{}, false, err
	}
	b, err := json.Marshal(plan)
	if err != nil {
		return Header{}, false, err
	}
	k, generation := keysOf(id), newToken()
	reply, err := stringMap(call(ctx, l.plain, openScript, []string{k.run}, generation, l.seconds(),
		"format", format, "state", string(Open), "plan", b, "shared", plan.Shared))
	if err != nil {
		return Header{}, false, fmt.Errorf("open run %s: %w", id, err)
	}
	if h, err = parseHeader(id, reply); err != nil {
		return Header{}, false, err
	}
	_, err = l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, runsKey, redis.Z{Score: float64(h.Started.UnixMilli()), Member: id})
		p.Expire(ctx, runsKey, l.ttl)
		return nil
	})
	if err != nil {
		return Header{}, false, fmt.Errorf("open run %s: %w", id, err)
	}
	return h, h.Generation == generation, nil
}

// Header reads a run. It wraps ErrGone if Redis does not know it.
func (l *Ledger) Header(ctx context.Context, id string) (Header, error) {
	if err := CheckRunID(id); err != nil {
		return Header{}, err
	}
	hs, errs, err := l.headers(ctx, []string{id})
	if err != nil {
		return Header{}, fmt.Errorf("read run %s: %w", id, err)
	}
	return hs[0], errs[0]
}

// Server names the Redis process that answers: another name means that it was
// restarted, or that another one has taken over. It is "" where Redis does not say.
func (l *Ledger) Server(ctx context.Context) (string, error) {
	info, err := l.plain.Info(ctx, "server").Result()
	if refused := (redis.Error)(nil); errors.As(err, &refused) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask Redis for its name: %w", err)
	}
	for line := range strings.Lines(info) {
		if id, ok := strings.CutPrefix(line, "run_id:"); ok {
			return strings.TrimSpace(id), nil
		}
	}
	return "", nil
}

// Runs lists the runs that Redis knows, newest first, without those of another
// version. Those whose keys have expired leave the index.
func (l *Ledger) Runs(ctx context.Context) ([]Header, error) {
	ids, err := l.plain.ZRevRange(ctx, runsKey, 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	all, errs, err := l.headers(ctx, ids)
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
			gone = append(gone, ids[i])
		case !errors.Is(err, ErrFormat):
			return nil, err
		}
	}
	if len(gone) > 0 {
		err = l.plain.ZRem(ctx, runsKey, gone...).Err()
	}
	return there, err
}

// headers reads several runs in one round trip, and says of each what is wrong
// with it; ErrGone if it is not there.
func (l *Ledger) headers(ctx context.Context, ids []string) ([]Header, []error, error) {
	type reads struct {
		run             *redis.MapStringStringCmd
		listed, decided *redis.IntCmd
	}
	all := make([]reads, len(ids))
	var now *redis.TimeCmd
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		now = p.Time(ctx)
		for i, id := range ids {
			k := keysOf(id)
			all[i] = reads{p.HGetAll(ctx, k.run), p.HLen(ctx, k.expect), p.HLen(ctx, k.decided)}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	hs, errs := make([]Header, len(ids)), make([]error, len(ids))
	for i, r := range all {
		if len(r.run.Val()) == 0 {
			errs[i] = fmt.Errorf("run %s: %w", ids[i], ErrGone)
			continue
		}
		h, err := parseHeader(ids[i], r.run.Val())
		h.Listed, h.Decided, h.Now = int(r.listed.Val()), int(r.decided.Val()), now.Val().UTC()
		hs[i], errs[i] = h, err
	}
	return hs, errs, nil
}

// Seal says that all names are listed: total of them. Sealing again with the same
// total is no error, with another one it is ErrOtherTotal; ErrGone where Redis has
// lost names.
func (l *Ledger) Seal(ctx context.Context, id string, total int) error {
	k := keysOf(id)
	word, detail, err := answer(call(ctx, l.plain, sealScript, []string{k.run, k.expect, k.events}, total, l.seconds()))
	switch {
	case err != nil:
		return fmt.Errorf("seal run %s: %w", id, err)
	case word == "gone":
		return fmt.Errorf("seal run %s: %w", id, ErrGone)
	case word == "different":
		return fmt.Errorf("seal run %s: it was sealed with %s services, not %d: %w", id, detail, total, ErrOtherTotal)
	case word == "unequal":
		return fmt.Errorf("seal run %s: Redis has %s names of %d: it has lost data: %w", id, detail, total, ErrGone)
	}
	return nil
}

// Close ends the run with what its report says: what has not begun is not begun
// any more, and later verdicts are dropped. The first closer's word stands.
func (l *Ledger) Close(ctx context.Context, id string, f Final) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	k := keysOf(id)
	return l.tellState(id, "close", call(ctx, l.plain, closeScript, []string{k.run, k.events, k.begun}, b, l.seconds()))
}

// Cancel ends the run before it is decided: what has not begun is not begun any
// more, and later verdicts are dropped. A run that has ended stays as it ended.
func (l *Ledger) Cancel(ctx context.Context, id, reason string) error {
	k := keysOf(id)
	return l.tellState(id, "cancel", call(ctx, l.plain, cancelScript, []string{k.run, k.events, k.begun}, reason, l.seconds()))
}

// Reopen makes a run go on that has ended, or whose enqueuer has.
func (l *Ledger) Reopen(ctx context.Context, id string) error {
	k := keysOf(id)
	return l.tellState(id, "reopen", call(ctx, l.plain, reopenScript, []string{k.run, k.events}, l.seconds()))
}

// Presence is who is alive for a run.
type Presence string

// Who attends.
const (
	Follower Presence = "followed" // somebody waits for its verdicts
	Owner    Presence = "owned"    // its enqueuer
	AllPushed Presence = "handed"   // its enqueuer, for the last time: all tasks are pushed
	Detached Presence = "detached" // its enqueuer, for the last time: nobody need follow
)

// MarkAlive says that somebody is alive for the run. To be called every second or so.
func (l *Ledger) MarkAlive(ctx context.Context, id string, as ...Presence) error {
	fields := make([]any, len(as))
	for i, a := range as {
		fields[i] = string(a)
	}
	return l.tellState(id, "attend", call(ctx, l.plain, attendScript, []string{keysOf(id).run}, fields...))
}

// Supersede makes the run the newest of a key, and names the one before, "" if there
// was none.
func (l *Ledger) Supersede(ctx context.Context, key, id string) (before string, err error) {
	_, before, err = answer(call(ctx, l.plain, supersedeScript, []string{prefix + "newest:" + key}, id, l.seconds()))
	if err != nil {
		return "", fmt.Errorf("supersede the runs of %q: %w", key, err)
	}
	return before, nil
}

// tellState turns a script's answer into an error.
func (l *Ledger) tellState(id, verb string, cmd *redis.Cmd) error {
	word, _, err := answer(cmd)
	if err == nil && word == "gone" {
		err = ErrGone
	}
	if err != nil {
		return fmt.Errorf("%s run %s: %w", verb, id, err)
	}
	return nil
}

// Touch renews the time to live of everything the run has.
func (l *Ledger) Touch(ctx context.Context, id string) error {
	_, err := l.plain.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, k := range append(keysOf(id).all(), runsKey) {
			p.Expire(ctx, k, l.ttl)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep run %s alive: %w", id, err)
	}
	return nil
}

// newToken makes what tells one call from all others.
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

func parseHeader(id string, m map[string]string) (Header, error) {
	if m["format"] != strconv.Itoa(format) {
		return Header{}, fmt.Errorf("run %s: %w: its format is %q, this program reads %d", id, ErrFormat, m["format"], format)
	}
	h := Header{ID: id, Generation: m["generation"], State: State(m["state"]), Total: -1, Kinds: map[string]int{}}
	if err := json.Unmarshal([]byte(m["plan"]), &h.Plan); err != nil {
		return Header{}, fmt.Errorf("run %s: read its plan: %w", id, err)
	}
	if f := m["final"]; f != "" {
		if err := json.Unmarshal([]byte(f), &h.Final); err != nil {
			return Header{}, fmt.Errorf("run %s: read its result: %w", id, err)
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
			h.Kinds[kind], _ = strconv.Atoi(v)
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
