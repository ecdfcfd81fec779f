package commands

import (
	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
)

// addRedis adds --redis and its companions with the meaning that all commands share.
func addRedis(cmd *cobra.Command, to *cli.RedisFlags) {
	to.Add(cmd, "`URL` of the Redis: redis, rediss, unix, redis-sentinel, rediss-sentinel or embedded (default $"+cli.RedisEnv+", else embedded)")
}
