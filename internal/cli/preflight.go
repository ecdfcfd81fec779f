package cli

import (
	"context"
	"log/slog"

	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/internal/redisconn"
)

// ReadyRedis waits until Redis answers, and looks whether it is fit for what the
// process needs. It logs what its operator should set; a Redis that is not fit
// is a mistake in the configuration.
func ReadyRedis(ctx context.Context, conn *redisconn.Conn, need preflight.Need, log *slog.Logger) error {
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	found, err := preflight.Check(ctx, conn.Plain(), need)
	if err != nil {
		return err
	}
	found.Log(log)
	if err := found.Err(); err != nil {
		return Usagef("redis at %s: %v", conn.Target(), err)
	}
	return nil
}
