package isolate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// Answer is the child's part: it reads the question of a Decider from in, decides the task
// in this process, and writes the answer to out. An error means that there is no answer.
func Answer(ctx context.Context, in io.Reader, out io.Writer, kinds check.Kinds, limit int) error {
	var q question
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		return fmt.Errorf("read the question: %w", err)
	}
	dieFirst()
	var a answer
	v, err := DecideTask(ctx, kinds, q.Task, q.Unit, q.Shared, limit)
	if err != nil {
		a.Undecided = err.Error()
	}
	if v.Unit != "" {
		if a.Verdict, err = v.Encode(verdict.Version); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(a)
}

// dieFirst asks Linux to kill this process before all others when memory runs out. Where
// that cannot be asked for, the process may well be the largest one by then.
func dieFirst() { _ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) }

// DecideTask checks one task in this process, given its packed bundles. It trusts them
// only if they have the digests that the task names. An error means that the unit could
// not be decided; it comes with the failed verdict if a check has begun.
func DecideTask(ctx context.Context, kinds check.Kinds, t tasks.Task, unit, shared []byte, limit int) (verdict.Verdict, error) {
	session, err := check.NewSessions(kinds).Open(t.Names(), t.Shared, shared)
	if err != nil {
		return verdict.Verdict{}, err
	}
	files, err := bundle.Unpack(unit, t.Digest, limit)
	if err != nil {
		return verdict.Verdict{}, fmt.Errorf("unpack %q: %w", t.Unit, err)
	}
	return session.Decide(ctx, check.Request{Unit: t.Unit, Path: t.Path, Files: files, Regions: t.Regions, Limit: t.Timeout()})
}
