// Package command checks units by programs that the operators of workers offer.
//
//	Definition   what an operator says of a command: the program, what its exit codes and its output mean
//	Offers       the definitions that stand on this machine, each a kind of check
//	session      the checks of a section that run one command
//
// A repository names a command and sets the arguments that its definition lets it set. The program
// runs behind the walls of package sandbox; what it prints is read by package output.
package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/checks/declared"
	"github.com/seed306eabeb/muster/id"
	"github.com/seed306eabeb/muster/verdict"
)

// Name is the name of the family; its members are called by id.CommandCheck.
const Name = "command"

// Family is the kind of check that stands for all commands. What it gives knows the rules of a
// section and can run nothing: who offers a command has a kind of its own for it.
func Family() check.Family { return family{} }

type family struct{}

func (family) Name() string                      { return Name }
func (family) Engine() string                    { return digest() }
func (family) Rules() []verdict.Rule             { return nil }
func (family) Open(fs.FS) (check.Session, error) { return nil, errors.New("a command has a name") }
func (family) Member(name string) check.Kind {
	if command, ok := id.CommandOf(name); ok && id.IsCommand(command) {
		return absent{command}
	}
	return nil
}

// absent is a command that this process does not offer.
type absent struct{ command string }

func (k absent) Name() string          { return id.CommandCheck(k.command) }
func (k absent) Engine() string        { return "" }
func (k absent) Rules() []verdict.Rule { return nil }
func (k absent) Open(shared fs.FS) (check.Session, error) {
	return openSection(k.command, shared)
}

// NotOfferedError says that this process does not have a command.
type NotOfferedError struct{ Command string }

func (e NotOfferedError) Error() string {
	return fmt.Sprintf("this process does not offer the command %q: define it with --commands FILE, or leave the unit to a worker that does", e.Command)
}

// session is the checks of a section that run one command.
type session struct {
	section declared.Section
	command string
	checks  []declared.Check
}

func openSection(command string, shared fs.FS) (*session, error) {
	text, err := fs.ReadFile(shared, declared.SectionFile)
	if err != nil {
		return nil, fmt.Errorf("read what is declared: %w", err)
	}
	section, err := declared.DecodeSection(text)
	if err != nil {
		return nil, fmt.Errorf("read what is declared: %w", err)
	}
	return &session{section, command, section.Runs(command)}, nil
}

func (s *session) Findings() []verdict.Finding { return nil }
func (s *session) Joins() []verdict.Join       { return nil }
func (s *session) Traits() check.Traits        { return check.Traits{Impure: true} }

// Rules are the checks that run the command.
func (s *session) Rules() (all []verdict.Rule) {
	for _, c := range s.checks {
		all = append(all, c.AsRule())
	}
	return all
}

func (s *session) Check(context.Context, check.Unit, []string) (verdict.Decision, error) {
	return verdict.Decision{Regions: []string{}}, NotOfferedError{s.command}
}
