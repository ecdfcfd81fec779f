// Package preflight looks at a Redis before work begins: whether it is one that
// can carry a fleet's tasks and keep its verdicts, and what its operator should
// set. It also tells how full Redis is while work goes on.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

// MaxSkew is how far a machine's clock may be off that of Redis. Workers write
// the ends of their tasks' leases by their own clock; one that is further off
// makes tasks run twice or lie idle.
const MaxSkew = 10 * time.Second

// Need is what the process is going to do with Redis.
type Need struct {
	// Bytes is about what it will store at the least. It is asked only if Redis
	// has a limit of memory; nil is 0.
	Bytes func() int64
	// Leases says that it fetches tasks: its clock must be within MaxSkew, else
	// a warning is enough.
	Leases bool
	// Keys are some that its scripts use: the user must have the right to each.
	Keys []string
	// Fleeting says that Redis need not keep anything beyond its own end.
	Fleeting bool
}

// Level says what follows from a finding.
type Level int

// The levels.
const (
	Unseen Level = iota // Redis did not let us look; nothing follows
	Warn                // work can begin, with the danger that the text tells
	Refuse              // work must not begin
)

// Finding is one thing about Redis. Its text stands alone: what is, what was
// expected, and, unless it is Unseen, what to do.
type Finding struct {
	Level Level
	Text  string
}

// Report is what Check found, in the order in which it looked.
type Report struct{ Findings []Finding }

// Check looks at Redis with one round trip. What Redis does not let us see
// (managed ones and access lists forbid INFO) is a finding, never an error; an
// error means that Redis did not answer.
func Check(ctx context.Context, client redis.UniversalClient, need Need) (Report, error) {
	return check(ctx, client, need, time.Now)
}

func check(ctx context.Context, client redis.UniversalClient, need Need, now func() time.Time) (Report, error) {
	pipe := client.Pipeline()
	clock, info, script := pipe.Time(ctx), pipe.Info(ctx), pipe.EvalSha(ctx, noScript, nil)
	keys := make([]redis.Cmder, len(need.Keys))
	for i, key := range need.Keys {
		keys[i] = pipe.EvalSha(ctx, noScript, []string{key})
	}
	before := now()
	_, err := pipe.Exec(ctx)
	after := now()
	if err != nil && !answered(err) {
		return Report{}, fmt.Errorf("look at Redis before the start: %w", err)
	}
	var r Report
	r.rights(clock, script)
	if acl.Denied(script.Err()) == nil {
		r.rights(keys...)
	}
	r.server(info)
	switch {
	case acl.Denied(clock.Err()) != nil: // told by rights
	case clock.Err() != nil:
		r.add(Unseen, "cannot compare the clocks: %s", refusal("TIME", clock.Err()))
	default:
		r.clock(before, after, clock.Val(), need.Leases)
	}
	if !need.Fleeting {
		r.persistence(info)
	}
	r.memory(info, need)
	return r, nil
}

// CheckCache looks at a Redis that has a cache and no runs. What it loses is decided again, so that little is
// asked of it. An error means that Redis did not answer.
func CheckCache(ctx context.Context, client redis.UniversalClient) (Report, error) {
	info := client.Info(ctx)
	if err := info.Err(); err != nil && !answered(err) {
		return Report{}, fmt.Errorf("look at the cache's Redis: %w", err)
	}
	var r Report
	if v, ok := r.field(info, "redis_version", "the version"); ok {
		r.version(v)
	}
	if mode, _ := field(info.Val(), "redis_mode"); mode == "cluster" {
		r.add(Refuse, "Redis is a cluster, which does not answer for many keys at once: give the address of a Redis that is none")
	}
	r.eviction(info)
	return r, nil
}

// noScript is the digest of no script: whoever may run scripts, on the keys named, is told
// that there is none.
var noScript = strings.Repeat("0", 40)

// rights refuses a user without what each script needs.
func (r *Report) rights(needed ...redis.Cmder) {
	for _, cmd := range needed {
		if d := acl.Denied(cmd.Err()); d != nil {
			r.once(Refuse, d.Error())
		}
	}
}

// answered says whether err is an answer of Redis, which forbids a command or
// does not know it.
func answered(err error) bool {
	reply := redis.Error(nil)
	return errors.As(err, &reply)
}

// refusal tells of an answer by its code alone: the rest may name the user.
func refusal(command string, err error) string {
	code, _, _ := strings.Cut(err.Error(), " ")
	return fmt.Sprintf("Redis answers %s with %.20q", command, code)
}

func (r *Report) add(l Level, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{l, fmt.Sprintf(format, args...)})
}

// once adds a finding unless it was the last one.
func (r *Report) once(l Level, text string) {
	if n := len(r.Findings); n == 0 || r.Findings[n-1].Text != text {
		r.Findings = append(r.Findings, Finding{l, text})
	}
}

// Log writes the warnings, and at debug level what could not be seen. Refusals
// are left to Err.
func (r Report) Log(log *slog.Logger) {
	for _, f := range r.Findings {
		switch f.Level {
		case Warn:
			log.Warn(f.Text)
		case Unseen:
			log.Debug(f.Text)
		}
	}
}

// Err is nil unless work must not begin; it then holds every reason.
func (r Report) Err() error {
	var reasons []string
	for _, f := range r.Findings {
		if f.Level == Refuse {
			reasons = append(reasons, f.Text)
		}
	}
	if reasons == nil {
		return nil
	}
	return errors.New(strings.Join(reasons, "; "))
}
