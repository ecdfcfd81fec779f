package commands

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config/proposal"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/internal/sink"
)

type initFlags struct {
	repo   string
	stdout bool
}

func newInitCmd() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init [" + sink.Stdout + "]",
		Short: "write a " + proposal.File + " for a repository, from what lies there",
		Long: `init looks at a repository and proposes a ` + proposal.File + ` for it: kinds of units by what
repeats, the schema that the files of each kind satisfy, and what else is true of
those that it has read. It writes the file where there is none, and changes nothing
else. What it found, and what it left out, is on standard error.

It exits with 2 where a ` + proposal.File + ` is there already, and where nothing repeats.`,
		Example: `  enqueue init
  enqueue init --repo ../fleet --stdout`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != sink.Stdout {
				return fmt.Errorf("it takes no argument but %s, for standard output: name the repository with --repo", sink.Stdout)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.stdout = f.stdout || len(args) > 0
			return f.run(cmd)
		},
	}
	cmd.Flags().StringVar(&f.repo, "repo", ".", "the repository's `DIR`, its root")
	cmd.Flags().BoolVar(&f.stdout, "stdout", false, "print the proposal and write no file")
	complete(cmd, "repo", folders)
	return cmd
}

func (f *initFlags) run(cmd *cobra.Command) error {
	root, err := os.OpenRoot(f.repo)
	if err != nil {
		return cli.Usagef("open the repository: %v: name its root with --repo DIR", err)
	}
	defer root.Close()
	file := filepath.Join(f.repo, proposal.File)
	if _, err := root.Lstat(proposal.File); err == nil && !f.stdout {
		return isThere(file)
	}
	p, err := proposal.Of(cmd.Context(), root.FS())
	log := cli.NewLog(cmd.ErrOrStderr(), "enqueue", slog.LevelInfo)
	for _, note := range p.Notes {
		log.Info(note)
	}
	if errors.Is(err, proposal.ErrNothing) {
		return cli.Usagef("%v: write a %s by hand", err, proposal.File)
	} else if err != nil {
		return err
	}
	if f.stdout {
		_, err := io.WriteString(cmd.OutOrStdout(), p.Text)
		return err
	}
	if err := create(root, proposal.File, p.Text); errors.Is(err, fs.ErrExist) {
		return isThere(file)
	} else if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: read it, it is a proposal\nnext: enqueue config verify, then enqueue validate\n", file)
	return err
}

func isThere(file string) error {
	return cli.Usagef("%s is there already and stays as it is: print a proposal with --stdout", file)
}

// create writes a new file. One that cannot be written to its end is not left behind, and
// what is there already stays.
func create(root *os.Root, name, text string) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}
