package cli

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/redisconn"
)

// RedisEnv names the environment variable that --redis defaults to.
const RedisEnv = "MUSTER_REDIS"

// Embedded as --redis means a private Redis that lives as long as the process.
const Embedded = "embedded"

// RedisFlags say which Redis is meant and how it is reached over TLS.
type RedisFlags struct {
	URL   string
	Files redisconn.Files
}

// Add adds the flags to a command. usage is that of --redis.
func (f *RedisFlags) Add(cmd *cobra.Command, usage string) {
	flags := cmd.Flags()
	flags.StringVar(&f.URL, "redis", redisDefault(), usage)
	flags.Lookup("redis").DefValue = "" // the environment's may hold a password
	flags.StringVar(&f.Files.CA, "redis-ca", "", "PEM `FILE` of the CA that has signed Redis's certificate (default the system's)")
	flags.StringVar(&f.Files.Cert, "redis-cert", "", "PEM `FILE` with the certificate that Redis asks for")
	flags.StringVar(&f.Files.Key, "redis-key", "", "PEM `FILE` with the key of --redis-cert")
}

func redisDefault() string {
	if url := os.Getenv(RedisEnv); url != "" {
		return url
	}
	return Embedded
}

// Embedded says whether a private Redis is meant.
func (f *RedisFlags) Embedded() bool { return f.URL == Embedded }

// Check refuses what makes no sense with a private Redis.
func (f *RedisFlags) Check() error {
	if f.Embedded() && f.Files != (redisconn.Files{}) {
		return Usagef("--redis-ca, --redis-cert and --redis-key are for a Redis over TLS: set %s or pass --redis with rediss://", RedisEnv)
	}
	return nil
}

// Target reads the flags for a command that needs a shared Redis.
func (f *RedisFlags) Target(command string) (redisconn.Target, error) {
	if err := f.Check(); err != nil {
		return redisconn.Target{}, err
	}
	if f.Embedded() {
		return redisconn.Target{}, Usagef("%s needs a Redis that other processes reach: set %s or pass --redis", command, RedisEnv)
	}
	t, err := redisconn.ParseTLS(f.URL, f.Files)
	if file := (*redisconn.FileError)(nil); errors.As(err, &file) {
		return t, Usagef("%v", file)
	}
	if err != nil {
		return t, Usagef("%s: %v", f.source(), err)
	}
	return t, nil
}

// source is where the address stands: one with a password is moved from --redis into
// the environment, and then it may have come from either.
func (f *RedisFlags) source() string {
	if f.URL == os.Getenv(RedisEnv) {
		return "--redis or $" + RedisEnv
	}
	return "--redis"
}
