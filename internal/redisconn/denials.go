package redisconn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

// denials turns the replies of Redis about missing rights into acl's errors, for all who
// use the clients, asynq included: they say what to do, and do not name the user.
type denials struct{}

func (denials) DialHook(next redis.DialHook) redis.DialHook { return next }

func (denials) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return explain(next(ctx, cmd)) }
}

func (denials) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
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

// explain replaces an error that says that something was denied.
func explain(err error) error {
	if d := acl.Denied(err); d != nil {
		return d
	}
	return err
}
