package ledger

import (
	"context"
	"errors"
	"time"
)

// The first and the longest pause between two tries while Redis does not answer.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// Retry repeats a step until it succeeds, ctx ends, or the error is one that repeating
// does not change. It reports each error that it answers with another try.
func Retry(ctx context.Context, step func(context.Context) error, report func(error)) error {
	for span := firstPause; ; span = min(2*span, lastPause) {
		err := step(ctx)
		if err == nil || permanent(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(err)
		if err := Sleep(ctx, span); err != nil {
			return err
		}
	}
}

// Sleep waits for d or the end of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// permanent says whether an error stays when the step is repeated.
func permanent(err error) bool {
	changed, owned := (*ChangedError)(nil), (*OwnedError)(nil)
	return errors.Is(err, ErrGone) || errors.Is(err, ErrFormat) || errors.Is(err, ErrOtherTotal) || errors.Is(err, ErrReplaced) || errors.Is(err, ErrSealed) || errors.As(err, &changed) || errors.As(err, &owned)
}
