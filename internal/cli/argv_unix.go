//go:build unix

package cli

import (
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// hidden are the flags whose value may hold credentials, and where it goes then.
var hidden = []struct{ flag, env string }{{"redis", RedisEnv}, {"cache-redis", CacheRedisEnv}}

// hideCredentials takes the credentials in --redis and --cache-redis out of the process's title,
// which every user of the machine may read: the program starts anew in the same
// process, with the URL in the environment, which only its owner may read. It
// returns when there is nothing to hide, or when the program cannot be started
// anew.
func hideCredentials(root *cobra.Command) {
	args, hide := os.Args, false
	for _, h := range hidden {
		rest, url, found := cutURL(h.flag, args)
		if !found || !takes(root, h.flag, os.Args[1:]) {
			continue
		}
		if os.Setenv(h.env, url) != nil {
			return
		}
		args, hide = rest, true
	}
	program, err := os.Executable()
	if !hide || err != nil {
		return
	}
	_ = syscall.Exec(program, args, os.Environ())
}

// takes says whether the command that is meant has a flag. One that has not must refuse it.
func takes(root *cobra.Command, flag string, args []string) bool {
	cmd, _, err := root.Find(args)
	return err == nil && cmd.Flags().Lookup(flag) != nil
}

// cutURL takes a flag out of a command line and returns its value, the last if
// there are several. found says whether one of them has credentials.
func cutURL(flag string, args []string) (rest []string, url string, found bool) {
	flag = "--" + flag
	for i := 0; i < len(args); i++ {
		value, ok := strings.CutPrefix(args[i], flag+"=")
		switch {
		case args[i] == "--":
			return append(rest, args[i:]...), url, found
		case ok:
		case args[i] == flag && i+1 < len(args):
			i++
			value = args[i]
		default:
			rest = append(rest, args[i])
			continue
		}
		url, found = value, found || hasCredentials(value)
	}
	return rest, url, found
}

// hasCredentials rather says yes than no: also a URL that cannot be read may hold
// a password.
func hasCredentials(url string) bool {
	return strings.Contains(url, "@") || strings.Contains(url, "password=")
}
