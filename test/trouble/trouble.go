//go:build unix

// Package trouble is a kind of check for tests of faults and for benchmarks: a unit says
// itself how its check goes wrong, or what it costs. Mains of its own in test/faults link it
// into the commands. It is as impure as a check must not be.
//
// A unit's file "do" has one step a line, taken in order:
//
//	sleep DURATION   takes its time, unless the check is cancelled
//	spin DURATION    takes that much time of a CPU, unless cancelled
//	wait NAME        waits for the file NAME in $TROUBLE_GATES, unless cancelled
//	hang             never returns, whatever its context says
//	panic            panics
//	kill             kills its own process
//	eat MIB          takes that much memory, until it returns
//	bad              one finding of severity error
//	differ           the same, in a process with $TROUBLE_DIFFERS only
//
// A unit without a finding is ok. In a repository with a muster.yaml the steps stand in comments
// (Around).
package trouble

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/verdict"
)

// The environment of a process that checks.
const (
	GatesEnv   = "TROUBLE_GATES"   // the folder of wait's files
	DiffersEnv = "TROUBLE_DIFFERS" // not empty: differ finds something
	EngineEnv  = "TROUBLE_ENGINE"  // the kind's engine, as a version has its own
)

// The layout of a repository.
const (
	Marker = "trouble.conf"
	Units  = "units"
	File   = "do"
	region = "here"
)

// Rule is what a unit that says bad is found to break.
var Rule = verdict.Rule{Code: "T001", Name: "told-to-be-bad", Severity: verdict.Error, Summary: "a unit does not say bad"}

// New makes the kind of check.
func New() check.Kind { return kind{} }

// Config is that of a repository whose units make trouble.
func Config() config.Config {
	return config.Config{Checks: check.Kinds{New()}, Layout: fleet.Layout{Marker: Marker, Kinds: []fleet.Kind{{
		Name: "unit", At: []string{Units + "/*/"}, ByName: true, Shared: []string{Marker},
		File: func(path string) bool { return path == File },
	}}}}
}

type kind struct{}

func (kind) Name() string          { return "trouble" }
func (kind) Engine() string        { return cmp.Or(os.Getenv(EngineEnv), "trouble-1") }
func (kind) Rules() []verdict.Rule { return []verdict.Rule{Rule} }

func (kind) Open(fs.FS) (check.Session, error) { return session{}, nil }

type session struct{}

func (session) Findings() []verdict.Finding       { return nil }
func (session) Joins() []verdict.Join             { return nil }
func (session) Traits() check.Traits              { return check.Traits{} }
func (session) Regions() []string                 { return []string{region} }
func (session) Region(name string) (string, bool) { return region, name == region }

func (session) Check(ctx context.Context, u check.Unit, regions []string) (verdict.Decision, error) {
	d := verdict.Decision{Regions: regions}
	text, err := fs.ReadFile(u.Files, File)
	if err != nil {
		return d, err
	}
	d.Findings, err = takeAll(ctx, text, "", string(Units+"/"+u.Name+"/"+File))
	return d, err
}

// takeAll does the steps that stand behind a prefix in the lines of a file.
func takeAll(ctx context.Context, text []byte, prefix, file string) (found []verdict.Finding, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, ok := strings.CutPrefix(lines.Text(), prefix)
		if !ok {
			continue
		}
		step, argument, _ := strings.Cut(line, " ")
		bad, err := take(ctx, step, argument)
		if err != nil {
			return found, fmt.Errorf("%s line %d: %w", path.Base(file), n, err)
		}
		if bad {
			found = append(found, Rule.At(verdict.Place{File: file, Line: n, Column: 1}, "the unit says "+step, ""))
		}
	}
	return found, lines.Err()
}

// take does one step.
func take(ctx context.Context, step, argument string) (found bool, err error) {
	switch step {
	case "sleep":
		return false, last(ctx, argument, pause)
	case "spin":
		return false, last(ctx, argument, spin)
	case "wait":
		return false, await(ctx, filepath.Join(os.Getenv(GatesEnv), argument))
	case "hang":
		select {}
	case "panic":
		panic("the unit says panic")
	case "kill":
		return false, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "eat":
		return false, eat(argument)
	case "bad":
		return true, nil
	case "differ":
		return os.Getenv(DiffersEnv) != "", nil
	}
	return false, fmt.Errorf("unknown step %q", step)
}

// eat takes memory, and touches all of it.
func eat(argument string) error {
	mib, err := strconv.Atoi(argument)
	if err != nil {
		return err
	}
	var all [][]byte
	for range mib {
		some := make([]byte, 1<<20)
		for i := 0; i < len(some); i += os.Getpagesize() {
			some[i] = 1
		}
		all = append(all, some)
	}
	runtime.KeepAlive(all)
	return nil
}

// last does what takes the duration that a step names.
func last(ctx context.Context, argument string, do func(context.Context, time.Duration) error) error {
	d, err := time.ParseDuration(argument)
	if err != nil {
		return err
	}
	return do(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lookEvery is how often a waiting unit looks for its file.
const lookEvery = 5 * time.Millisecond

func await(ctx context.Context, file string) error {
	for {
		if _, err := os.Stat(file); err == nil {
			return nil
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
}
