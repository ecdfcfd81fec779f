package redisconn

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Observer is told of each command that was sent, or of each that was sent together: how long the
// reply took, and what was wrong, nil for a reply as it should be. It is called by many goroutines
// at once, before those that wait for the reply go on.
type Observer func(took time.Duration, err error)

// observed tells an observer of what a client sends.
type observed struct{ tell Observer }

func (observed) DialHook(next redis.DialHook) redis.DialHook { return next }

func (o observed) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, cmd)
		o.tell(time.Since(begun), wrong(err))
		return err
	}
}

func (o observed) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		begun := time.Now()
		err := next(ctx, cmds)
		took, first := time.Since(begun), wrong(err)
		for i := 0; first == nil && i < len(cmds); i++ {
			first = wrong(cmds[i].Err())
		}
		o.tell(took, first)
		return err
	}
}

// wrong is an error that says that something is wrong: not that there is nothing at a key, that a
// script is to be sent in full, or that the caller waits no more.
func wrong(err error) error {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) || redis.HasErrorPrefix(err, "NOSCRIPT") {
		return nil
	}
	return err
}
