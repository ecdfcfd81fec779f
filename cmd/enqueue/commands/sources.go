package commands

import (
	"context"
	"io"
	"io/fs"
	"slices"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/ledger"
	"github.com/seed306eabeb/muster/report"
	"github.com/seed306eabeb/muster/run"
	"github.com/seed306eabeb/muster/scope"
	"github.com/seed306eabeb/muster/sources"
)

// checked is where the bytes are that a run has checked.
type checked struct {
	fetch  sources.Fetch     // of units; nil where nobody has them
	others map[string][]byte // files that decide what is verified, as they were before
}

// checkedIn are the bytes of a checkout, where they have not changed.
func checkedIn(ctx context.Context, s scope.Scope) checked {
	return checked{sources.Checkout(ctx, s.Fleet), governing(s.Fleet)}
}

// orStored takes from Redis what has changed in a checkout.
func (c checked) orStored(ctx context.Context, l *ledger.Ledger) checked {
	c.fetch = sources.Either(c.fetch, sources.Stored(ctx, l))
	return c
}

// checkedBy are the bytes that the workers of a run have checked.
func checkedBy(ctx context.Context, l *ledger.Ledger) checked {
	return checked{fetch: sources.Stored(ctx, l)}
}

// lines are those of what a run has found.
func (c checked) lines(r run.Result) report.Sources {
	if c.fetch == nil {
		return nil
	}
	return sources.New(r.Summary, r.Shared, c.others, c.fetch)
}

// mostGoverning is the most bytes of a file of which lines are shown although no check has
// read it.
const mostGoverning = 1 << 20

// governing are the files that decide what is verified: a mistake in them is shown, too.
func governing(f scope.Fleet) map[string][]byte {
	found := map[string][]byte{}
	layout := f.Layout()
	for _, name := range append(slices.Clone(layout.Governing), layout.Marker, config.Marker) {
		info, err := f.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > mostGoverning {
			continue
		}
		if data, err := readSome(f.FS(), name); err == nil {
			found[name] = data
		}
	}
	return found
}

func readSome(files fs.FS, name string) ([]byte, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, mostGoverning))
}
