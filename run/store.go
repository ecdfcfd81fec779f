package run

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// store is the ledger as a worker's handler sees it: it puts tasks and verdicts into
// the ledger's words.
type store struct {
	ledger   *ledger.Ledger
	recorder *recorder
	log      *slog.Logger
}

func (s store) Begin(ctx context.Context, v tasks.Task, delivery string, want ...string) (bool, [][]byte, error) {
	leave, bundles, err := s.ledger.Begin(ctx, v.Run, v.Unit, v.Digest, v.Attempt, delivery, want...)
	if err != nil {
		return false, nil, err
	}
	if leave != ledger.Go {
		s.log.Debug("task dropped", "run", v.Run, "service", v.Unit, "attempt", v.Attempt, "because", leave)
	}
	return leave == ledger.Go, bundles, nil
}

func (s store) Record(ctx context.Context, v tasks.Task, delivery string, decided verdict.Verdict) error {
	return s.record(ctx, v.Run, v.Digest, delivery, decided)
}

func (s store) Refuse(ctx context.Context, run, _, delivery string, decided verdict.Verdict) error {
	return s.record(ctx, run, ledger.AnyDigest, delivery, decided)
}

func (s store) record(ctx context.Context, run, digest, delivery string, decided verdict.Verdict) error {
	e, err := entryOf(digest, delivery, decided)
	if err != nil {
		return err
	}
	return s.recorder.record(ctx, run, e)
}

func (s store) Release(ctx context.Context, v tasks.Task, delivery string) error {
	return s.ledger.Release(ctx, v.Run, v.Unit, delivery)
}

func (s store) Lacking(ctx context.Context, v tasks.Task, _ string) error {
	return s.ledger.BundleMissing(ctx, v.Run, v.Unit, v.Attempt)
}

// recordNow writes one verdict and waits until it is written.
func recordNow(ctx context.Context, l *ledger.Ledger, log *slog.Logger, run, digest, delivery string, decided verdict.Verdict) error {
	e, err := entryOf(digest, delivery, decided)
	if err != nil {
		return err
	}
	outcome, err := l.Record(ctx, run, e)
	if err == nil {
		heard(log, run, e.Unit, outcome)
	}
	return err
}

func entryOf(digest, delivery string, v verdict.Verdict) (ledger.Entry, error) {
	body, essence, err := v.EncodeBoth()
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("record the verdict of %q: %w", v.Unit, err)
	}
	return ledger.Entry{
		Unit: v.Unit, Digest: digest, Shared: v.Shared, Kind: string(v.Kind),
		Delivery: delivery, Canonical: essence, Body: body,
	}, nil
}

// heard notes what the ledger answered to a verdict.
func heard(log *slog.Logger, run, service string, o ledger.Outcome) {
	switch o {
	case ledger.Recorded:
	case ledger.Contradiction:
		log.Error("another verdict for the same bytes: a checker is not deterministic, please report it", "run", run, "service", service)
	default:
		log.Debug("verdict not counted", "run", run, "service", service, "because", o)
	}
}
