package commands

import (
	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

// addRedis adds --redis and its companions to a command that does without a shared Redis,
// too.
func addRedis(cmd *cobra.Command, to *cli.RedisFlags) {
	to.Add(cmd, "`URL` of the Redis: redis, rediss, unix, redis-sentinel, rediss-sentinel or embedded (default $"+cli.RedisEnv+", else embedded)")
}

// addSharedRedis adds them to a command that looks at what other processes do.
func addSharedRedis(cmd *cobra.Command, to *cli.RedisFlags) {
	to.Add(cmd, "`URL` of the Redis: redis, rediss, unix, redis-sentinel or rediss-sentinel (default $"+cli.RedisEnv+")")
}
