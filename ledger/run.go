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
)

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

// Restore says again with which bytes a unit is expected and of which kind it is, where Redis has forgotten it, in
// the generation of the run that the caller has seen. A unit that is expected with other
// bytes is a *ChangedError.
func (l *Ledger) Restore(ctx context.Context, h Header, unit id.Unit, digest id.Digest, kind string) error {
	k := keysOf(h.ID)
	word, detail, err := answer(restoreScript.Run(ctx, l.plain, []string{k.run, k.expect, k.kinds}, h.Generation, string(unit), string(digest), kind, l.seconds()))
	switch {
	case err != nil:
	case word == Expected:
	case word == "changed":
		return &ChangedError{h.ID, unit, id.Digest(detail), digest}
	default:
		err = ErrGone
	}
	if err != nil {
		return fmt.Errorf("restore %q in run %s: %w", unit, h.ID, err)
	}
	return nil
}

// Reseal records the total of a run again that Redis has forgotten.
func (l *Ledger) Reseal(ctx context.Context, h Header, total int) error {
	k := keysOf(h.ID)
	word, detail, err := answer(sealScript.Run(ctx, l.plain, []string{k.run, k.expect, k.events}, h.Generation, total, l.seconds()))
	switch {
	case err != nil:
	case word == "different":
		err = fmt.Errorf("it was sealed with %s units, not %d: %w", detail, total, ErrOtherTotal)
	case word == "unequal":
		err = fmt.Errorf("%s names of %d are in Redis: it has lost data: %w", detail, total, ErrGone)
	}
	if err != nil {
		return fmt.Errorf("seal run %s: %w", h.ID, err)
	}
	return nil
}

// Complete notes that a run is complete, with the result of a report. Anyone may: the script
// looks whether it is sealed and has a verdict of each unit. noted is false if that is not so,
// or if the run has ended otherwise.
func (l *Ledger) Complete(ctx context.Context, h Header, f Final) (noted bool, err error) {
	f.Complete = true // a second call is told by it
	b, err := json.Marshal(f)
	if err != nil {
		return false, err
	}
	k := keysOf(h.ID)
	word, _, err := answer(completeScript.Run(ctx, l.plain, []string{k.run, k.expect, k.decided, k.begun, k.events}, h.Generation, b, l.seconds()))
	if err != nil {
		return false, fmt.Errorf("complete run %s: %w", h.ID, err)
	}
	return word == "closed", nil
}

// Cancellation is an operator's word that a run is to end before it is decided.
type Cancellation struct {
	Reason       string
	By           string // who says so
	SupersededBy id.Run // the run that replaces it, "" for none
}

// Cancel ends the run before it is decided: no attempt begins any more, and later
// verdicts are dropped. A run that has ended stays as it is.
func (l *Ledger) Cancel(ctx context.Context, run id.Run, c Cancellation) error {
	k := keysOf(run)
	return l.done(run, "cancel", cancelScript.Run(ctx, l.plain, []string{k.run, k.events, k.begun}, c.Reason, l.seconds(), c.By, string(c.SupersededBy)))
}

// Presence is the way in which a process is alive for a run.
type Presence string

// The presences. All but Follower are the owner's.
const (
	Follower  Presence = "followed" // a process waits for the verdicts
	Owned     Presence = "owned"    // the enqueuer runs
	AllPushed Presence = "handed"   // the enqueuer has pushed all tasks
	Detached  Presence = "detached" // the run needs no followers
)

// MarkFollowed records that a process follows the run. It must be called about once a second.
func (l *Ledger) MarkFollowed(ctx context.Context, run id.Run) error {
	return l.markAlive(ctx, run, "", []Presence{Follower})
}

func (l *Ledger) markAlive(ctx context.Context, run id.Run, generation string, as []Presence) error {
	args := []any{generation}
	for _, a := range as {
		args = append(args, string(a))
	}
	return l.done(run, "attend", markAliveScript.Run(ctx, l.plain, []string{keysOf(run).run}, args...))
}

// The order in which runs of one key supersede each other is kept for newestTTL after the
// last of them, of newestKept runs.
const (
	newestTTL  = 28 * 24 * time.Hour
	newestKept = 1000
)

// Supersede names the run among those of a key. order is a number that grows from run to run,
// such as a pipeline's; 0 stands for the time at which the run was first named. It returns the
// run before this one, which is to be cancelled, or the newer one that there is already; ""
// for none.
func (l *Ledger) Supersede(ctx context.Context, key string, run id.Run, order int64) (before, newer id.Run, err error) {
	text := ""
	if order > 0 {
		text = strconv.FormatInt(order, 10)
	}
	word, name, err := answer(supersedeScript.Run(ctx, l.plain, []string{prefix + "supersede:" + key}, string(run), int64(newestTTL/time.Second), text, newestKept))
	if err != nil {
		return "", "", fmt.Errorf("supersede the runs of %q: %w", key, err)
	}
	if word == "older" {
		return "", id.Run(name), nil
	}
	return id.Run(name), "", nil
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
