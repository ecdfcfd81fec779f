package cli

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/tasks"
)

// Redis is the connection of one command.
type Redis struct {
	*redisconn.Conn
	Timing Timing
}

// Dial connects to a Redis when it is first used. CLIENT LIST shows the command as
// muster-COMMAND. The caller must Close the result.
func (p Program) Dial(t redisconn.Target, command string) Redis {
	return p.DialObserved(t, command, nil)
}

// DialObserved is Dial, and tells somebody of what is sent; nil for nobody.
func (p Program) DialObserved(t redisconn.Target, command string, observe redisconn.Observer) Redis {
	return Redis{t.Dial(redisconn.Options{Name: "muster-" + command, PingWait: p.Timing.Ping, Observe: observe}), p.Timing}
}

// Connect reads the flags for a command that needs a shared Redis, and waits until that
// answers. The caller must Close the result.
func (p Program) Connect(ctx context.Context, f RedisFlags, command string) (Redis, error) {
	target, err := f.Target(command)
	if err != nil {
		return Redis{}, err
	}
	r := p.Dial(target, command)
	if err := r.Ping(ctx); err != nil {
		r.Close()
		return Redis{}, err
	}
	return r, nil
}

// Ledger is the state of runs in this Redis.
func (r Redis) Ledger() *ledger.Ledger {
	return ledger.NewTimed(r.Bulk(), r.Plain(), cmp.Or(r.Timing.Ledger, ledger.DefaultTiming()))
}

// Run is what a run needs of this Redis.
func (r Redis) Run() run.Conn {
	return run.Conn{Ledger: r.Ledger(), Client: tasks.NewClient(r.Bulk(), r.Plain()), Close: func() { r.Close() }, Timing: r.Timing.Run}
}

// Memory tells a run how full this Redis is.
func (r Redis) Memory(ctx context.Context) (run.Memory, error) {
	used, limit, err := preflight.MemoryUse(ctx, r.Plain())
	return run.Memory{Used: used, Limit: limit, NearlyFull: preflight.NearlyFull(used, limit)}, err
}

// Preflight waits until Redis answers, and looks whether it is fit for what the
// process needs. It logs what its operator should set; a Redis that is not fit
// is a mistake in the configuration.
func (r Redis) Preflight(ctx context.Context, need preflight.Need, log *slog.Logger) error {
	if err := r.Ping(ctx); err != nil {
		return err
	}
	found, err := preflight.Check(ctx, r.Plain(), need)
	if err != nil {
		return err
	}
	found.Log(log)
	if err := found.Err(); err != nil {
		return Usagef("redis at %s: %v", r.Target(), err)
	}
	return nil
}
