//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/test/genfleet"
	"github.com/seed306eabeb/muster/test/processes"
)

// bench is what the rows share.
type bench struct {
	size     size
	dir      string // for everything that goes when the bench ends
	shipped  string // the folder of the commands as they are shipped
	outside  outside
	fleets   map[int]testFleet // by the number of services
	progress io.Writer
}

// newBench builds the commands. The caller must close it.
func newBench(ctx context.Context, s size, o outside, progress io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "muster-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // commands run as another user
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	b := &bench{size: s, dir: dir, outside: o, fleets: map[int]testFleet{}, progress: progress}
	if b.shipped, err = b.build(ctx, "shipped", processes.Product); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) build(ctx context.Context, name, mains string) (programs string, err error) {
	programs = filepath.Join(b.dir, name)
	if _, err := os.Stat(programs); err == nil {
		return programs, nil
	}
	b.say("building the commands, %s", name)
	if err := os.Mkdir(programs, 0o755); err != nil {
		return "", err
	}
	return programs, processes.Build(ctx, programs, mains)
}

// troubled is the folder of the commands that know the trouble check.
func (b *bench) troubled(ctx context.Context) (programs string, err error) {
	return b.build(ctx, "troubled", processes.Faults)
}

func (b *bench) close() error { return os.RemoveAll(b.dir) }

// say tells how far the bench is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "bench: %s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// rowTimeout is far more than a row needs, so that the bench ends whatever hangs.
const rowTimeout = 20 * time.Minute

// measure runs one row.
func (b *bench) measure(ctx context.Context, r *row) (*section, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, rowTimeout, fmt.Errorf("it took longer than %s", rowTimeout))
	defer cancel()
	b.say("row %s: %s", r.letter, r.title)
	s := &section{row: r}
	err := r.measure(ctx, b, s)
	if absent := (*absentError)(nil); errors.As(err, &absent) {
		s.note(absent.Error())
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("row %s: %w", r.letter, err)
	}
	return s, nil
}

// rounds calls once as often as every quantity is to be measured.
func (b *bench) rounds(ctx context.Context, row string, once func() error) error {
	for i := range b.size.runs {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b.say("row %s: run %d of %d", row, i+1, b.size.runs)
		if err := once(); err != nil {
			return err
		}
	}
	return nil
}

// testFleet is a generated repository.
type testFleet struct {
	dir       string
	services  int
	oks, errs int // what every right verification of it counts
}

// bad is the fraction of services with a mistake.
const bad = 0.02

// unlike are the kinds of mistake that not every way to validate counts as one err:
// a process that sees some services only misses what two have together, and a
// schedule that cannot be read is a warning of muster's.
var unlike = []string{"duplicate-event-stream", "bad-cron"}

// fleet is a repository of n generated services, made at its first use.
func (b *bench) fleet(n int) (testFleet, error) {
	if f, ok := b.fleets[n]; ok {
		return f, nil
	}
	b.say("writing a fleet of %d services", n)
	o := genfleet.Options{Services: n, Bad: bad, Seed: 1}
	for _, k := range genfleet.Kinds() {
		if !slices.Contains(unlike, k.Name) {
			o.Kinds = append(o.Kinds, k.Name)
		}
	}
	f := testFleet{dir: filepath.Join(b.dir, fmt.Sprintf("fleet-%d", n)), services: n}
	expected, err := genfleet.Write(f.dir, o)
	if err != nil {
		return f, err
	}
	f.oks, f.errs = expected.Valid, expected.Invalid
	b.fleets[n] = f
	return f, nil
}
