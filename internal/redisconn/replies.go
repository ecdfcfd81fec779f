package redisconn

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

// replies turns error replies of Redis, for all who use the clients, asynq included: those
// about missing rights into acl's errors, which say what to do and do not name the user,
// and those that repeat a command into ones that do not, for it may be the login.
type replies struct{}

func (replies) DialHook(next redis.DialHook) redis.DialHook { return next }

func (replies) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return explain(next(ctx, cmd)) }
}

func (replies) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				cmd.SetErr(explain(err))
			}
		}
		return explain(err)
	}
}

// explain replaces an error that says that something was denied, or what was sent.
func explain(err error) error {
	if d := acl.Denied(err); d != nil {
		return d
	}
	reply := (redis.Error)(nil)
	if err != nil && err != redis.Nil && errors.As(err, &reply) && echo.MatchString(reply.Error()) {
		return withoutEcho{err}
	}
	return err
}

// withoutEcho is a reply without what it repeats; Unwrap gives it as it was.
type withoutEcho struct{ cause error }

func (e withoutEcho) Error() string { return echo.ReplaceAllString(e.cause.Error(), "$1 ***") }

func (e withoutEcho) Unwrap() error { return e.cause }

// RedisError makes it an error that Redis replied, as its cause is.
func (withoutEcho) RedisError() {}
