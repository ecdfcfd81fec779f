package commands

import (
	"context"

	"github.com/seed306eabeb/muster/internal/preflight"
	"github.com/seed306eabeb/muster/internal/redisconn"
	"github.com/seed306eabeb/muster/run"
)

// bytesPerService is what a run stores in Redis for one service at the least:
// name, digest, verdict, event. The service's files come on top, unless an
// earlier run has left them there.
const bytesPerService = 2 << 10

// need is what a run over scope needs of Redis. The services are counted only if
// Redis has a limit of memory, for the run waits for that.
func need(ctx context.Context, scope run.Scope) preflight.Need {
	return preflight.Need{Bytes: func() int64 { return bytesPerService * services(ctx, scope) }}
}

// services counts what is going to be verified, up to the first error, of which
// the run tells.
func services(ctx context.Context, scope run.Scope) (n int64) {
	if scope.None || len(scope.Services) > 0 {
		return int64(len(scope.Services))
	}
	for _, err := range scope.Fleet.Names(ctx) {
		if err != nil {
			break
		}
		n++
	}
	return n
}

// memoryUse tells a run how full Redis is.
func memoryUse(conn *redisconn.Conn) func(context.Context) (used, most int64, err error) {
	return func(ctx context.Context) (used, most int64, err error) {
		return preflight.MemoryUse(ctx, conn.Plain())
	}
}
