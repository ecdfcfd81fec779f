//go:build unix

package cli

import (
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// hideCredentials takes the credentials in --redis out of the process's title,
// which every user of the machine may read: the program starts anew in the same
// process, with the URL in the environment, which only its owner may read. It
// returns when there is nothing to hide, or when the program cannot be started
// anew.
func hideCredentials(root *cobra.Command) {
	rest, url, found := cutRedis(os.Args)
	if !found || !takesRedis(root, os.Args[1:]) {
		return
	}
	program, err := os.Executable()
	if err != nil || os.Setenv(RedisEnv, url) != nil {
		return
	}
	_ = syscall.Exec(program, rest, os.Environ())
}

// takesRedis says whether the command that is meant has --redis. One that has not
// must refuse it.
func takesRedis(root *cobra.Command, args []string) bool {
	cmd, _, err := root.Find(args)
	return err == nil && cmd.Flags().Lookup("redis") != nil
}

// cutRedis takes --redis out of a command line and returns its value, the last if
// there are several. found says whether one of them has credentials.
func cutRedis(args []string) (rest []string, url string, found bool) {
	for i := 0; i < len(args); i++ {
		value, ok := strings.CutPrefix(args[i], "--redis=")
		switch {
		case args[i] == "--":
			return append(rest, args[i:]...), url, found
		case ok:
		case args[i] == "--redis" && i+1 < len(args):
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
