package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed306eabeb/muster/id"
)

// Suspects reads which of the units a worker has died over, by what Reissue was told.
func (l *Ledger) Suspects(ctx context.Context, run id.Run, units []id.Unit) (map[id.Unit]bool, error) {
	if len(units) == 0 {
		return nil, nil
	}
	states, err := l.plain.HMGet(ctx, keysOf(run).attempts, fields(units)...).Result()
	if err != nil {
		return nil, fmt.Errorf("read the suspects of run %s: %w", run, err)
	}
	suspects := map[id.Unit]bool{}
	for i, state := range states {
		text, _ := state.(string)
		if f := strings.Fields(text); len(f) > 1 && f[1] == "1" {
			suspects[units[i]] = true
		}
	}
	return suspects, nil
}
