package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/verdict"
)

// session is the checks of a section that run one command, which stands on this machine.
type session struct {
	section
	offered
}

func (s *session) Rules() []verdict.Rule { return s.section.Rules() }
func (s *session) Traits() check.Traits  { return check.Traits{Impure: !s.offer.Definition.Pure} }

// Ending is how long a check may take to end its program.
func (s *session) Ending() time.Duration { return gracePeriod }

// Check makes all checks of the section that run the command. One that cannot decide leaves the
// others to do so.
func (s *session) Check(ctx context.Context, unit check.Unit, _ []string) (verdict.Decision, error) {
	d := verdict.Decision{Regions: []string{}}
	if unit.Path == "" {
		unit.Path = string(unit.Name)
	}
	u, err := read(unit)
	if err != nil {
		return d, err
	}
	u.shared = s.shared
	var errs []error
	for i := range s.checks {
		r := &reading{unit: u.seenBy(s.checks[i]), check: s.checks[i], definition: s.offer.Definition}
		err := s.run(ctx, r)
		d.Findings = append(d.Findings, r.bounded()...)
		// It may have read something else than what the engine tells of.
		d.Impure = d.Impure || r.bounds || s.offer.Definition.Pure && !s.offer.stands()
		if err != nil {
			d.Impure = true // it may be the machine that it failed for
			if len(s.checks) > 1 {
				err = fmt.Errorf("%s: %w", r.check.ID, err)
			}
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return d, errs[0]
	}
	return d, errors.Join(errs...)
}

// run makes one check.
func (s *session) run(ctx context.Context, r *reading) error {
	if !r.match() {
		return nil
	}
	j, err := s.job(r)
	if err != nil {
		return failure{"argument", err}
	}
	leave, err := s.candidate.enter(ctx)
	if err != nil {
		return err
	}
	result, err := s.runner.Run(ctx, j)
	leave()
	if err != nil {
		return failure{"sandbox", fmt.Errorf("the command %s cannot be run: %w", s.command, err)}
	}
	if result.Ending == sandbox.NoProgram {
		lost := LostError{s.command, cmp.Or(result.Why, "its file is not there, or cannot be run")}
		s.candidate.stumbles.note(lost.Why)
		return lost
	}
	return r.judge(result)
}

// enter waits until one more of the command may run.
func (c *candidate) enter(ctx context.Context) (leave func(), err error) {
	if c.slots == nil {
		return func() {}, ctx.Err()
	}
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// job is what is run for one check.
func (s *session) job(r *reading) (sandbox.Job, error) {
	d := s.offer.Definition
	r.dir = r.unit.folder()
	if d.Dir == DirRoot {
		r.dir = ""
	}
	named := make([]string, len(r.files))
	for i, name := range r.files {
		named[i] = from(r.dir, r.unit.At(name))
	}
	argv, err := d.fill(from(r.dir, r.unit.Path), named, r.check.Args)
	if err != nil {
		return sandbox.Job{}, err
	}
	argv[0] = s.offer.Program
	beside, err := r.beside()
	if err != nil {
		return sandbox.Job{}, err
	}
	return sandbox.Job{
		Argv: argv, Env: environment(d), Dir: r.dir, Read: s.offer.Read, Network: d.Network, GivenUp: s.candidate.givenUp, Limits: d.Limits,
		Files: []sandbox.Tree{{At: r.unit.Dir, Files: r.unit.Files, Names: r.unit.names}, {Files: s.shared, Names: beside}},
	}, nil
}

// parallel are the variables by which runtimes are told on how many processors to compute at once: those of Go, Rust's
// Rayon, OpenMP and Python (3.13). Others ask the kernel, or take arguments alone.
var parallel = []string{"GOMAXPROCS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS", "PYTHON_CPU_COUNT"}

// environment is all that programs of a definition get, "NAME=value" each, sorted.
func environment(d Definition) []string {
	vars := map[string]string{
		"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0", "NO_COLOR": "1", "TERM": "dumb",
	}
	for _, name := range parallel {
		vars[name] = sandbox.ProcessorsPlace
	}
	for name, value := range d.Env {
		vars[name] = value
	}
	var all []string
	for _, name := range sortedKeys(vars) {
		all = append(all, name+"="+vars[name])
	}
	return all
}

// unitFiles is a unit, and the names of its files that programs see.
type unitFiles struct {
	check.Unit
	names     []string // sorted
	irregular []string // those that are not laid out
	shared    fs.FS
}

// read lists the files of a unit.
func read(unit check.Unit) (*unitFiles, error) {
	u := &unitFiles{Unit: unit}
	err := fs.WalkDir(unit.Files, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir():
			return err
		case e.Type().IsRegular():
			u.names = append(u.names, name)
		default:
			u.irregular = append(u.irregular, name)
		}
		return nil
	})
	slices.Sort(u.names)
	slices.Sort(u.irregular)
	return u, err
}

// seenBy is the unit as the program of a check is given it.
func (u *unitFiles) seenBy(c compiled) *unitFiles {
	if len(c.reads) == 0 {
		return u
	}
	seen, hidden := *u, func(file string) bool { return !c.sees(file) }
	seen.names = slices.DeleteFunc(slices.Clone(u.names), hidden)
	seen.irregular = slices.DeleteFunc(slices.Clone(u.irregular), hidden)
	return &seen
}

// folder is where the unit lies: its own folder, or that of its file; "" for the root.
func (u *unitFiles) folder() string {
	if u.Dir != "" {
		return u.Dir
	}
	if dir := path.Dir(u.Path); dir != "." {
		return dir
	}
	return ""
}

// from is a path of the repository, seen from a folder that it lies in, or from the root.
func from(dir, name string) string {
	switch {
	case dir == "":
		return name
	case name == dir:
		return "."
	}
	return name[len(dir)+1:]
}

// has says whether a path of the repository is a file of the unit.
func (u *unitFiles) has(name string) bool {
	inside, ok := u.inside(name)
	if !ok {
		return false
	}
	_, there := slices.BinarySearch(u.names, inside)
	return there
}

// inside is a path of the repository as the unit's files have it.
func (u *unitFiles) inside(name string) (string, bool) {
	switch {
	case u.Dir == "":
		return name, true
	case len(name) > len(u.Dir)+1 && name[:len(u.Dir)+1] == u.Dir+"/":
		return name[len(u.Dir)+1:], true
	}
	return "", false
}
