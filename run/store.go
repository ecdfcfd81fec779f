package run

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// NewHandler makes a worker's handler, which keeps its books in l.
func NewHandler(l *ledger.Ledger, checkers []verdict.Checker, worker string, unitLimit int, log *slog.Logger) *tasks.Handler {
	return tasks.NewHandler(store{l, log}, checkers, worker, unitLimit, log)
}

// store is the ledger as the handler sees it: it puts tasks and verdicts into
// the ledger's words.
type store struct {
	ledger *ledger.Ledger
	log    *slog.Logger
}

func (s store) Begin(ctx context.Context, v tasks.Verify, delivery string, want ...string) (bool, [][]byte, error) {
	leave, bundles, err := s.ledger.Begin(ctx, v.Run, v.Service, v.Digest, v.Attempt, delivery, want...)
	if err != nil {
		return false, nil, err
	}
	if leave != ledger.Go {
		s.log.Debug("task dropped", "run", v.Run, "service", v.Service, "attempt", v.Attempt, "because", leave)
	}
	return leave == ledger.Go, bundles, nil
}

func (s store) Record(ctx context.Context, v tasks.Verify, delivery string, decided verdict.Verdict) error {
	return s.record(ctx, v.Run, v.Digest, delivery, decided)
}

func (s store) Refuse(ctx context.Context, run, _, delivery string, decided verdict.Verdict) error {
	return s.record(ctx, run, ledger.AnyDigest, delivery, decided)
}

func (s store) record(ctx context.Context, run, digest, delivery string, decided verdict.Verdict) error {
	body, essence, err := decided.Encodings()
	if err != nil {
		return fmt.Errorf("record the verdict of %q: %w", decided.Service, err)
	}
	outcome, err := s.ledger.Record(ctx, run, ledger.Entry{
		Service: decided.Service, Digest: digest, Shared: decided.Shared, Kind: string(decided.Kind),
		Delivery: delivery, Essence: essence, Body: body,
	})
	if err != nil {
		return err
	}
	switch outcome {
	case ledger.Recorded:
	case ledger.Contradiction:
		s.log.Error("another verdict for the same bytes: a checker is not deterministic, please report it",
			"run", run, "service", decided.Service, "engine", decided.Engine)
	default:
		s.log.Debug("verdict not counted", "run", run, "service", decided.Service, "because", outcome)
	}
	return nil
}

func (s store) Release(ctx context.Context, v tasks.Verify, delivery string) error {
	return s.ledger.Release(ctx, v.Run, v.Service, delivery)
}

func (s store) Lacking(ctx context.Context, v tasks.Verify, _ string) error {
	return s.ledger.Lacking(ctx, v.Run, v.Service, v.Attempt)
}
