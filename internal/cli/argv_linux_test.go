package cli

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// TestMain makes the test's binary also the program "title", which shows its own
// title as others see it, and "speak", which says much and fails.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"title": func() { os.Exit(Main(newTitleCmd())) },
		"speak": func() { os.Exit(Main(newSpeakCmd())) },
	})
}

func newTitleCmd() *cobra.Command {
	root := &cobra.Command{Use: "title"}
	var redis string
	var cached CacheFlags
	show := &cobra.Command{Use: "show", RunE: func(cmd *cobra.Command, args []string) error {
		title, err := os.ReadFile("/proc/self/cmdline")
		words := strings.Join(strings.Split(strings.TrimRight(string(title), "\x00"), "\x00"), " ")
		fmt.Printf("%d: %s: redis %s, cache %s, args %s", os.Getpid(), words, redis, cached.Redis, args)
		return err
	}}
	show.Flags().StringVar(&redis, "redis", redisDefault(), "")
	cached.AddRedis(show)
	root.AddCommand(show, newHoldCmd(), &cobra.Command{Use: "none", RunE: func(*cobra.Command, []string) error { return nil }})
	return root
}

func TestNoCredentialsInTheTitle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string // after the process ID
	}{
		{"password", []string{"show", "--redis", "redis://ada:s3same@h/0", "one", "two words"},
			"title show one two words: redis redis://ada:s3same@h/0, cache , args [one two words]"},
		{"equals sign", []string{"--redis=redis://:s3same@h/0", "show"}, "title show: redis redis://:s3same@h/0, cache , args []"},
		{"nothing to hide", []string{"show", "--redis", "redis://h/0"}, "title show --redis redis://h/0: redis redis://h/0, cache , args []"},
		{"the cache's", []string{"show", "--cache-redis", "redis://ada:s3same@h/1", "--redis", "redis://h/0"},
			"title show --redis redis://h/0: redis redis://h/0, cache redis://ada:s3same@h/1, args []"},
		{"both", []string{"show", "--cache-redis=redis://:s3same@h/1", "--redis", "redis://:s3same@h/0"},
			"title show: redis redis://:s3same@h/0, cache redis://:s3same@h/1, args []"},
		{"from the environment", []string{"show"}, "title show: redis redis://env/0, cache , args []"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "title", tt.args...)
			cmd.Env = append(os.Environ(), RedisEnv+"=redis://env/0")
			out, err := cmd.CombinedOutput()
			if want := fmt.Sprintf("%d: %s", cmd.Process.Pid, tt.want); string(out) != want || err != nil {
				t.Errorf("%v, it said %q, want %q", err, out, want)
			}
		})
	}
}

// A command without --redis must not take it in silence.
func TestUnknownFlagStaysUnknown(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "title", "none", "--redis", "redis://:s3same@h/0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "unknown flag --redis") {
		t.Errorf("%v, it said %q", err, out)
	}
}
