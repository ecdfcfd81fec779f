package run

import (
	"context"
	"errors"
	"time"

	"github.com/seed306eabeb/muster/ledger"
)

// The pauses between two tries while Redis does not answer.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// patiently repeats step until it works, ctx ends, or the error is one that
// repeating does not change. Each failure that is repeated is reported.
func patiently(ctx context.Context, step func(context.Context) error, report func(error)) error {
	for span := firstPause; ; span = min(2*span, lastPause) {
		err := step(ctx)
		if err == nil || final(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(err)
		if err := pause(ctx, span); err != nil {
			return err
		}
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// final says whether an error stays when the step is repeated.
func final(err error) bool {
	changed := (*ledger.ChangedError)(nil)
	return errors.Is(err, ledger.ErrGone) || errors.Is(err, ledger.ErrFormat) || errors.Is(err, ledger.ErrOtherTotal) || errors.As(err, &changed)
}
