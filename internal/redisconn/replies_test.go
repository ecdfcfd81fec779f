package redisconn_test

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
	"github.com/seed306eabeb/muster/test/redistest"
)

// TestWhatIsDeniedIsNamed: whichever client a command goes through.
func TestWhatIsDeniedIsNamed(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	admin := redistest.Dial(t, server)
	if err := admin.Plain().Do(t.Context(), "ACL", "SETUSER", "ada", "on", ">s3same", "~*", "+@all", "-time", "-hset").Err(); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("ada", "s3same")
	c := redistest.Dial(t, u.String())
	script := redis.NewScript("return redis.call('HSET', KEYS[1], 'a', 'b')")
	pipelined := func(c redis.UniversalClient) error {
		var clock *redis.TimeCmd
		_, err := c.Pipelined(context.Background(), func(p redis.Pipeliner) error {
			p.Ping(context.Background())
			clock = p.Time(context.Background())
			return nil
		})
		return errors.Join(err, clock.Err())
	}
	const time, scripted = "the Redis user may not run TIME: see docs/acl", "the Redis user may not run a command of a script: see docs/acl"
	for name, client := range map[string]redis.UniversalClient{"plain": c.Plain(), "bulk": c.Bulk()} {
		for _, step := range []struct {
			name string
			err  error
			want string
		}{
			{"alone", client.Time(t.Context()).Err(), time},
			{"in a pipeline", pipelined(client), time + "\n" + time},
			{"in a script", script.Run(t.Context(), client, []string{"k"}).Err(), scripted},
		} {
			if denied := acl.Denied(step.err); denied == nil || step.err.Error() != step.want && denied.What != "HSET" {
				t.Errorf("%s, %s: %v, want %q", name, step.name, step.err, step.want)
			}
		}
		if err := client.Get(t.Context(), "none").Err(); !errors.Is(err, redis.Nil) || err != redis.Nil {
			t.Errorf("%s: what is absent is %v", name, err)
		}
	}
}
