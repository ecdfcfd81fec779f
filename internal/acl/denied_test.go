package acl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed306eabeb/muster/internal/acl"
)

type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestDenied(t *testing.T) {
	t.Parallel()
	const sha = "script: 0123456789012345678901234567890123456789, on @user_script:3."
	for _, tt := range []struct{ text, want string }{
		{"NOPERM this user has no permissions to run the 'time' command", "the Redis user may not run TIME: see docs/acl"},
		{"NOPERM this user has no permissions to run the 'config|get' command", "the Redis user may not run CONFIG GET: see docs/acl"},
		{"NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", "the Redis user may not run EVALSHA: see docs/acl"},
		{"NOPERM User ada has no permissions to run the 'info' command", "the Redis user may not run INFO: see docs/acl"},
		{"NOPERM this user has no permissions to access one of the keys used as arguments", "the Redis user may not use one of the keys: see docs/acl"},
		{"NOPERM No permissions to access a key", "the Redis user may not use one of the keys: see docs/acl"},
		{"ERR The user executing the script can't run this command or subcommand " + sha, "the Redis user may not run a command of a script: see docs/acl"},
		{"ERR The user executing the script can't access at least one of the keys mentioned in the command arguments " + sha, "the Redis user may not use one of the keys of a script: see docs/acl"},
		{"ERR ACL failure in script: User ada has no permissions to run the 'time' command " + sha, "the Redis user may not run TIME in a script: see docs/acl"},
		{"ERR Error running script (call to f_01): @user_script:3: -NOPERM this user has no permissions to run the 'time' command", "the Redis user may not run TIME: see docs/acl"},
		{"NOSCRIPT No matching script. Please use EVAL.", ""},
		{"ERR unknown command 'time'", ""},
		{"NOAUTH Authentication required.", ""},
	} {
		err := fmt.Errorf("look: %w", reply(tt.text))
		d := acl.Denied(err)
		if d == nil {
			if tt.want != "" {
				t.Errorf("%s\nis not understood, want %s", tt.text, tt.want)
			}
			continue
		}
		if d.Error() != tt.want {
			t.Errorf("%s\n is %s\nwant %s", tt.text, d, tt.want)
		}
		if strings.Contains(d.Error(), "ada") {
			t.Errorf("%q names the user", d)
		}
		if refused := redis.Error(nil); !errors.As(error(d), &refused) || !errors.Is(d, err) {
			t.Errorf("%q has lost its cause", d)
		}
	}
	if acl.Denied(errors.New("NOPERM says another program")) != nil {
		t.Error("what Redis did not say is taken for its answer")
	}
}
