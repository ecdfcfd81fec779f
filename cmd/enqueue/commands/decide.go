package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/worker"
)

// question is what the decide command reads: a task and its packed bundles.
type question struct {
	Task   tasks.Task
	Unit   []byte
	Shared []byte
}

// newDecideCmd verifies one service that may kill the process which does it. Only
// isolate calls it.
func newDecideCmd(p cli.Program) *cobra.Command {
	return &cobra.Command{
		Use:    "decide",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var q question
			if err := json.NewDecoder(cmd.InOrStdin()).Decode(&q); err != nil {
				return fmt.Errorf("read the question: %w", err)
			}
			v, err := worker.DecideTask(cmd.Context(), p.Checkers, q.Task, q.Unit, q.Shared, cli.UnitLimit)
			if err != nil {
				return err
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(v)
		},
	}
}

// isolate is run.Isolate in a child of this process.
func isolate(ctx context.Context, task tasks.Task, unit, shared []byte) (verdict.Verdict, error) {
	self, err := os.Executable()
	if err != nil {
		return verdict.Verdict{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*task.Timeout())
	defer cancel()
	asked, err := json.Marshal(question{task, unit, shared})
	if err != nil {
		return verdict.Verdict{}, err
	}
	child := exec.CommandContext(ctx, self, "decide")
	child.Stdin = bytes.NewReader(asked)
	out, err := child.Output()
	if err != nil {
		return verdict.Verdict{}, errors.Join(err, ctx.Err())
	}
	var v verdict.Verdict
	return v, json.Unmarshal(out, &v)
}
