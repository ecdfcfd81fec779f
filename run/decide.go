package run

import (
	"context"
	"fmt"
	"time"

	"github.com/seed306eabeb/muster/bundle"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/tasks"
	"github.com/seed306eabeb/muster/verdict"
)

// blank is a verdict of this process that says only what it is about.
func (o opened) blank(service string) verdict.Verdict {
	return verdict.Verdict{Unit: service, Shared: string(o.shared.Digest()), Checker: o.Checker.Name(), Engine: o.Checker.Engine(), Worker: o.name}
}

// unpackable is the verdict about a folder that cannot be read as it should: too
// large is the service's own mistake, the rest could not be decided.
func unpackable(o opened, service string, err error) verdict.Verdict {
	v := o.blank(service)
	if findings, ok := fleet.Findings(service, err); ok {
		v.Settle(verdict.Decision{Regions: []string{}, Findings: findings})
	} else {
		v.Fail(fmt.Sprintf("its folder cannot be read: %v", err))
	}
	return v
}

// checkHere decides a packed service in this process.
func checkHere(ctx context.Context, o opened, service string, files bundle.Bundle, timeout time.Duration) verdict.Verdict {
	v := o.blank(service)
	v.Digest = string(files.Digest())
	start := time.Now()
	d, err := tasks.Check(ctx, o.session, verdict.Unit{Name: service, Files: files.FS()}, o.regions, timeout)
	if err != nil {
		v.Fail(err.Error())
	} else {
		v.Settle(d)
	}
	v.Micros = time.Since(start).Microseconds()
	return v
}

// DecideTask verifies one task in this process, given its packed bundles, and trusts
// nothing but their digests.
func DecideTask(ctx context.Context, checkers []verdict.Checker, v tasks.Task, unit, shared []byte, limit int) (verdict.Verdict, error) {
	checker := checkerOf(checkers, v.Checker)
	if checker == nil {
		return verdict.Verdict{}, fmt.Errorf("there is no checker %q", v.Checker)
	}
	o := opened{Scope: Scope{Checker: checker}, regions: v.Regions}
	var err error
	if o.shared, err = bundle.Unpack(shared, bundle.Digest(v.Shared), fleet.SharedLimit); err != nil {
		return verdict.Verdict{}, err
	}
	if o.session, err = checker.Open(o.shared.FS()); err != nil {
		return verdict.Verdict{}, err
	}
	files, err := bundle.Unpack(unit, bundle.Digest(v.Digest), limit)
	if err != nil {
		return verdict.Verdict{}, err
	}
	return checkHere(ctx, o, v.Unit, files, v.Timeout()), nil
}
