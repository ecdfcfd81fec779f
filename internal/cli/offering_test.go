package cli

import (
	"io/fs"
	"testing"

	"github.com/seed306eabeb/muster/check"
	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/verdict"
)

// lint is a command that a process offers.
type lint struct{}

func (lint) Name() string                      { return "command/lint" }
func (lint) Engine() string                    { return "lint-1" }
func (lint) Rules() []verdict.Rule             { return nil }
func (lint) Open(fs.FS) (check.Session, error) { return nil, nil }

// TestOfferedCommandsGoBeforeTheirFamily: who decides a task finds the command, and not the kind that
// can run nothing; and so does who loads a repository.
func TestOfferedCommandsGoBeforeTheirFamily(t *testing.T) {
	t.Parallel()
	bare := Program{Configs: config.Builtin()}
	p := bare.Offering(check.Kinds{lint{}})
	if got := p.Kinds().Named("command/lint").Engine(); got != "lint-1" {
		t.Errorf("tasks are decided with the engine %q", got)
	}
	if got := p.Kinds().Named("command/other"); got == nil || got.Engine() != "" {
		t.Errorf("another command is %v", got)
	}
	if got := bare.Kinds().Named("command/lint").Engine(); got != "" {
		t.Errorf("the program without it has the engine %q", got)
	}
}
