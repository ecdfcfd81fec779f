package ledger

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// Standing is what Expect answers.
type Standing string

// What Expect answers.
const (
	Expected Standing = "expected" // push its task
	Decided  Standing = "decided"  // it has a verdict
	Ended    Standing = "ended"    // the run is closed or cancelled
)

// ChangedError is what Expect returns for a service that the run expects with
// another digest: the folder has changed since the run began.
type ChangedError struct{ Run, Unit, Was, Is string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("run %s expects service %q with digest %.12s, and its folder now has %.12s: start a new run", e.Run, e.Unit, e.Was, e.Is)
}

// Expectation is how the run expects a service.
type Expectation struct {
	Standing Standing
	Attempt  int  // that the service is in, if it is Expected
	Held     bool // its bundle is in Redis, and kept for TTL
}

// Expecter records with which digests the services of one run are expected, many
// in a round trip. It is safe for concurrent use.
type Expecter struct {
	run string
	all batcher[expectRequest, expectReply]
}

// expectRequest is a service with its digest.
type expectRequest struct{ unit, digest string }

// expectReply is what Redis answers for one service: the script's word and detail, and
// whether it has the bundle.
type expectReply struct {
	word, detail string
	held         bool
}

// Expecter makes the expecter of a run.
func (l *Ledger) Expecter(run string) *Expecter {
	e := &Expecter{run: run}
	e.all.call = func(ctx context.Context, services []expectRequest) ([]expectReply, error) {
		return l.expect(ctx, run, services)
	}
	return e
}

// Expect records the digest that a listed service was packed with, says which
// attempt the service is in, and asks for the bundle. It must be called before the
// service's task is pushed; a bundle that is not held must be put in between.
func (e *Expecter) Expect(ctx context.Context, service, digest string) (Expectation, error) {
	answer, err := e.all.do(ctx, expectRequest{service, digest})
	if err != nil {
		return Expectation{}, fmt.Errorf("expect %q in run %s: %w", service, e.run, err)
	}
	return answer.read(e.run, service, digest)
}

// Expect is Expecter.Expect once.
func (l *Ledger) Expect(ctx context.Context, run, service, digest string) (Expectation, error) {
	return l.Expecter(run).Expect(ctx, service, digest)
}

func (l *Ledger) expect(ctx context.Context, run string, services []expectRequest) ([]expectReply, error) {
	k := keysOf(run)
	keys := []string{k.run, k.expect, k.decided, k.attempts}
	args := make([]any, 0, 2*len(services))
	for _, s := range services {
		args = append(args, s.unit, s.digest)
	}
	var script *redis.Cmd
	kept := make([]*redis.BoolCmd, len(services))
	// Each command has its own error.
	_, _ = l.bulk.Pipelined(ctx, func(p redis.Pipeliner) error {
		script = expectScript.EvalSha(ctx, p, keys, args...)
		for i, s := range services {
			kept[i] = p.Expire(ctx, bundleKey(s.digest), l.ttl)
		}
		return nil
	})
	said, err := words(orEval(ctx, l.bulk, script, expectScript, keys, args...), len(args))
	if err != nil {
		return nil, err
	}
	answers := make([]expectReply, len(services))
	for i := range answers {
		held, err := kept[i].Result()
		if err != nil {
			return nil, fmt.Errorf("ask for bundle %.12s: %w", services[i].digest, err)
		}
		answers[i] = expectReply{said[2*i], said[2*i+1], held}
	}
	return answers, nil
}

// read puts an answer into the caller's words.
func (e expectReply) read(run, service, digest string) (Expectation, error) {
	switch Standing(e.word) {
	case Expected:
		attempt, err := strconv.Atoi(e.detail)
		return Expectation{Expected, attempt, e.held}, err
	case Decided, Ended:
		return Expectation{Standing: Standing(e.word), Held: e.held}, nil
	}
	switch e.word {
	case "changed":
		return Expectation{}, &ChangedError{run, service, e.detail, digest}
	case "unlisted":
		return Expectation{}, fmt.Errorf("expect %q in run %s: its name was not recorded: %w", service, run, ErrGone)
	}
	return Expectation{}, fmt.Errorf("expect %q in run %s: %w", service, run, ErrGone)
}
