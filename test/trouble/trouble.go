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
//	kill-parent      kills the process that has started it
//	kill-all         kills every process that it may kill
//	leave DURATION   starts a program that goes on for that long
//	eat MIB          takes that much memory, until it returns
//	bad              one finding of severity error
//	differ           the same, in a process with $TROUBLE_DIFFERS only
//
// A unit without a finding is ok. In a repository with a muster.yaml the steps stand in comments
// (Around). The program test/faults/steps takes them, too, for workers that offer it as a command.
package trouble

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/test/trouble/steps"
	"github.com/seed306eabeb/muster/verdict"
)

// The environment of a process that checks.
const (
	GatesEnv   = steps.GatesEnv
	DiffersEnv = steps.DiffersEnv
	EngineEnv  = "TROUBLE_ENGINE" // the kind's engine, as a version has its own
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
	all, err := steps.TakeAll(ctx, text, prefix)
	for _, bad := range all {
		found = append(found, Rule.At(verdict.Place{File: file, Line: bad.Line, Column: 1}, "the unit says "+bad.Step, ""))
	}
	if err != nil {
		err = fmt.Errorf("%s %w", path.Base(file), err)
	}
	return found, err
}
