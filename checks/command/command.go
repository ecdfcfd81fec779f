// Package command checks units by programs that the operators of workers offer.
//
//	Definition   what an operator says of a command: the program, what its exit codes and its output mean
//	Offers       the definitions that stand on this machine, each a kind of check
//	session      the checks of a section that run one command
//	job          one check of one unit: what lies in the program's folder, and what it is called with
//	reading      what came of a job, read as findings
//
// A repository names a command and sets the arguments that its definition lets it set. The program
// runs behind the walls of package sandbox; what it prints is read by package output. What programs
// are on this machine, and what they may read, package closure knows.
package command

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/fleet"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/sandbox"
	"github.com/seed306eabeb/muster/verdict"
)

// Name is the name of the family; its members are called by id.CommandCheck.
const Name = "command"

// Family is the kind of check that stands for all commands. What it gives knows the rules of a
// section and can run nothing: who offers a command has a kind of its own for it.
func Family() check.Family { return family{} }

// family knows what is offered instead, where anything is.
type family struct{ offered []string }

func (family) Name() string                      { return Name }
func (family) Engine() string                    { return digest() }
func (family) Rules() []verdict.Rule             { return nil }
func (family) Open(fs.FS) (check.Session, error) { return nil, errors.New("a command has a name") }
func (f family) Member(name string) check.Kind {
	if command, ok := id.CommandOf(name); ok && id.IsCommand(command) {
		return absent{NotOfferedError{Command: command, Offered: f.offered}}
	}
	return nil
}

// absent is a command that this process does not offer.
type absent struct{ because NotOfferedError }

func (k absent) Name() string          { return id.CommandCheck(k.because.Command) }
func (k absent) Engine() string        { return "" }
func (k absent) Rules() []verdict.Rule { return nil }
func (k absent) Open(shared fs.FS) (check.Session, error) {
	s, err := openSection(k.because.Command, shared)
	if err != nil {
		return nil, err
	}
	return absentSession{s, k.because}, nil
}

// NotOfferedError says that this process does not have a command.
type NotOfferedError struct {
	Command string
	Why     string   // it does not stand, though it is defined
	Offered []string // the commands that the process has
}

func (e NotOfferedError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("this process cannot offer the command %q: %s", e.Command, e.Why)
	}
	if len(e.Offered) > 0 {
		return fmt.Sprintf("this process does not offer the command %q: it offers %s; define it in the file of --commands, or leave the unit to a worker that has it", e.Command, strings.Join(e.Offered, ", "))
	}
	return fmt.Sprintf("this process does not offer the command %q: define it with --commands FILE, or leave the unit to a worker that does", e.Command)
}

// Outcome is what counters call it.
func (e NotOfferedError) Outcome() string { return "not-offered" }

// section is the checks of one that run one command.
type section struct {
	declared.Section
	command string
	checks  []compiled
	shared  fs.FS
	depends func() id.Digest // names what the checks depend on of the shared tree
}

// compiled is a check with its globs.
type compiled struct {
	declared.Check
	in, reads []fleet.Pattern
}

// sees says whether the program is given a file of a unit.
func (c compiled) sees(file string) bool {
	return len(c.reads) == 0 || slices.ContainsFunc(c.reads, func(p fleet.Pattern) bool { return p.Match(file) })
}

func openSection(command string, shared fs.FS) (section, error) {
	s := section{command: command, shared: shared}
	text, err := fs.ReadFile(shared, declared.SectionFile)
	if err != nil {
		return s, fmt.Errorf("read what is declared: %w", err)
	}
	if s.Section, err = declared.DecodeSection(text); err != nil {
		return s, fmt.Errorf("read what is declared: %w", err)
	}
	for _, c := range s.Runs(command) {
		one := compiled{Check: c}
		if one.in, err = patterns(c.In); err == nil {
			one.reads, err = patterns(c.Reads)
		}
		if err != nil {
			return s, fmt.Errorf("read what is declared: the check %s: %w", c.ID, err)
		}
		s.checks = append(s.checks, one)
	}
	s.depends = sync.OnceValue(s.digest)
	return s, nil
}

func patterns(globs []string) (all []fleet.Pattern, err error) {
	for _, glob := range globs {
		p, err := fleet.ParsePattern(glob)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Reads are the files of a unit that a check's program is given.
func (s section) Reads() func(file string) bool {
	if len(s.checks) == 0 || slices.ContainsFunc(s.checks, func(c compiled) bool { return len(c.reads) == 0 }) {
		return nil
	}
	return func(file string) bool {
		return slices.ContainsFunc(s.checks, func(c compiled) bool { return c.sees(file) })
	}
}

// Shared names all that the checks depend on of the shared tree: what is declared of them, and the files that
// lie beside the units, with their paths. What is declared of others, and what others read, is not in it.
func (s section) Shared() id.Digest { return s.depends() }

// digest is what Shared names.
func (s section) digest() id.Digest {
	h := sha256.New()
	add := func(parts ...[]byte) {
		for _, p := range parts {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
			h.Write(p)
		}
	}
	for _, c := range s.checks {
		add([]byte("check"), declared.Section{Checks: []declared.Check{c.Check}}.Encode())
		files, err := besides(s.shared, c.With)
		if err != nil {
			add([]byte("unreadable"), []byte(err.Error()))
		}
		for _, name := range files {
			data, err := fs.ReadFile(s.shared, name)
			if err != nil {
				add([]byte("unreadable"), []byte(err.Error()))
			}
			add([]byte(name), data)
		}
	}
	return id.Digest(hex.EncodeToString(h.Sum(nil)))
}

// besides are the files of a shared tree at and below some paths, sorted.
func besides(shared fs.FS, paths []string) (files []string, err error) {
	for _, name := range paths {
		err := fs.WalkDir(shared, path.Clean(name), func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && name != declared.SectionFile {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("what lies beside the unit cannot be read: %w", err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func (s section) Findings() []verdict.Finding { return nil }
func (s section) Joins() []verdict.Join       { return nil }

// Rules are the checks that run the command.
func (s section) Rules() (all []verdict.Rule) {
	for _, c := range s.checks {
		all = append(all, c.AsRule())
	}
	return all
}

// absentSession decides nothing.
type absentSession struct {
	section
	because NotOfferedError
}

func (absentSession) Traits() check.Traits { return check.Traits{Impure: true} }
func (s absentSession) Check(context.Context, check.Unit, []string) (verdict.Decision, error) {
	return verdict.Decision{Regions: []string{}}, s.because
}

// offered is a command that stands on this machine.
type offered struct {
	offer     Offer
	candidate *candidate
	runner    sandbox.Runner
}

func (k offered) Name() string          { return id.CommandCheck(k.offer.Definition.Name) }
func (k offered) Engine() string        { return k.offer.Engine }
func (k offered) Rules() []verdict.Rule { return nil }
func (k offered) Open(shared fs.FS) (check.Session, error) {
	s, err := openSection(k.offer.Definition.Name, shared)
	if err != nil {
		return nil, err
	}
	return &session{s, k}, nil
}

// LostError says that a program cannot be started which was there at the last look: another process may
// have one that can, and nothing is said of the unit.
type LostError struct{ Command, Why string }

func (e LostError) Error() string {
	return fmt.Sprintf("the program of the command %q cannot be started: %s", e.Command, e.Why)
}

// Lost is whose program it is.
func (e LostError) Lost() string { return e.Command }

// Outcome is what counters call it.
func (e LostError) Outcome() string { return "lost" }

// gracePeriod is how long a job may take to end after its context has.
const gracePeriod = 5 * time.Second
