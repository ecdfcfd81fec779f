package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cmd/enqueue/commands"
	workercommands "github.com/seed306eabeb/muster/cmd/worker/commands"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
)

// programs are the two commands by their names.
func programs() map[string]*cobra.Command {
	p := cli.Program{Configs: config.Builtin()}
	return map[string]*cobra.Command{"enqueue": commands.New(p), "worker": workercommands.New(p)}
}

// understood says what is wrong with a command line of ours, as far as flags and arguments
// go.
func understood(line string) error {
	words := strings.Fields(strings.NewReplacer("'", "", "…", "X", "%s", "X", "%q", "X").Replace(line))
	cmd, rest, err := programs()[words[0]].Find(words[1:])
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil && !strings.Contains(err.Error(), "help requested") {
		return err
	}
	if !cmd.Runnable() || cmd.HasAvailableSubCommands() {
		return cmd.ValidateArgs(cmd.Flags().Args())
	}
	return nil
}

// each calls f with every command that people see.
func each(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, below := range cmd.Commands() {
		if !below.Hidden {
			each(below, f)
		}
	}
}

var call = regexp.MustCompile(`(?:^|\s|\|)(?:[A-Z_]+=\S+ )?((?:enqueue|worker)(?: [^|]*)?)`)

// TestExamplesAreUnderstood: what the help shows can be typed.
func TestExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	n := 0
	for _, program := range programs() {
		each(program, func(cmd *cobra.Command) {
			for line := range strings.Lines(cmd.Example) {
				for _, m := range call.FindAllStringSubmatch(line, -1) {
					n++
					if err := understood(m[1]); err != nil {
						t.Errorf("%s: the example %q: %v", cmd.CommandPath(), m[1], err)
					}
				}
			}
		})
	}
	if n < 10 {
		t.Errorf("only %d examples were found", n)
	}
}

var hint = regexp.MustCompile("`((?:enqueue |worker (?:-|doctor))[^`\n]*)`")

// TestHintsAreUnderstood: what a message tells people to call can be called.
func TestHintsAreUnderstood(t *testing.T) {
	t.Parallel()
	n := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "test" || d.Name() == ".git" || d.Name() == "testdata") {
			return orSkip(err)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range hint.FindAllStringSubmatch(string(text), -1) {
			n++
			if err := understood(m[1]); err != nil {
				t.Errorf("%s: %q: %v", path, m[1], err)
			}
		}
		return err
	})
	if err != nil || n < 8 {
		t.Errorf("%v, and %d hints were found", err, n)
	}
}

func orSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// TestHelpOffersNoPrivateRedisWhereOneIsRefused.
func TestHelpOffersNoPrivateRedisWhereOneIsRefused(t *testing.T) {
	t.Parallel()
	for _, program := range programs() {
		each(program, func(cmd *cobra.Command) {
			if f := cmd.Flags().Lookup("redis"); f != nil && strings.Contains(f.Usage, "embedded") != (cmd.CommandPath() == "enqueue run") {
				t.Errorf("%s: --redis: %s", cmd.CommandPath(), f.Usage)
			}
		})
	}
}
